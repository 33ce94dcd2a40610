/**
 * Shadow against live: what each symbol's target is, what it would be if what runs in shadow acted, and what it would be if
 * proposals were applied. Before caps: those are known only when it is done.
 */
import type { ComponentRow, SymbolRow } from '../wire.ts';

export interface ShadowRow {
  readonly symbol: string;
  /** Enforced; null: none is. */
  readonly liveUsd: number | null;
  readonly liveTs: number | null;
  /** What P2.9 says in shadow; null: it does not run in shadow, or said nothing. */
  readonly shadowUsd: number | null;
  readonly shadowTs: number | null;
  /** As if there were no proposal. */
  readonly baseUsd: number | null;
  readonly proposedUsd: number | null;
  readonly proposedTs: number | null;
  readonly multiplier: number | null;
  /** Why the proposal is what it is: `ok`, or why it changes nothing. */
  readonly proposedReason: string | null;
  readonly shadowDifference: Difference | null;
  readonly proposedDifference: Difference | null;
}

export interface Difference {
  readonly usd: number;
  /** Of what it is compared with; null: that is zero. */
  readonly fraction: number | null;
  /** −1..1: its size beside the largest of the table, for a bar to the left or right of the middle. */
  readonly bar: number;
}

export interface ShadowTotals {
  readonly liveUsd: number | null;
  readonly shadowUsd: number | null;
  readonly baseUsd: number | null;
  readonly proposedUsd: number | null;
  /** Over the symbols that have both. */
  readonly shadowDifferenceUsd: number | null;
  readonly proposedDifferenceUsd: number | null;
  /** Symbols whose target would rise, fall or stay, if proposals were applied. */
  readonly rising: number;
  readonly falling: number;
  readonly same: number;
  /** What proposals make of live targets after caps, where they are applied; null: they are not. */
  readonly appliedUsd: number | null;
  /** What those targets are now that have a proposal: its base, else the target itself. */
  readonly comparedUsd: number | null;
  /** Proposals that change nothing because of what they rest on. */
  readonly withheld: number;
}

export interface ShadowView {
  /** The largest difference first; those without any last, by name. */
  readonly rows: readonly ShadowRow[];
  readonly totals: ShadowTotals;
  /** Whether any symbol has a target in shadow, and whether any has a proposal. */
  readonly hasShadow: boolean;
  readonly hasProposals: boolean;
}

interface Compared {
  readonly row: SymbolRow;
  readonly liveUsd: number | null;
  readonly shadowUsd: number | null;
  readonly shadowDelta: number | null;
  readonly proposedDelta: number | null;
}

export function shadowView(symbols: readonly SymbolRow[]): ShadowView {
  const compared = symbols.map(compare).filter(hasTarget);
  const largest = compared.reduce((most, item) => Math.max(most, sizeOf(item)), 0);
  const rows = compared.toSorted((a, b) => sizeOf(b) - sizeOf(a) || compareText(a.row.symbol, b.row.symbol));
  return {
    rows: rows.map((item) => shadowRow(item, largest)),
    totals: totalsOf(compared),
    hasShadow: compared.some(({ shadowUsd }) => shadowUsd !== null),
    hasProposals: compared.some(({ row }) => row.proposed_usd !== null),
  };
}

export interface ModeLine {
  readonly component: string;
  readonly id: string | null;
  readonly mode: string;
  readonly words: string;
  /** Why it is in that mode, as the component tells it. */
  readonly why: string | null;
  readonly isShadow: boolean;
}

/** Reasons of this program's proposer; another's may mean anything. */
const WITHHELD: ReadonlySet<string> = new Set(['low_conf', 'stale_eff', 'missing_eff', 'redis_error']);

const PROPOSALS: ReadonlyMap<string, string> = new Map([
  ['ok', 'by its efficiency'],
  ['low_conf', 'no change: too little confidence'],
  ['stale_eff', 'no change: its efficiency is stale'],
  ['missing_eff', 'no change: no efficiency yet'],
  ['redis_error', 'no change: its efficiency could not be read'],
]);

/** Why a proposal is what it is; of another program as it says. */
export function proposalText(reason: string): string {
  return PROPOSALS.get(reason) ?? reason.replaceAll('_', ' ');
}

/** What the mode of each component means, a line each, those in shadow first. */
export function modeLines(components: readonly ComponentRow[]): readonly ModeLine[] {
  const lines = components.flatMap(({ component, id, mode, mode_why }) =>
    mode === null ? [] : [{ component, id, mode, why: mode_why, ...meaning(component, mode) }],
  );
  return [...lines.filter(({ isShadow }) => isShadow), ...lines.filter(({ isShadow }) => !isShadow)];
}

