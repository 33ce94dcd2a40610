import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../contract/decode.ts';
import { ExecutionScanner } from './execution-scanner.ts';
import type { ExecutionEvent, InputEvent } from '../../core/event.ts';

const OPTIONS = { aliases: new Map([['XBT', 'BTCUSD']]) };

/** What the general way makes of a line: its event, or null where it is refused. */
function generally(line: Uint8Array): { event: InputEvent | null; futureTime: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(line).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return { event: null, futureTime: false };
    throw error;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { event: null, futureTime: false };
  const decoded = decodeEvent(value as Record<string, unknown>, OPTIONS);
  return decoded.event === null ? { event: null, futureTime: false } : decoded;
}

/** Scans each line out of one buffer that holds them all, as a file's chunk does. */
function scanAll(lines: readonly (string | Uint8Array)[]): {
  bytes: Uint8Array;
  found: ExecutionEvent | null;
}[] {
  const scanner = new ExecutionScanner(OPTIONS);
  const parts = lines.map((line) => Buffer.from(line));
  const buffer = Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
  let start = 0;
  return parts.map((bytes) => {
    const found = scanner.scan(buffer, start);
    start += bytes.length + 1;
    return { bytes, found };
  });
}

/** Where a line was taken, its event has to be the one of the general way, and no time may have been bent. */
function wrong(lines: readonly (string | Uint8Array)[]): string[] {
  return scanAll(lines).flatMap(({ bytes, found }) => {
    if (found === null) return [];
    const { event, futureTime } = generally(bytes);
    const same =
      !futureTime && JSON.stringify(event) === JSON.stringify(found) && Object.is(found.pnlUsd, pnlOf(event));
    return same
      ? []
      : [
          `${Buffer.from(bytes).toString()}\n  scanned ${JSON.stringify(found)}\n  decoded ${JSON.stringify(event)}`,
        ];
  });
}

function pnlOf(event: InputEvent | null): number | null | undefined {
  return event?.type === 'execution' ? event.pnlUsd : undefined;
}

const FIELDS = [
  ...[
    'ts',
    'ts_ms',
    'timestamp',
    'realized_pnl',
    'pnl_usd',
    'pnl',
    'filled_qty',
    'qty',
    'price',
    'stake_usd',
  ],
  ...['hold_sec', 'entry_ts', 'entry_ts_ms', 'entry_price', 'pnl_pct', 'pnl_gross_usd', 'type', 'symbol'],
  ...[
    'regime',
    'cluster',
    'signal',
    'bot',
    'exit_reason',
    'side',
    'execution_id',
    'order_id',
    'kind',
    'plan_id',
  ],
  ...['fee_usd', 'source', '__proto__', 'constructor', '', 'tsx', 't', 'symbol '],
];

const timeText = fc.oneof(
  fc.integer({ min: 1_690_000_000, max: 1_710_000_000 }).map(String),
  fc.integer({ min: 1_690_000_000_000, max: 1_710_000_000_000 }).map(String),
  fc.double({ min: 1.69e9, max: 1.71e9, noNaN: true }).map(String),
  fc.constantFrom(
    '946684799',
    '946684800',
    '4102444800',
    '4102444801',
    '100000000000',
    '100000000001',
    '0',
    '-1',
  ),
);
const numberText = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .double({ min: -1e6, max: 1e6, noNaN: true })
    .map((value) => value.toFixed(Math.abs(Math.trunc(value)) % 12)),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.nat(25)).map(([digits, decimals]) => {
    const text = String(digits).padStart(decimals + 1, '0');
    return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
  }),
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '1e3',
    '1E-3',
    '1e400',
    '01',
    '-',
    '.5',
    '5.',
    '+1',
    '0x10',
    'NaN',
    '00.1',
  ),
  fc.constantFrom('999999999999999', '9999999999999999', '0.1', '0.30000000000000004', '9007199254740993'),
);
const word = fc.constantFrom(
  'BTC',
  'BTC/USDT',
  'btc-usdt',
  'XBT',
  '@107',
  'ETH/USDT:USDT-241227',
  'TREND',
  'execution',
  'open',
  'plan',
  'p-1',
  '',
  '1',
  'a b',
  '_',
);
const textText = fc.oneof(
  word.map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.string({ maxLength: 12 }).map((text) => `"${text}"`),
  fc.integer({ min: 250, max: 262 }).map((length) => `"${'x'.repeat(length)}"`),
  fc.constantFrom('"\\u0042TC"', '"a\\/b"', '"é"', '"\u007f"', '"a\tb"', '"2023-11-14T22:13:20Z"', '"12.5"'),
);
const valueText = fc.oneof(
  { weight: 3, arbitrary: numberText },
  { weight: 2, arbitrary: timeText },
  { weight: 3, arbitrary: textText },
  fc.constantFrom('null', 'true', 'false', '{}', '[]', '{"a":1}', '[1,"}"]', 'nul', '', '{"ts":1}'),
);
const space = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('', ' ') },
  fc.constantFrom('  ', '\t', '\r', '\u00a0', ' \t '),
);

