/**
 * The smallest changes that turn a verdict. Every one that is given was judged: with it the judge says what is stated, and a number
 * is the nearest to what it was (rounded once away from it) for which it does. Pure.
 */
import { judgeOn, type JudgedOn } from '../judged-on.ts';
import { boundary, rounded } from './boundary.ts';
import {
  INPUTS,
  type Case,
  type ChangeKind,
  type Input,
  type InputName,
  type Unit,
  type Value,
} from './inputs.ts';
import { brokenInputs, invalidInputs, leversFor, type Lever } from './levers.ts';
import { plainInputs } from './plain.ts';
import { HALTED, worseningLevers } from './worse.ts';
import type { Settings } from '../../settings.ts';
import type { Blocked, Verdict } from '../judge.ts';
import type { BlockReason } from '../reasons.ts';

export interface InputChange {
  readonly kind: ChangeKind;
  readonly input: InputName;
  readonly from: Value;
  readonly to: Value;
  readonly unit: Unit;
}

export interface VerdictFlip {
  /** In the order in which they are made. */
  readonly changes: readonly InputChange[];
  /** Why it is blocked with them; null: it is permitted. */
  readonly reason: BlockReason | null;
  readonly size: number;
}

/** So many are worth reading. */
export const MAX_FLIPS = 6;
/** Of a number that is given as it is: what was reckoned has no more that anyone means. */
const EXACT_DIGITS = 8;
/** Ways tried from one first change on: with the usual answers there are few, and they lead there soon or not at all. */
const MAX_TRIES: Readonly<Record<Reach, number>> = { usual: 15, any: 40 };

/** Smallest first. `settings`: as they hold for the plan. */
export function flipsFor(judged: JudgedOn, settings: Settings): readonly VerdictFlip[] {
  const base = { judged, settings };
  const verdict = judgeOn(judged, settings);
  return verdict.granted ? blockingFlips(base) : permittingFlips(base, verdict);
}

/** The case with changes made, one after the other. */
export function withChanges(base: Case, changes: readonly Pick<InputChange, 'input' | 'to'>[]): Case {
  return changes.reduce((one, { input, to }) => inputOf(input).write(one, to), base);
}

function verdictWith(base: Case, changes: readonly InputChange[]): Verdict {
  const { judged, settings } = withChanges(base, changes);
  return judgeOn(judged, settings);
}

function blockingFlips(base: Case): readonly VerdictFlip[] {
  const blocks = (changes: readonly InputChange[]): boolean => !verdictWith(base, changes).granted;
  const found = worseningLevers(base).flatMap((lever) => {
    const changes = pulled(base, [], lever, blocks);
    return changes === null ? [] : [flipOf(base, changes)];
  });
  const sorted = inOrder(found);
  const shown = sorted.slice(0, MAX_FLIPS);
  const halted = sorted.find(({ changes }) => changes[0]?.to === HALTED.to[0]);
  return halted === undefined || shown.includes(halted) ? shown : [...shown.slice(0, -1), halted];
}

/**
 * What answers the block first; where another gate blocks then, what answers that, too. Not to count a gate comes only where every
 * gate on the way has no other answer; where even that leads nowhere, an ordinary plan in ordinary times.
 */
function permittingFlips(base: Case, verdict: Blocked): readonly VerdictFlip[] {
  const block = { changes: [], verdict, met: new Set([nameOf(verdict, base)]) };
  for (const reach of ['usual', 'any'] as const) {
    for (const steps of stepsFrom(base, block, reach)) {
      const found = fanned(base, steps, block.met, reach).flatMap((changes) => {
        const whole = completed(base, changes, block.met, reach, { left: MAX_TRIES[reach] });
        return whole === null ? [] : [flipOf(base, needed(base, joined(base, whole)))];
      });
      if (found.length > 0) return shownOf(base, found);
    }
  }
  return [flipOf(base, tightened(base, needed(base, plainChanges(base))))];
}

/** A quantity that was wrong says little of what else it would take: each way on from another is one of its own. */
function fanned(
  base: Case,
  steps: readonly (readonly InputChange[])[],
  before: ReadonlySet<string>,
  reach: Reach,
): readonly (readonly InputChange[])[] {
  return steps.flatMap((changes) => {
    const verdict = verdictWith(base, changes);
    const isMadeUp = changes.some(({ input, to }) => input === 'qty' && typeof to === 'number');
    if (verdict.granted || !isMadeUp) return [changes];
    const met = new Set([...before, nameOf(verdict, withChanges(base, changes))]);
    const [next = []] = stepsFrom(base, { changes, verdict, met }, reach);
    return next.length === 0 ? [changes] : next;
  });
}

