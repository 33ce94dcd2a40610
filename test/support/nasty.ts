/** Values and entries that no honest producer sends, from a seed. */

/** Texts that are no plain decimal of a finite number. */
export const NO_NUMBERS = [
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  '+inf',
  '',
  ' ',
  ' 1',
  '0x10',
  '1e999',
  '-1e999',
  '1_000',
  '1,000',
  '１２３',
  '1e',
  '--1',
  'true',
  `0.${'1'.repeat(80)}`,
] as const;

/** Decimals at the edges of what a double holds. */
export const ODD_NUMBERS = [
  '-0',
  '1e-400',
  '-1e-400',
  '5e-324',
  '9007199254740993',
  '1e308',
  '-1e308',
  '1.7976931348623157e308',
  '-1',
  '0.1234567890123456789012345678901234567890',
] as const;

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'ghost',
  '',
  '#token',
  'type',
];
const TEXTS = [
  ...NO_NUMBERS,
  ...ODD_NUMBERS,
  '__proto__',
  'constructor',
  '{"a":1}',
  '[]',
  '\u0000',
  '\ud800',
  '\ufffd\ufffd',
  '%s%n',
  '\r\n*1\r\n$4\r\nPING\r\n',
  'BTC/USDT:USDT',
  '../../etc',
  'x'.repeat(257),
  '💥',
];

/** A valid entry or hash with some of its fields missing, repeated, renamed, or of values nobody asked for. */
export function mutated(fields: Readonly<Record<string, string>>, random: () => number): string[] {
  const among = <One>(all: readonly One[]): One => all[Math.floor(random() * all.length)]!;
  const flat: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const fate = random();
    if (fate < 0.08) continue;
    if (fate < 0.16) flat.push(name, among(TEXTS));
    else if (fate < 0.2) flat.push(among(NAMES), value);
    else flat.push(name, value);
    if (fate > 0.95) flat.push(name, among([value, ...TEXTS]));
  }
  while (random() < 0.3) flat.push(among(NAMES), among(TEXTS));
  if (random() < 0.002) flat.push(among(['blob', 'signal', 'symbol']), 'y'.repeat(66_000));
  return flat.length === 0 ? ['nothing', ''] : flat;
}
