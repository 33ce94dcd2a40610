/** The page's view of an explanation: the gates as a ladder, what would have changed the verdict, the parts of a score. */
import type {
  Change,
  EfficiencyParts,
  Flip,
  GateStep,
  PlanExplanation,
} from '../../ops/explain/explanation.ts';
import type { Tone } from './tone.ts';

export type {
  EfficiencyParts,
  ExecutionLine,
  Flip,
  PlanExplanation,
  SymbolExplanation,
  Waterfall,
  WaterfallStep,
} from '../../ops/explain/explanation.ts';

export interface LadderStep {
  readonly gate: GateStep['gate'];
  /** What the gate asks, in a few words. */
  readonly title: string;
  readonly outcome: GateStep['outcome'];
  readonly word: string;
  readonly icon: OutcomeIcon;
  readonly tone: Tone;
  readonly reason: string | null;
  readonly value: number | null;
  readonly limit: number | null;
  readonly unit: GateUnit;
  /** How the value has to stand to the limit, to pass. */
  readonly relation: Relation;
  readonly setting: string | null;
  readonly note: string | null;
  readonly isEnforced: boolean;
  /** It was asked: not exempt, not after the one that blocked. */
  readonly isReached: boolean;
  readonly bar: LimitBar | null;
}

/** A value beside its limit; both 0..1 of the bar's width. */
export interface LimitBar {
  readonly value: number;
  readonly limit: number;
  /** Value by limit; null where the limit is zero. */
  readonly share: number | null;
  /** The value lies beyond the limit and goes on past the end of the bar. */
  readonly isClipped: boolean;
}

export type Relation = 'at most' | 'below' | 'at least' | 'close to';

/** How numbers of a gate are told. */
export type GateUnit = 'usd' | 'seconds' | 'count' | 'number';

/** Gates in order of judging. */
export function ladder(explained: Pick<PlanExplanation, 'gates'>): readonly LadderStep[] {
  return explained.gates.map((step) => ({
    gate: step.gate,
    title: gateTitle(step.gate),
    outcome: step.outcome,
    ...OUTCOMES[step.outcome],
    reason: step.reason,
    value: step.value,
    limit: step.limit,
    unit: unitOf(step),
    relation: relationOf(step),
    setting: step.setting,
    note: step.note,
    isEnforced: step.enforced,
    isReached: step.outcome !== 'exempt' && step.outcome !== 'not_reached',
    bar: limitBar(step.value, step.limit),
  }));
}

/** Where the limit stands in a bar, so that all limits of a ladder are below each other. */
const LIMIT_AT = 0.6;

/** Null where there is nothing to compare. */
export function limitBar(value: number | null, limit: number | null): LimitBar | null {
  if (value === null || limit === null || !Number.isFinite(value) || !Number.isFinite(limit)) return null;
  const size = Math.max(0, value);
  if (limit <= 0) return { value: size > 0 ? 1 : 0, limit: 0, share: null, isClipped: size > 0 };
  const share = size / limit;
  return {
    value: Math.min(1, share * LIMIT_AT),
    limit: LIMIT_AT,
    share,
    isClipped: share * LIMIT_AT > 1,
  };
}

export interface FlipView {
  readonly key: string;
  readonly changes: readonly ChangeView[];
  readonly becomes: Flip['becomes'];
  readonly reason: string | null;
  /** The largest relative size of its changes; null: they are not all of numbers. */
  readonly size: number | null;
}

export interface ChangeView {
  readonly kind: Change['kind'];
  readonly kindWord: string;
  readonly text: string;
  readonly input: string;
}

/** What would have turned the verdict, the fewest and smallest changes first, as they come. */
export function flipViews(flips: readonly Flip[]): readonly FlipView[] {
  return flips.map((flip, index) => ({
    key: `${index}`,
    changes: flip.changes.map((change) => ({
      kind: change.kind,
      kindWord: CHANGE_KINDS[change.kind],
      // Numbers are written with a minus everywhere here.
      text: change.text.replaceAll(/(?<![\w.])-(?=\d)/g, '\u2212'),
      input: change.input,
    })),
    becomes: flip.becomes,
    reason: flip.reason,
    size: isMeasured(flip) ? flip.size : null,
  }));
}

/** Only numbers can be off by a share, and not from zero. */
const isMeasured = ({ changes, size }: Flip): boolean =>
  Number.isFinite(size) &&
  size > 0 &&
  changes.every(({ from, to }) => typeof from === 'number' && from !== 0 && typeof to === 'number');

