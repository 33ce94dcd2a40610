/**
 * Numbers as people and spreadsheets write them: 1,234.56 and 1.234,56, $ and codes around them, (12.50) for a loss.
 * Strict: what reads two ways (1,234 where nothing in the file says which mark is decimal) is refused, never guessed.
 */

export type DecimalMark = '.' | ',';

export type ParsedDecimal =
  | {
      readonly ok: true;
      readonly value: number;
      /** A currency written with it (`USDT`), upper case. */ readonly unit: string | null;
    }
  | { readonly ok: false; readonly problem: string };

const PLAIN = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/;
const SCIENTIFIC = /^[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}$/;
const SYMBOLS = /R\$|[$€£¥₿₮]/g;
const SYMBOL_UNITS = new Map([
  ['$', 'USD'],
  ['€', 'EUR'],
  ['£', 'GBP'],
  ['₿', 'BTC'],
  ['₮', 'USDT'],
  ['R$', 'BRL'],
]);

/** `mark`: the file's decimal mark where known, null where nothing told. */
export function parseDecimal(text: string, mark: DecimalMark | null): ParsedDecimal {
  const bare = text.trim();
  if (PLAIN.test(bare) && (mark !== ',' || !bare.includes('.')))
    return { ok: true, value: Number(bare), unit: null };
  const split = undress(bare);
  if (split === null) return bad(text);
  const { digits, negative, unit } = split;
  if (SCIENTIFIC.test(digits)) return finite(Number(digits) * (negative ? -1 : 1), unit, text);
  const decimal = decimalText(digits, mark);
  if (decimal === null) return bad(text);
  if (decimal === 'ambiguous')
    return {
      ok: false,
      problem: `"${text}" may be thousands or decimals, and nothing in the file tells: write numbers with a decimal point`,
    };
  return finite(Number(decimal) * (negative ? -1 : 1), unit, text);
}

/** The decimal mark one value proves, null if it fits both readings or is no number. */
export function decimalMarkOf(text: string): DecimalMark | null {
  const split = undress(text.trim());
  if (split === null) return null;
  const { digits } = split;
  const dot = digits.lastIndexOf('.');
  const comma = digits.lastIndexOf(',');
  if (dot >= 0 && comma >= 0) return dot > comma ? '.' : ',';
  if (dot >= 0) {
    if (digits.indexOf('.') !== dot) return ',';
    return /^\d{1,3}\.\d{3}$/.test(digits) && !digits.startsWith('0') ? null : '.';
  }
  if (comma < 0) return null;
  if (digits.indexOf(',') !== comma) return '.';
  return /^[1-9]\d{0,2},\d{3}$/.test(digits) ? null : ',';
}

/** Takes sign, parentheses, currency and blanks off. */
function undress(text: string): { digits: string; negative: boolean; unit: string | null } | null {
  let rest = text.replace(/[\u2212\u2013]/g, '-').replace(/[\s\u00a0\u202f\u2009']/g, '');
  let unit: string | null = null;
  const symbol = rest.match(SYMBOLS);
  if (symbol !== null) {
    if (symbol.length > 1) return null;
    unit = SYMBOL_UNITS.get(symbol[0]) ?? null;
    rest = rest.replace(symbol[0], '');
  }
  let negative = false;
  const parentheses = /^\((.*)\)$/.exec(rest);
  if (parentheses !== null) {
    negative = true;
    rest = parentheses[1] ?? '';
  }
  const sign = /^([+-])(.*)$/.exec(rest);
  if (sign !== null) {
    if (negative) return null;
    negative = sign[1] === '-';
    rest = sign[2] ?? '';
  }
  const trailing = /^([\d.,]+(?:[eE][+-]?\d{1,3})?)([A-Za-z](?:[A-Za-z][A-Za-z0-9]{0,11})?)$/.exec(rest);
  const leading = /^([A-Za-z]{2,12})([+-]?)([\d.,]+)$/.exec(rest);
  if (trailing !== null) {
    unit = (trailing[2] ?? '').toUpperCase();
    rest = trailing[1] ?? '';
  } else if (leading !== null) {
    if (leading[2] !== '' && negative) return null;
    negative ||= leading[2] === '-';
    unit = (leading[1] ?? '').toUpperCase();
    rest = leading[3] ?? '';
  }
  return /^[\d.,]+(?:[eE][+-]?\d{1,3})?$/.test(rest) ? { digits: rest, negative, unit } : null;
}

/** Digits with a decimal point; `ambiguous` if they read two ways, null if they read no way. */
function decimalText(digits: string, mark: DecimalMark | null): string | null {
  const dots = digits.split('.').length - 1;
  const commas = digits.split(',').length - 1;
  if (dots === 0 && commas === 0) return digits;
  const own = decimalMarkOf(digits);
  // A lone point that proves nothing is a decimal point unless the file uses commas; a lone comma needs proof.
  const decimal = own ?? mark ?? (commas === 0 ? '.' : null);
  if (decimal === null) return 'ambiguous';
  if (own !== null && mark !== null && own !== mark) return null;
  const group = decimal === '.' ? ',' : '.';
  const [whole, fraction, ...more] = digits.split(decimal);
  if (whole === undefined || more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction)))
    return null;
  if (whole.includes(group) && !new RegExp(`^\\d{1,3}(?:\\${group}\\d{3})+$`).test(whole)) return null;
  const plain = whole.replaceAll(group, '');
  return fraction === undefined ? plain : `${plain || '0'}.${fraction}`;
}

function finite(value: number, unit: string | null, text: string): ParsedDecimal {
  return Number.isFinite(value) ? { ok: true, value, unit } : bad(text);
}

function bad(text: string): ParsedDecimal {
  return { ok: false, problem: text.trim() === '' ? 'is empty' : `"${text}" is no number` };
}
