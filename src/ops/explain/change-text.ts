/** A change in plain words, with the numbers that were judged. */
import { exactText, roughText } from './numbers.ts';
import type { InputChange } from '../../core/governor/flip/flips.ts';
import type { InputName, Unit } from '../../core/governor/flip/inputs.ts';

/** `a notional of at most 4,210.55 USD instead of 5,000.00 USD`. */
export function changeText(change: InputChange): string {
  const plain = PLAIN[change.input];
  if (plain !== undefined && !(typeof change.to === 'number' && typeof change.from === 'number'))
    return plain(change);
  if (change.input === 'position_amt' && change.to === 0)
    return `a flat position${insteadOf(change.from, 0, '')}`;
  return numberText(change);
}

function numberText({ kind, input, from, to, unit }: InputChange): string {
  const name = NAMES[input] ?? input;
  if (to === null) return `without ${name}`;
  if (typeof to !== 'number')
    return `${name} ${String(to)} instead of ${from === null ? 'nothing' : String(from)}`;
  const bound = boundOf(input, from, to);
  if (kind === 'plan' && from === null) return `${name} of ${amount(to, unit)} instead of nothing`;
  if (kind !== 'setting' && COUNTS.has(input))
    return `${bound}${amount(to, unit)} ${name}${insteadOf(from, to, '')}`;
  // What a setting counts its name says.
  const said = kind === 'setting' && (unit === 'permits' || unit === 'positions') ? '' : unit;
  return `${name} of ${bound}${amount(to, said)}${insteadOf(from, to, said)}`;
}

/** In place of a quantity that cannot be used, the largest that passes: less does, too. */
function boundOf(input: InputName, from: InputChange['from'], to: number): string {
  if (typeof from !== 'number') return '';
  return to < from || (input === 'qty' && !(from > 0)) ? 'at most ' : 'at least ';
}

/** Counted, not measured. */
const COUNTS: ReadonlySet<InputName> = new Set<InputName>([
  'permits_last_hour',
  'permits_last_5min',
  'open_positions',
]);

function amount(value: number, unit: Unit): string {
  return withUnit(exactText(value, unit === 'USD' && Math.abs(value) >= 1 ? 2 : 0), value, unit);
}

/** What it was, rounded, unless that would look like what it should be. */
function insteadOf(from: InputChange['from'], to: number, unit: Unit): string {
  if (typeof from !== 'number') return '';
  if (from === Infinity && unit === 's') return ' instead of never';
  const rough = withUnit(roughText(from, unit), from, unit);
  return ` instead of ${rough === amount(to, unit) ? amount(from, unit) : rough}`;
}

function withUnit(text: string, value: number, unit: Unit): string {
  if (unit === '') return text;
  const isOne = Math.abs(value) === 1 && (unit === 'permits' || unit === 'positions');
  return `${text} ${isOne ? unit.slice(0, -1) : unit}`;
}

/** Settings are called by their names. */
const NAMES: Readonly<Partial<Record<InputName, string>>> = {
  notional_usd: 'a notional',
  stated_notional_usd: 'a stated notional',
  qty: 'a quantity',
  price: 'a price',
  side: 'the side',
  kill_score: 'a kill score',
  confidence: 'a confidence',
  k_regime_flip: 'a regime-flip score',
  made_at: 'a time',
  age_sec: 'an age',
  budget_usd: 'a budget',
  target_usd: 'a target',
  equity_usd: 'an equity',
  loss_usd: 'a loss of 24 hours',
  permits_last_hour: 'within the hour',
  permits_last_5min: 'within 5 minutes',
  since_last_opening_sec: 'a time since the last opening',
  open_positions: 'open',
  gross_position_usd: 'a sum of all positions',
  mark_usd: 'a mark price',
  reserved_qty: 'a quantity reserved by other exits',
  reserved_usd: 'a sum reserved by other openings of the symbol',
  all_reserved_usd: 'a sum reserved by other openings',
  permitted_day_usd: 'a sum permitted within 24 hours',
  position_amt: 'a position',
};

/** What is no matter of more or less. */
const PLAIN: Readonly<Partial<Record<InputName, (change: InputChange) => string>>> = {
  trading_state: ({ from, to }) => `trading ${String(to)} instead of ${String(from)}`,
  symbol_disarmed: ({ to }) => (to === true ? 'the symbol disarmed' : 'the symbol armed again'),
  doubt: ({ from }) => `a governor that can trust what it knows (${String(from)})`,
  names_valid: () => 'a symbol and a plan id that fit their grammar',
  made_at: () => 'a time that is one',
  kill_score: () => 'without the kill score, which cannot be used',
  confidence: () => 'without the confidence, which cannot be used',
  k_regime_flip: () => 'without the regime-flip score, which cannot be used',
  budget_usd: ({ to, unit }) => `a fresh budget of ${amount(to as number, unit)}`,
  target_usd: ({ to, unit }) => `a fresh target of ${amount(to as number, unit)}`,
  equity_usd: ({ to, unit }) =>
    to === null ? 'an equity that is a number' : `a known equity of at least ${amount(to as number, unit)}`,
  GOV_GATE_MODES: ({ to }) => `GOV_GATE_MODES ${String(to)}`,
  GOV_EXITS_EXEMPT: ({ to }) => `GOV_EXITS_EXEMPT ${String(to)}`,
  GOV_ARMED_GATES: ({ to }) => `GOV_ARMED_GATES ${String(to)}`,
};