/** Members in the shape a good execution has, so that many lines get far. */
const goodMembers = fc
  .tuple(timeText, fc.constantFrom('pnl', 'pnl_usd', 'realized_pnl'), numberText, word)
  .map(([ts, pnl, profit, symbol]): [string, string][] => [
    ['ts', ts],
    ['symbol', JSON.stringify(symbol)],
    [pnl, profit],
  ]);
const anyMembers = fc.array(
  fc.tuple(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...FIELDS) }, fc.string({ maxLength: 6 })),
    valueText,
  ),
  { maxLength: 6 },
);

const objectLine = fc
  .tuple(
    goodMembers,
    anyMembers,
    fc.nat(),
    space,
    space,
    space,
    fc.constantFrom('', '', '', ' ', '}', ',', '\r', 'x'),
  )
  .map(([good, more, turn, before, around, after, end]) => {
    const all = [...good, ...more];
    const members = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
    const body = members.map(([name, value]) => `${JSON.stringify(name)}${around}:${after}${value}`);
    return `{${before}${body.join(`${around},${after}`)}${before}}${end}`;
  });
/** Lines without a fault in them, or with few: most of these are taken. */
const plainNumber = fc.integer({ min: -1e8, max: 1e8 }).map((cents) => String(cents / 100));
const plainTime = fc.integer({ min: 1_690_000_000, max: 1_710_000_000 });
const plainText = fc
  .constantFrom('BTC', 'TREND', 'a b', '', 'LONG', 'x-1')
  .map((text) => JSON.stringify(text));
const plainLine = fc
  .tuple(
    plainTime,
    plainNumber,
    fc.constantFrom('pnl', 'pnl_usd', 'realized_pnl'),
    fc.uniqueArray(
      fc.tuple(
        fc.constantFrom(...FIELDS.slice(6, 16), 'fee_usd', 'ts_ms').filter((name) => name !== 'filled_qty'),
        plainNumber,
      ),
      { selector: ([name]) => name, maxLength: 4 },
    ),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...FIELDS.slice(18, 28), 'source', 'type'), plainText), {
      selector: ([name]) => name,
      maxLength: 4,
    }),
    fc.nat(),
    fc.constantFrom('', ' '),
  )
  .map(([ts, profit, pnl, numbers, texts, turn, gap]) => {
    const all = [['symbol', '"BTC/USDT"'], [pnl, profit], ['ts', String(ts)], ...numbers, ...texts];
    const members = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${gap}${value}`).join(`,${gap}`)}}`;
  });
const truncated = fc
  .tuple(fc.oneof(objectLine, plainLine), fc.nat())
  .map(([line, at]) => line.slice(0, at % (line.length + 1)));
