import { describe, expect, it } from 'vitest';
import { createLog, createLogs, type LogOptions } from './log.ts';

function logged(options: Partial<LogOptions>, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(createLog({ level: 'info', service: 'attribution', destination, ...options }));
  return lines;
}
const parsed = (line: string | undefined): Record<string, unknown> =>
  JSON.parse(line ?? '') as Record<string, unknown>;
/** All that steers a terminal or ends a line. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u202e]/u;
const HOSTILE = 'a\nb\u001b[2J\u009b31m\u202e\u2028\ud800"}{';

describe('a line of the log', () => {
  it('is JSON with level, time, service and message, and nothing of the machine', () => {
    const [line] = logged({}, (log) => log.info({ ticks: 3 }, 'BTCUSDT: alpha=0.1'));
    expect(parsed(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'attribution',
      ticks: 3,
      msg: 'BTCUSDT: alpha=0.1',
    });
    expect(line).toMatch(/^[^\n]*\n$/);
  });

  it('is written from its level on', () => {
    const lines = logged({ level: 'warn' }, (log) => {
      log.info('no');
      log.warn('yes');
    });
    expect(lines.map((line) => parsed(line)['msg'])).toEqual(['yes']);
  });

  it.each([{ pretty: false }, { pretty: true }])('is one line whatever it holds: %j', (options) => {
    const lines = logged(options, (log) => {
      log.info(HOSTILE);
      log.info({ name: HOSTILE }, 'text');
      log.error({ err: new Error(HOSTILE) }, 'text');
      log.error(new Error(HOSTILE));
    });
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line.endsWith('\n')).toBe(true);
      expect(line.slice(0, -1)).not.toMatch(UNSAFE);
      expect(line).toContain('b\\');
    }
  });

  it('holds at most 500 characters of a message, a field and an error', () => {
    const long = 'x'.repeat(10_000);
    const lines = logged({}, (log) => {
      log.info({ name: long }, long);
      log.error(new Error(long));
    });
    expect(parsed(lines[0])).toMatchObject({ msg: `${'x'.repeat(499)}…`, name: `${'x'.repeat(499)}…` });
    expect(parsed(lines[1])).toMatchObject({ msg: `${'x'.repeat(499)}…` });
    for (const line of lines) expect(line.length).toBeLessThan(8000);
  });

  it('keeps of an error its kind, code, cause and place, not what hangs on it', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('why') }), {
      code: 'OOM',
      secret: 'hunter2',
    });
    const [line] = logged({}, (log) => log.error({ err: error }, 'commit failed'));
    expect(parsed(line)).toMatchObject({
      msg: 'commit failed',
      err: { type: 'TypeError', message: 'no', code: 'OOM', cause: 'why' },
    });
    expect(line).toContain('log.test.ts');
    expect(line).not.toContain('hunter2');
  });
});

describe('a line for people', () => {
  it('has time, level, service, message and a few fields', () => {
    const [line] = logged({ pretty: true }, (log) => log.warn({ lag: 1.5, op: 'commit' }, 'slow store'));
    expect(line).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}attribution {2}slow store {2}lag=1\.5 {2}op=commit\n$/,
    );
  });

  it('says what an error says, once and without its stack', () => {
    const [, first, second] = logged({ pretty: true }, (log) => {
      log.info('before');
      log.error({ err: new Error('OOM') }, 'commit failed');
      log.error(new Error('OOM'));
    });
    expect(first).toMatch(/ error attribution {2}commit failed {2}\(OOM\)\n$/);
    expect(second).toMatch(/ error attribution {2}OOM\n$/);
  });
});

describe('the logs of one process', () => {
  it('go into one output in the order they were written, each under its service', () => {
    const lines: string[] = [];
    const log = createLogs({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    log('budget').info('first');
    log('proposer').info('second');
    log('budget').info('third');
    expect(lines.map((line) => [parsed(line)['service'], parsed(line)['msg']])).toEqual([
      ['budget', 'first'],
      ['proposer', 'second'],
      ['budget', 'third'],
    ]);
    expect(log('budget')).toBe(log('budget'));
  });
});
