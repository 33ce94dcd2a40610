/**
 * The caps on allocation targets, in their order: each symbol, each named cluster, all together. Members of a sum
 * that is over its cap are scaled alike. After it no cap is exceeded, not by the last bit of a double either.
 * Source: spec/model.md, P2.9.
 */
export const CAP_SYMBOL = 1;
export const CAP_CLUSTER = 2;
export const CAP_GROSS = 4;

export interface CapLimits {
  readonly symbolUsd: number;
  readonly clusterUsd: number;
  readonly grossUsd: number;
}

/**
 * What the members of a sum over its cap are multiplied with: first the share that fits; then, where rounding left a
 * little over, just below 1; and where even that does not help (numbers too small to shrink), 0.
 */
function scaleFor(pass: number, capUsd: number, sum: number): number {
  if (pass === 0) return capUsd / sum;
  return pass < 8 ? 1 - 2 ** -50 : 0;
}

/**
 * Caps `targets` (USD, ≥ 0) in place. `clusters` holds each target's cluster number, -1 for none; `bound` gets the
 * `CAP_` bits of those that bound. Only the first `count` entries are used.
 */
export function applyCaps(
  targets: Float64Array,
  clusters: Int32Array,
  bound: Uint8Array,
  count: number,
  clusterCount: number,
  limits: CapLimits,
): void {
  for (let i = 0; i < count; i++) {
    if (targets[i]! <= limits.symbolUsd) continue;
    targets[i] = limits.symbolUsd;
    bound[i]! |= CAP_SYMBOL;
  }
  if (clusterCount > 0) capClusters(targets, clusters, bound, count, clusterCount, limits.clusterUsd);
  capGross(targets, bound, count, limits.grossUsd);
}

function capClusters(
  targets: Float64Array,
  clusters: Int32Array,
  bound: Uint8Array,
  count: number,
  clusterCount: number,
  capUsd: number,
): void {
  const sums = new Float64Array(clusterCount);
  let over = sumClusters(sums, targets, clusters, count, capUsd);
  for (let pass = 0; over; pass++) {
    for (let i = 0; i < count; i++) {
      const cluster = clusters[i]!;
      if (cluster < 0 || sums[cluster]! <= capUsd) continue;
      targets[i] = targets[i]! * scaleFor(pass, capUsd, sums[cluster]!);
      bound[i]! |= CAP_CLUSTER;
    }
    over = sumClusters(sums, targets, clusters, count, capUsd);
  }
}

function sumClusters(
  sums: Float64Array,
  targets: Float64Array,
  clusters: Int32Array,
  count: number,
  capUsd: number,
): boolean {
  sums.fill(0);
  for (let i = 0; i < count; i++) {
    const cluster = clusters[i]!;
    if (cluster >= 0) sums[cluster]! += targets[i]!;
  }
  return sums.some((sum) => sum > capUsd);
}

function capGross(targets: Float64Array, bound: Uint8Array, count: number, capUsd: number): void {
  let sum = sumOf(targets, count);
  for (let pass = 0; sum > capUsd; pass++) {
    const factor = scaleFor(pass, capUsd, sum);
    for (let i = 0; i < count; i++) {
      targets[i]! *= factor;
      bound[i]! |= CAP_GROSS;
    }
    sum = sumOf(targets, count);
  }
}

function sumOf(values: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  return sum;
}

/** `symbol`, `cluster`, `gross`: those that bound, comma-separated. */
export function capNames(bound: number): string {
  return CAP_NAMES[bound]!;
}

const CAP_NAMES = Array.from({ length: 8 }, (_, bits) =>
  ['symbol', 'cluster', 'gross'].filter((_name, bit) => (bits & (1 << bit)) !== 0).join(','),
);
