/** Numbers in sentences: exactly what was compared, grouped by thousands, with the unit. */

/** `4,210.55`: every digit it has, at least `decimals` of them after the point. */
export function exactText(value: number, decimals = 0): string {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? 'no number' : value > 0 ? 'infinite' : '−infinite';
  const sign = value < 0 ? '−' : '';
  const text = String(Math.abs(value));
  if (text.includes('e')) return sign + text;
  const [whole = '', fraction = ''] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const shown = fraction.padEnd(decimals, '0');
  return sign + (shown === '' ? grouped : `${grouped}.${shown}`);
}

/** To read, not to reckon with: cents of money from a dollar on, milliseconds, six digits of everything else. */
export function roughText(value: number, unit: string): string {
  if (!Number.isFinite(value)) return exactText(value);
  const size = Math.abs(value);
  if (unit === 'USD')
    return size >= 1 || value === 0 ? exactText(Number(value.toFixed(2)), 2) : digits(value);
  if (unit === 's' && size >= 0.001) return exactText(Number(value.toFixed(3)));
  return Number.isInteger(value) ? exactText(value) : digits(value);
}

/** `81.87 %` of a share. */
export function percentText(share: number): string {
  return `${exactText(Number((100 * share).toFixed(2)), 2)} %`;
}

/** Two numbers that differ, rounded only as far as they still look different. */
export function pairText(one: number, other: number, unit: string): readonly [string, string] {
  const rough = [roughText(one, unit), roughText(other, unit)] as const;
  return rough[0] === rough[1] && one !== other ? [exactText(one), exactText(other)] : rough;
}

function digits(value: number): string {
  return exactText(Number(value.toPrecision(6)));
}

/** `1 permit`, `2 permits`. */
export function countText(count: number, what: string): string {
  return `${exactText(count)} ${what}${count === 1 ? '' : 's'}`;
}
