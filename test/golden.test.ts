/** The golden vectors of an independent implementation: every decision and every final state, within their tolerance. */
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../src/contract/decode.ts';
import { encode, encodeDecision } from '../src/contract/encode.ts';
import { parseSettings, type SettingText } from '../src/contract/settings.ts';
import { Pipeline } from '../src/core/pipeline/pipeline.ts';
import type { InputEvent } from '../src/core/event.ts';

const FOLDER = fileURLToPath(new URL('golden/', import.meta.url));
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.events.jsonl'))
  .map((file) => file.replace('.events.jsonl', ''));

describe('the golden vectors', () => {
  it('are there', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(9);
  });
  for (const name of NAMES) {
    it(`${name}: every decision and the final state agree`, () => {
      const expected = JSON.parse(readFileSync(join(FOLDER, `${name}.expected.json`), 'utf8')) as Expected;
      const actual = run(name);
      expect(differences(expected.decisions, actual.decisions, 'decisions')).toEqual([]);
      expect(differences(expected.final, actual.final, 'final')).toEqual([]);
      expect(differences(expected.end_tick, actual.endTick, 'end_tick')).toEqual([]);
      expect(differences(expected.equity_usd, actual.equityUsd, 'equity_usd')).toEqual([]);
      expect(actual.executions).toBe(expected.executions);
    });
  }
});

interface Expected {
  end_tick: number;
  executions: number;
  equity_usd: number;
  decisions: unknown[];
  final: Record<string, unknown>;
}

function run(name: string): {
  decisions: unknown[];
  final: unknown;
  endTick: number;
  equityUsd: number;
  executions: number;
} {
  const settingsFile = join(FOLDER, `${name}.settings.json`);
  const own = existsSync(settingsFile)
    ? (JSON.parse(readFileSync(settingsFile, 'utf8')) as Record<string, string | number>)
    : {};
  const enforce = { P28_MODE: 'enforce', P29_MODE: 'enforce', P30_MODE: 'enforce', P31_MODE: 'enforce' };
  const texts = Object.entries<string | number>({ ...enforce, ...own }).map(
    ([setting, value]): [string, SettingText] => [setting, { text: String(value), source: 'golden' }],
  );
  const { settings, violations } = parseSettings(new Map(texts));
  if (settings === null) throw new Error(violations.map((violation) => violation.message).join('; '));
  const decisions: unknown[] = [];
  const pipeline = new Pipeline(settings, 'executions', (decision) =>
    decisions.push(JSON.parse(encodeDecision(decision))),
  );
  let executions = 0;
  for (const event of readEvents(name)) {
    const applied = pipeline.apply(event);
    if (applied === 'applied' && event.type === 'execution' && event.pnlUsd !== null) executions++;
  }
  pipeline.finish();
  const final = JSON.parse(encode(new Map(pipeline.final()))) as unknown;
  return { decisions, final, endTick: pipeline.endTick, equityUsd: pipeline.engine.equityUsd, executions };
}

function readEvents(name: string): InputEvent[] {
  const lines = readFileSync(join(FOLDER, `${name}.events.jsonl`), 'utf8')
    .trim()
    .split('\n');
  const events = lines.map((line) => {
    const decoded = decodeEvent(JSON.parse(line) as Record<string, unknown>, { aliases: new Map() });
    if (decoded.event === null) throw new Error(`${name}: ${line}: ${decoded.rejection.detail}`);
    return decoded.event;
  });
  return events.sort((a, b) => a.ts - b.ts);
}

/** Where two values differ, expected fields only: numbers within 1e-9 relative or 1e-12 absolute, everything else exactly. */
function differences(expected: unknown, actual: unknown, path: string): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const apart = Math.abs(expected - actual);
    return apart <= 1e-12 || apart <= 1e-9 * Math.abs(expected)
      ? []
      : [`${path}: ${expected} but was ${actual}`];
  }
  if (expected === null || typeof expected !== 'object' || actual === null || typeof actual !== 'object')
    return expected === actual
      ? []
      : [`${path}: ${JSON.stringify(expected)} but was ${JSON.stringify(actual)}`];
  if (Array.isArray(expected)) {
    const found = actual as unknown[];
    const parts = expected.flatMap((value, i) =>
      differences(value, found[i], `${path}[${i}] ${describeDecision(value)}`),
    );
    return found.length === expected.length
      ? parts
      : [`${path}: ${expected.length} but were ${found.length}`, ...parts];
  }
  const isOpenMap = path.endsWith('_contrib') || path === 'final';
  const extra = isOpenMap ? Object.keys(actual).filter((key) => !(key in expected)) : [];
  const own = Object.entries(expected).flatMap(([key, value]) =>
    differences(value, (actual as Record<string, unknown>)[key], `${path}.${key}`),
  );
  return [...extra.map((key) => `${path}.${key}: not expected`), ...own];
}

function describeDecision(value: unknown): string {
  const { type, symbol, tick, ts, plan_id } = value as Record<string, unknown>;
  const parts = [type, symbol, tick ?? ts, plan_id].filter((part) => part !== undefined);
  return parts.map((part) => JSON.stringify(part)).join(' ');
}