function meaning(component: string, mode: string): { words: string; isShadow: boolean } {
  if (component === 'proposer')
    return {
      isShadow: true,
      words: 'always in shadow: its proposals are shown and change no target by themselves',
    };
  if (mode === 'shadow')
    return { isShadow: true, words: 'computes and shows what it would do; nothing acts on it' };
  if (mode === 'enforce') return { isShadow: false, words: 'what it decides acts' };
  if (mode === 'dry_run') return { isShadow: true, words: 'judges every plan; its permits cannot be taken' };
  if (mode === 'testnet')
    return {
      isShadow: true,
      words: 'enforces the trading state, the plan and the caps; the other gates only tell',
    };
  if (mode === 'production') return { isShadow: false, words: 'every gate blocks' };
  return { isShadow: false, words: mode };
}

function compare(row: SymbolRow): Compared {
  const isShadowTarget = row.target_mode === 'shadow';
  const liveUsd = isShadowTarget ? null : row.target_usd;
  const shadowUsd = row.shadow_target_usd ?? (isShadowTarget ? row.target_usd : null);
  return {
    ...{ row, liveUsd, shadowUsd },
    shadowDelta: minus(shadowUsd, liveUsd),
    // By 1 it changes nothing; its base may be of another tick than the newest, and would seem to.
    proposedDelta:
      row.multiplier === 1 && row.proposed_usd !== null
        ? 0
        : minus(row.proposed_usd, row.base_target_usd ?? row.target_usd),
  };
}

function shadowRow(
  { row, liveUsd, shadowUsd, shadowDelta, proposedDelta }: Compared,
  largest: number,
): ShadowRow {
  const baseUsd = row.base_target_usd;
  return {
    symbol: row.symbol,
    liveUsd,
    liveTs: liveUsd === null ? null : row.target_ts,
    shadowUsd,
    shadowTs: row.shadow_target_ts ?? (shadowUsd === null ? null : row.target_ts),
    baseUsd,
    proposedUsd: row.proposed_usd,
    proposedTs: row.proposed_ts,
    multiplier: row.multiplier,
    proposedReason: row.proposed_reason,
    shadowDifference: difference(shadowDelta, liveUsd, largest),
    proposedDifference: difference(proposedDelta, baseUsd ?? row.target_usd, largest),
  };
}

function difference(usd: number | null, of: number | null, largest: number): Difference | null {
  if (usd === null) return null;
  return {
    usd,
    fraction: of === null || of === 0 ? null : usd / of,
    bar: largest > 0 ? usd / largest : 0,
  };
}

function totalsOf(compared: readonly Compared[]): ShadowTotals {
  const proposals = compared.flatMap(({ proposedDelta }) => (proposedDelta === null ? [] : [proposedDelta]));
  return {
    liveUsd: sum(compared.map(({ liveUsd }) => liveUsd)),
    shadowUsd: sum(compared.map(({ shadowUsd }) => shadowUsd)),
    baseUsd: sum(compared.map(({ row }) => row.base_target_usd)),
    proposedUsd: sum(compared.map(({ row }) => row.proposed_usd)),
    comparedUsd: sum(
      compared.map(({ row, proposedDelta }) =>
        proposedDelta === null ? null : (row.base_target_usd ?? row.target_usd),
      ),
    ),
    shadowDifferenceUsd: sum(compared.map(({ shadowDelta }) => shadowDelta)),
    proposedDifferenceUsd: sum(proposals),
    appliedUsd: appliedOf(compared),
    rising: proposals.filter((delta) => delta > 0).length,
    falling: proposals.filter((delta) => delta < 0).length,
    same: proposals.filter((delta) => delta === 0).length,
    withheld: compared.filter(({ row }) => WITHHELD.has(row.proposed_reason ?? '')).length,
  };
}

/** Live targets that are not their base show that proposals act. */
function appliedOf(compared: readonly Compared[]): number | null {
  const deltas = compared.flatMap(({ row, liveUsd }) => minus(liveUsd, row.base_target_usd) ?? []);
  return deltas.some((delta) => delta !== 0) ? sum(deltas) : null;
}

const hasTarget = ({ row, shadowUsd }: Compared): boolean =>
  row.target_usd !== null || shadowUsd !== null || row.proposed_usd !== null;

const sizeOf = ({ shadowDelta, proposedDelta }: Compared): number =>
  Math.max(Math.abs(shadowDelta ?? 0), Math.abs(proposedDelta ?? 0));

const minus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a - b;

function sum(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => (value === null ? [] : [value]));
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
