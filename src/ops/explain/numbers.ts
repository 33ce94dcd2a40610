/** Numbers in sentences: exactly what was compared, grouped by thousands, with the unit. */

/** `4,210.55`: every digit it has, at least `decimals` of them after the point. */
export function exactText(value: number, decimals = 0): string {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? 'no number' : value > 0 ? 'infinite' : '-infinite';
  const text = String(value);
  if (text.includes('e')) return text;
  const [whole = '', fraction = ''] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const shown = fraction.padEnd(decimals, '0');
  return shown === '' ? grouped : `${grouped}.${shown}`;
}

/** To read, not to reckon with: cents of money from a dollar on, six digits of everything else. */
export function roughText(value: number, unit: string): string {
  if (!Number.isFinite(value)) return exactText(value);
  const size = Math.abs(value);
  if (unit === 'USD')
    return size >= 1 || value === 0 ? exactText(Number(value.toFixed(2)), 2) : digits(value);
  return Number.isInteger(value) ? exactText(value) : digits(value);
}

function digits(value: number): string {
  return exactText(Number(value.toPrecision(6)));
}

/** `1 permit`, `2 permits`. */
export function countText(count: number, what: string): string {
  return `${exactText(count)} ${what}${count === 1 ? '' : 's'}`;
}