function shownOf(base: Case, found: readonly VerdictFlip[]): readonly VerdictFlip[] {
  // The smallest of those that change the same.
  const distinct = new Map(
    inOrder(found)
      .toReversed()
      .map((flip) => [flip.changes.map(({ input }) => input).join(), flip]),
  );
  const flips = [...distinct.values()];
  const shown = inOrder(flips.filter((flip) => !flips.some((other) => isMoreThan(flip, other))));
  return inOrder(shown.slice(0, MAX_FLIPS).map(({ changes }) => flipOf(base, tightened(base, changes))));
}

function plainChanges(base: Case): readonly InputChange[] {
  return plainInputs(base).flatMap(([input, to]) => {
    const { kind, unit, read } = inputOf(input);
    const from = read(base);
    return Object.is(from, to) ? [] : [{ kind, input, from, to, unit }];
  });
}

/** A quantity that was made up is made what is left of it, where another change made it smaller. */
function joined(base: Case, changes: readonly InputChange[]): readonly InputChange[] {
  const made = changes.find(({ input, to }) => input === 'qty' && typeof to === 'number');
  const worth = changes.find(({ input }) => input === 'notional_usd');
  if (made === undefined || worth === undefined) return changes;
  const { qty } = withChanges(base, changes).judged.plan;
  if (qty === null || !(qty > 0)) return changes;
  const one = (to: number): readonly InputChange[] =>
    changes.flatMap((change) => (change === worth ? [] : change === made ? [{ ...made, to }] : [change]));
  const whole = [rounded(qty, 0, ''), qty].map(one);
  return whole.find((joint) => verdictWith(base, joint).granted) ?? changes;
}

/** Where a part of its inputs is enough, to change more of them is no advice. */
function isMoreThan({ changes }: VerdictFlip, { changes: others }: VerdictFlip): boolean {
  return (
    others.length < changes.length && others.every((one) => changes.some(({ input }) => input === one.input))
  );
}

/** Further changes until nothing blocks; null: none found. */
function completed(
  base: Case,
  changes: readonly InputChange[],
  before: ReadonlySet<string>,
  reach: Reach,
  tries: { left: number },
): readonly InputChange[] | null {
  const verdict = verdictWith(base, changes);
  if (verdict.granted) return changes;
  if (tries.left-- <= 0) return null;
  const met = new Set([...before, nameOf(verdict, withChanges(base, changes))]);
  for (const steps of stepsFrom(base, { changes, verdict, met }, reach))
    for (const longer of steps) {
      const whole = completed(base, longer, met, reach, tries);
      if (whole !== null) return whole;
    }
  return null;
}

/** Where a search stands. */
interface Block {
  readonly changes: readonly InputChange[];
  readonly verdict: Blocked;
  /** The names of the blocks met on the way, this one included. */
  readonly met: ReadonlySet<string>;
}

/** Whether a gate may be made not to count. */
type Reach = 'usual' | 'any';

/**
 * The changes with one more that gets past this block, fewest and smallest first: what is usual, then what is left where that does not
 * lead anywhere, then both again though a block met before comes back, to be answered with more of the same.
 */
function* stepsFrom(base: Case, block: Block, reach: Reach): Generator<readonly (readonly InputChange[])[]> {
  const here = withChanges(base, block.changes);
  const { usual, last } = leversFor(block.verdict, here);
  const more = reach === 'any' ? last : [];
  yield stepsWith(base, block.changes, usual, block.met);
  if (more.length > 0) yield stepsWith(base, block.changes, more, block.met);
  yield stepsWith(base, block.changes, [...usual, ...more], new Set([nameOf(block.verdict, here)]));
}

function stepsWith(
  base: Case,
  changes: readonly InputChange[],
  levers: readonly Lever[],
  met: ReadonlySet<string>,
): readonly (readonly InputChange[])[] {
  const passes = (longer: readonly InputChange[]): boolean => {
    const next = withChanges(base, longer);
    const then = judgeOn(next.judged, next.settings);
    return then.granted || !met.has(nameOf(then, next));
  };
  const found = levers.flatMap((lever) => {
    const longer = pulled(base, changes, lever, passes);
    return longer === null ? [] : [longer];
  });
  return found.toSorted(compare);
}

