/** Numbers as people read them in tables. Files and `--json` never use these: there nothing is rounded. */

/** `+1,234.50`, `-0.1234`, `0.00`: two decimals, below one dollar four significant digits. Unknown is a dash. */
export function formatUsd(usd: number | null): string {
  if (usd === null || !Number.isFinite(usd)) return '-';
  const size = Math.abs(usd);
  const sign = usd > 0 ? '+' : '-';
  if (size >= 1e15) return sign + size.toExponential(3);
  if (size === 0) return '0.00';
  if (size >= 0.99995) return sign + group(size.toFixed(2));
  // Profits end at micro-USD; what is smaller still is shown as it is.
  return sign + (size < 1e-6 ? size.toExponential(3) : plainSignificant(size));
}

/** A fraction as percent with one decimal: 0.123 is `12.3%`. Unknown is a dash. */
export function formatPercent(fraction: number | null): string {
  if (fraction === null || !Number.isFinite(fraction)) return '-';
  const percent = fraction * 100;
  const text = Math.abs(percent) >= 1e9 ? percent.toExponential(1) : group(percent.toFixed(1));
  return `${text === '-0.0' ? '0.0' : text}%`;
}

/** A ratio such as the profit factor, two decimals. Unknown is a dash. */
export function formatRatio(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return '-';
  return Math.abs(ratio) >= 1e9 ? ratio.toExponential(2) : group(ratio.toFixed(2));
}

/** A whole number with thousands separators. */
export function formatCount(count: number): string {
  return group(String(count));
}

/** `1 trade`, `2 trades`. */
export function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** Four significant digits without an exponent, at most nine decimals. */
function plainSignificant(size: number): string {
  return size.toFixed(Math.min(3 - Math.floor(Math.log10(size)), 9));
}

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
