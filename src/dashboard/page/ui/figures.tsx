/** Numbers and money: aligned digits, a sign that is read as one, and what is not known as such. */
import { decimalText, percentText, usdText } from '../../views/format.ts';
import { Unknown } from './unknown.tsx';

interface Shown {
  /** Shows `+`, and gains and losses in their colours. */
  readonly isSigned?: boolean;
  readonly digits?: number;
  /** Said where the value is null, instead of `not known`. */
  readonly unknown?: string;
}

/** USD; `hasUnit` where no heading names it. */
export function Money({
  usd,
  hasUnit = false,
  isSigned = false,
  digits,
  unknown,
}: Shown & { readonly usd: number | null; readonly hasUnit?: boolean }): preact.JSX.Element {
  if (usd === null) return <Unknown {...(unknown === undefined ? {} : { what: unknown })} />;
  return (
    <span class={`num${toneOf(usd, isSigned)}`}>
      {usdText(usd, isSigned, digits)}
      {hasUnit && <span class="unit"> USD</span>}
    </span>
  );
}

export function Figure({
  value,
  digits = 2,
  isSigned = false,
  unit = '',
  unknown,
}: Shown & { readonly value: number | null; readonly unit?: string }): preact.JSX.Element {
  if (value === null) return <Unknown {...(unknown === undefined ? {} : { what: unknown })} />;
  return (
    <span class={`num${toneOf(value, isSigned)}`}>
      {decimalText(value, digits, isSigned)}
      {unit !== '' && <span class="unit"> {unit}</span>}
    </span>
  );
}

/** Of a fraction: 0.02 is shown as `2.0 %`. */
export function Percent({
  fraction,
  digits = 1,
  isSigned = false,
  unknown,
}: Shown & { readonly fraction: number | null }): preact.JSX.Element {
  if (fraction === null) return <Unknown {...(unknown === undefined ? {} : { what: unknown })} />;
  return <span class={`num${toneOf(fraction, isSigned)}`}>{percentText(fraction, digits, isSigned)}</span>;
}

function toneOf(value: number, isSigned: boolean): string {
  if (!isSigned || value === 0) return '';
  return value > 0 ? ' is-gain' : ' is-loss';
}