export interface PartBar {
  readonly name: EfficiencyParts['penalties'][number]['name'];
  readonly title: string;
  readonly ratio: number;
  readonly weight: number;
  readonly cost: number;
  /** The cost as a length beside that of the performance share, 0..1. */
  readonly width: number;
  /** What the raw score would be without it. */
  readonly withoutIt: number;
}

export interface EfficiencyView {
  readonly share: number;
  readonly divisor: number;
  readonly raw: number;
  readonly bars: readonly PartBar[];
}

/** The score's parts: performance share over one and the costs. */
export function efficiencyView(parts: EfficiencyParts): EfficiencyView {
  const divisor = parts.penalties.reduce((sum, { cost }) => sum + cost, 1);
  return {
    share: parts.performance_share,
    divisor,
    raw: parts.raw,
    bars: parts.penalties.map((penalty) => ({
      ...penalty,
      title: PENALTY_TITLES[penalty.name],
      width: Math.max(0, Math.min(1, penalty.cost)),
      withoutIt: parts.performance_share / Math.max(1, divisor - penalty.cost),
    })),
  };
}

const GATE_TITLES: ReadonlyMap<string, string> = new Map<GateStep['gate'], string>([
  ['kill', 'Trading state'],
  ['plan', 'The plan itself'],
  ['budget', 'Budget (P2.8)'],
  ['allocation', 'Target (P2.9)'],
  ['kill_score', 'Kill score'],
  ['loss', 'Loss of the day'],
  ['hourly', 'Permits an hour'],
  ['burst', 'Burst'],
  ['caps', 'Caps'],
  ['daily', 'Notional a day'],
]);

/** What a gate asks, in a few words; of one that is not known here its name. */
export function gateTitle(gate: string): string {
  return GATE_TITLES.get(gate) ?? gate.replaceAll('_', ' ');
}

/** Shapes of the page's icons, one for each outcome. */
type OutcomeIcon = 'check' | 'octagon' | 'triangle' | 'ring' | 'skip' | 'dot';

const OUTCOMES: Record<
  GateStep['outcome'],
  { readonly word: string; readonly icon: OutcomeIcon; readonly tone: Tone }
> = {
  pass: { word: 'passed', icon: 'check', tone: 'ok' },
  block: { word: 'blocked', icon: 'octagon', tone: 'bad' },
  would_block: { word: 'would block', icon: 'triangle', tone: 'warn' },
  not_evaluated: { word: 'not evaluated', icon: 'ring', tone: 'neutral' },
  exempt: { word: 'exempt', icon: 'skip', tone: 'neutral' },
  not_reached: { word: 'not reached', icon: 'dot', tone: 'neutral' },
};

const CHANGE_KINDS: Record<Change['kind'], string> = {
  plan: 'the plan',
  state: 'what the governor knew',
  setting: 'a setting',
};

const PENALTY_TITLES: Record<PartBar['name'], string> = {
  volatility: 'Volatility of results',
  drawdown: 'Losses',
  hold: 'Time without a trade',
};

/** What the two sides of a comparison are counted in: by the gate, and where one has several, by the reason or the setting. */
function unitOf(step: GateStep): GateUnit {
  if (step.reason === 'symbol_cooldown' || step.reason === 'stale_plan') return 'seconds';
  if (step.setting === 'GOV_SYMBOL_COOLDOWN_SECONDS') return 'seconds';
  if (step.reason === 'max_positions_reached' || step.setting === 'GOV_MAX_OPEN_POSITIONS') return 'count';
  return GATE_UNITS[step.gate];
}

const GATE_UNITS: Record<GateStep['gate'], GateUnit> = {
  kill: 'number',
  plan: 'number',
  budget: 'usd',
  allocation: 'usd',
  kill_score: 'number',
  loss: 'usd',
  hourly: 'count',
  burst: 'count',
  caps: 'usd',
  daily: 'usd',
};

function relationOf(step: GateStep): Relation {
  if (step.reason === 'symbol_cooldown' || step.setting === 'GOV_SYMBOL_COOLDOWN_SECONDS') return 'at least';
  if (step.reason === 'price_out_of_range' || step.reason === 'notional_mismatch') return 'close to';
  if (step.reason === 'max_positions_reached' || step.setting === 'GOV_MAX_OPEN_POSITIONS') return 'below';
  return ['kill_score', 'loss', 'hourly', 'burst'].includes(step.gate) ? 'below' : 'at most';
}
