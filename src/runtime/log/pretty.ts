/** A line of the log as people read it: `12:34:56.789 info  attribution  BTCUSDT: alpha=… key=value`. */
import { printable } from './printable.ts';

/** What the line begins with; the rest are fields of this one message. */
const HEAD = ['level', 'time', 'service', 'msg', 'err'];
const MAX_FIELDS = 6;
const MAX_FIELD_LENGTH = 100;

/** Takes a JSON line and gives the one for people, with its line end. */
export function prettyLine(json: string): string {
  const line = JSON.parse(json) as Record<string, unknown>;
  const time = textOf(line['time']).slice('2026-01-01T'.length, -'Z'.length);
  const level = textOf(line['level']).padEnd(5);
  const fields = Object.entries(line)
    .filter(([name]) => !HEAD.includes(name))
    .slice(0, MAX_FIELDS)
    .map(([name, value]) => `${printable(name, MAX_FIELD_LENGTH)}=${textOf(value, MAX_FIELD_LENGTH)}`);
  const parts = [`${time} ${level} ${textOf(line['service'])}`, textOf(line['msg']), ...fields, reason(line)];
  return `${parts.filter((part) => part !== '').join('  ')}\n`;
}

/** Of an error its message; its stack is in the JSON only. */
function reason({ err, msg }: Record<string, unknown>): string {
  if (typeof err !== 'object' || err === null || !('message' in err)) return '';
  return err.message === msg ? '' : `(${textOf(err.message)})`;
}

function textOf(value: unknown, maxLength?: number): string {
  if (value === undefined) return '';
  return printable(typeof value === 'string' ? value : JSON.stringify(value), maxLength);
}