const flipped = fc.tuple(fc.oneof(objectLine, plainLine), fc.nat(), fc.nat(255)).map(([line, at, byte]) => {
  const bytes = Buffer.from(line);
  // A line end inside would make it two lines.
  if (byte !== 0x0a) bytes[at % bytes.length] = byte;
  return new Uint8Array(bytes);
});
const line = fc.oneof(
  { weight: 4, arbitrary: plainLine },
  { weight: 4, arbitrary: objectLine },
  { weight: 1, arbitrary: truncated },
  { weight: 2, arbitrary: flipped },
);

describe('the scanner of executions', () => {
  it('gives what JSON.parse and the decoder give, or nothing, for any lines one after another', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
        expect(wrong(lines)).toEqual([]);
        taken += scanAll(lines).filter(({ found }) => found !== null).length;
      }),
      { numRuns: 3000 },
    );
    // Else the property would hold of a scanner that takes nothing.
    expect(taken).toBeGreaterThan(2000);
  });

  it('reads every number it takes to the same bits', () => {
    fc.assert(
      fc.property(numberText, (number) => {
        expect(wrong([`{"ts":1700000000,"symbol":"BTC","pnl":${number}}`])).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes the lines that JSON.stringify and Python write', () => {
    const fields = fc.record(
      {
        ts: fc.integer({ min: 1_690_000_000, max: 1_710_000_000 }),
        symbol: fc.constantFrom('BTC', 'ETHUSDT', 'SOL/USDT:USDT'),
        realized_pnl: fc.integer({ min: -1e8, max: 1e8 }).map((cents) => cents / 100),
        signal: fc.constantFrom('breakout', 'mean reversion', 'a_b-c'),
        regime: fc.constantFrom('TREND', 'CHOP'),
        side: fc.constantFrom('LONG', 'SHORT'),
        qty: fc.integer({ min: 1, max: 1e9 }).map((n) => n / 1e4),
        execution_id: fc.uuid(),
        fee_usd: fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
      },
      { requiredKeys: ['ts', 'symbol', 'realized_pnl'] },
    );
    fc.assert(
      fc.property(fields, (record) => {
        const python = `{${Object.entries(record)
          .map(([name, value]) => `"${name}": ${JSON.stringify(value)}`)
          .join(', ')}}`;
        for (const text of [JSON.stringify(record), python]) {
          const [scanned] = scanAll([text]);
          expect(scanned?.found, text).not.toBeNull();
          expect(scanned?.found).toEqual(generally(Buffer.from(text)).event);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['an empty type, which is no type', '{"type":"","ts":1700000000,"symbol":"BTC","pnl":1}'],
    ['another type', '{"type":"regime","ts":1700000000,"symbol":"BTC","pnl":1}'],
    ['an opening', '{"ts":1700000000,"symbol":"BTC","kind":"open","qty":1}'],
    ['a field twice', '{"ts":1700000000,"symbol":"BTC","pnl":1,"pnl":2}'],
    ['a number as text', '{"ts":1700000000,"symbol":"BTC","pnl":"1"}'],
    ['an event after its arrival', '{"ts":1700000000,"timestamp":1700000061,"symbol":"BTC","pnl":1}'],
    ['no profit', '{"ts":1700000000,"symbol":"BTC"}'],
    ['a second object', '{"ts":1700000000,"symbol":"BTC","pnl":1}{}'],
  ])('leaves %s to the general way', (_what, text) => {
    expect(scanAll([text])[0]?.found).toBeNull();
  });

  it('is not misled by the fields of the line before', () => {
    const lines = [
      '{"ts":1700000000,"symbol":"BTC","pnl":1}',
      '{"ts":1700000001,"symbolx":"BTC","pnl":1}',
      '{"symbol":"ETH","ts":1700000002,"pnl":2}',
      '{"ts" :1700000003,"symbol":"ADA","pnl":3}',
      '{"ts":1700000004,"symbol":"SOL","pnl":4',
    ];
    expect(wrong(lines)).toEqual([]);
    expect(scanAll(lines).map(({ found }) => found?.symbol ?? null)).toEqual([
      'BTC',
      null,
      'ETH',
      'ADA',
      null,
    ]);
  });
});