/** One input moved as far as it takes; null: it does not help. An input that was changed before is changed further. */
function pulled(
  base: Case,
  changes: readonly InputChange[],
  { input, to, from: start, isExact, isAnew }: Lever,
  does: (changes: readonly InputChange[]) => boolean,
): readonly InputChange[] | null {
  const { kind, unit, read } = inputOf(input);
  const known = changes.find((change) => change.input === input);
  const from = known === undefined ? read(withChanges(base, changes)) : known.from;
  const now = known === undefined ? from : known.to;
  const made = (value: Value): readonly InputChange[] => {
    const change = { kind, input, from, to: value, unit };
    return known === undefined
      ? [...changes, change]
      : changes.map((other) => (other.input === input ? change : other));
  };
  const isNumber = isAnew !== true && typeof now === 'number' && !Number.isNaN(now);
  const begin = isNumber ? now : start;
  for (const far of to) {
    if (Object.is(far, now) || (typeof far === 'number' && Number.isNaN(far)) || !does(made(far))) continue;
    if (typeof far !== 'number' || begin === undefined || isExact === true) {
      // A number that is not there is not made up.
      if (typeof far === 'number' && isExact !== true) continue;
      const short = typeof far === 'number' ? Number(far.toPrecision(EXACT_DIGITS)) : far;
      return made(does(made(short)) ? short : far);
    }
    // What was not known is best what is permitted, not merely the next block.
    const isEnough = !isNumber && verdictWith(base, made(far)).granted;
    if (isAnew === true && !isEnough) continue;
    const helps = (value: number): boolean =>
      isEnough ? verdictWith(base, made(value)).granted && does(made(value)) : does(made(value));
    const least = begin === start && helps(begin) ? begin : boundary(begin, far, helps);
    const round = rounded(least, far, unit);
    return helps(round) ? made(round) : made(least);
  }
  return null;
}

/** Without those that turned out not to be needed. */
function needed(base: Case, changes: readonly InputChange[]): readonly InputChange[] {
  let rest = changes;
  for (const change of changes) {
    const without = rest.filter((other) => other !== change);
    if (verdictWith(base, without).granted) rest = without;
  }
  return rest;
}

/** Given as they are: the least that helps is nothing anyone would mean. */
const AS_GIVEN: ReadonlySet<InputName> = new Set<InputName>(['position_amt', 'qty', 'price']);

/** Each number only as far as it takes beside the others, some of which were found after it. */
function tightened(base: Case, changes: readonly InputChange[]): readonly InputChange[] {
  if (changes.length === 1) return changes;
  return changes.reduce<readonly InputChange[]>((rest, change, i) => {
    const { input, from, to, unit } = change;
    if (typeof from !== 'number' || Number.isNaN(from) || typeof to !== 'number' || AS_GIVEN.has(input))
      return rest;
    const made = (value: number): readonly InputChange[] => rest.with(i, { ...change, to: value });
    const does = (value: number): boolean => verdictWith(base, made(value)).granted;
    const least = boundary(from, to, does);
    const round = rounded(least, to, unit);
    return made(does(round) ? round : least);
  }, changes);
}

/** A block by what has to be different for it to be another: which gate, why, and how much of it is broken. */
function nameOf({ gate, reason, setting }: Blocked, one: Case): string {
  const { plan, view, doubt } = one.judged;
  const parts: unknown[] = [gate, reason, setting];
  if (reason === 'invalid_plan') parts.push(...invalidInputs(one));
  if (reason === 'nothing_to_close') parts.push(view.position?.amount === 0);
  if (reason === 'evaluation_error')
    parts.push(doubt !== null, plan.price === null, view.markUsd === null, ...brokenInputs(one));
  return parts.join(' ');
}

function flipOf(base: Case, changes: readonly InputChange[]): VerdictFlip {
  const verdict = verdictWith(base, changes);
  return { changes, reason: verdict.granted ? null : verdict.reason, size: sizeOf(changes) };
}

function inOrder(flips: readonly VerdictFlip[]): readonly VerdictFlip[] {
  return flips.toSorted((a, b) => compare(a.changes, b.changes));
}

/** Fewest first, then smallest; of those as large to the eye what is easiest to change. */
function compare(a: readonly InputChange[], b: readonly InputChange[]): number {
  const size = (changes: readonly InputChange[]): number => Number(sizeOf(changes).toPrecision(3));
  return a.length - b.length || size(a) - size(b) || rankOf(a) - rankOf(b);
}

/** How far the farthest is from what it was, as a share of the larger of both; 1 for what is no number. */
function sizeOf(changes: readonly InputChange[]): number {
  return Math.max(0, ...changes.map(({ from, to }) => shareOf(from, to)));
}

function shareOf(from: Value, to: Value): number {
  if (typeof from !== 'number' || typeof to !== 'number' || !Number.isFinite(from)) return 1;
  const largest = Math.max(Math.abs(from), Math.abs(to));
  return largest === 0 ? 0 : Math.min(2, Math.abs(to / largest - from / largest));
}

const RANKS: readonly ChangeKind[] = ['plan', 'state', 'setting'];

/** The plan is its maker's to change, the state takes time, a setting takes a decision; the other side is another trade. */
function rankOf(changes: readonly InputChange[]): number {
  return Math.max(0, ...changes.map(({ kind, input }) => (input === 'side' ? 3 : RANKS.indexOf(kind))));
}

function inputOf(name: InputName): Input {
  return INPUTS[name];
}
