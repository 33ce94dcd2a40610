/** Numbers and money: aligned digits, a sign that is read as one, and what is not known as such. */
import { decimalText, MINUS, percentText, quantityText, usdText } from '../../views/format.ts';
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
  const text = usdText(usd, isSigned, digits);
  return (
    <span class={`num${toneOf(text, isSigned)}`}>
      {text}
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
  const text = decimalText(value, digits, isSigned);
  return (
    <span class={`num${toneOf(text, isSigned)}`}>
      {text}
      {unit !== '' && <span class="unit"> {unit}</span>}
    </span>
  );
}

/** How much of a symbol. */
export function Quantity({
  value,
  unknown,
}: {
  readonly value: number | null;
  readonly unknown?: string;
}): preact.JSX.Element {
  if (value === null) return <Unknown {...(unknown === undefined ? {} : { what: unknown })} />;
  return (
    <span class="num" title={String(value)}>
      {quantityText(value)}
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
  const text = percentText(fraction, digits, isSigned);
  return <span class={`num${toneOf(text, isSigned)}`}>{text}</span>;
}

/** By what is shown: what rounds to nothing is neither. */
function toneOf(text: string, isSigned: boolean): string {
  if (!isSigned) return '';
  return text.startsWith('+') ? ' is-gain' : text.startsWith(MINUS) ? ' is-loss' : '';
}
