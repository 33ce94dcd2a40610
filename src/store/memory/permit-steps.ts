/** The governor's steps in the memory store: each follows the one before it, on the trading state it was judged on, or is not done. */
import { formatDecimal, parseDecimal } from '../../contract/decimal.ts';
import { KEYS, keyOf, ownKeyOf, type KeyName } from '../../contract/keys.ts';
import { decodePermitUse } from '../../contract/governor-records.ts';
import { KEPT_PREFIX } from '../../contract/kept-permit.ts';
import type { BlockStep, IssueStep, Step, StepsAnswer } from '../permits.ts';
import { StoreError } from '../store.ts';
import type { DecideCommand } from './commands.ts';
import type { KeySpace, StringValue } from './key-space.ts';
import { expiryMsOf } from './kept-permits.ts';
import type { Outstanding } from './outstanding.ts';
import type { LastCommit, Owners } from './owners.ts';
import { effective, isSameFlag, type Stance, type TradingRecord } from './trading-record.ts';

const GOVERNOR = 'governor';
/** Keys a step may add: permit, use record and reply, the times and the day of its symbol. */
const KEYS_OF_STEP = 5;

const LIFE_MS = {
  permitUse: fixedLifeMs('permitUse'),
  permitTimes: fixedLifeMs('permitTimes'),
  dailyNotional: fixedLifeMs('dailyNotional'),
  block: fixedLifeMs('block'),
  permitReply: fixedLifeMs('permitReply'),
};

type Stop = NonNullable<StepsAnswer['stopped']>;

export interface StepParts {
  readonly keys: KeySpace;
  readonly namespace: string;
  readonly lastCommits: Map<string, LastCommit>;
  readonly owners: Owners;
  readonly trading: TradingRecord;
  readonly outstanding: Outstanding;
}

export class PermitSteps {
  readonly #parts: StepParts;
  readonly #keys: KeySpace;
  readonly #metaKey: string;
  readonly #recordsKey: string;
  readonly #eventsKey: string;

  constructor(parts: StepParts) {
    this.#parts = parts;
    this.#keys = parts.keys;
    this.#metaKey = ownKeyOf(parts.namespace, 'meta', GOVERNOR);
    this.#recordsKey = ownKeyOf(parts.namespace, 'records', GOVERNOR);
    this.#eventsKey = keyOf(parts.namespace, 'governorEvents');
  }

  decide({ nowMs, deciding, steps }: DecideCommand): StepsAnswer {
    this.#keys.sweep(nowMs, KEYS_OF_STEP * steps.length);
    const { owners, lastCommits, trading } = this.#parts;
    const { owner, epoch, sequence } = deciding;
    const isOwner = owners.isHeld(owner, { component: GOVERNOR, epoch }, nowMs);
    const last = lastCommits.get(GOVERNOR);
    const before = isOwner ? doneBefore(sequence, steps, last) : 0;
    let done = before;
    let stopped: Stop | null = null;
    if (!isOwner) stopped = { why: 'fenced', detail: 'the governor has another owner' };
    else if ((last?.sequence ?? 0) !== sequence + before) stopped = { why: 'fenced', detail: BETWEEN };
    else if (before < steps.length) stopped = attempt(() => this.#checkTypes(nowMs));
    let stance = trading.stance(nowMs);
    let revision =
      before === 0 ? (steps[0]?.judgedOn.revision ?? 0) : afterRepeat(steps[before - 1]!, stance);
    while (stopped === null && done < steps.length) {
      const step = steps[done]!;
      const judged = stance;
      stopped = attempt(() => this.#do(step, judged, nowMs));
      if (stopped !== null) break;
      done++;
      if (step.kind === 'block' && step.reduces) stance = trading.stance(nowMs);
      revision = stance.revision;
    }
    if (done > before) {
      const at = sequence + done;
      const { entryId } = steps[done - 1]!;
      lastCommits.set(GOVERNOR, { sequence: at, token: tokenOf(steps[done - 1]!, at - 1) });
      this.#keys.need(this.#metaKey, 'hash', nowMs).fields.set('plans_at', entryId);
      owners.hear(GOVERNOR, nowMs);
    }
    return { done, stopped, revision };
  }

  /** Null: it is done. */
  #do(step: Step, stance: Stance, nowMs: number): Stop | null {
    const replyKey = keyOf(this.#parts.namespace, 'permitReply', step.planId);
    this.#keys.find(replyKey, 'list', nowMs);
    const stop =
      this.#moved(step, stance, nowMs) ??
      (step.kind === 'issue' ? this.#issue(step, nowMs) : this.#block(step, nowMs));
    if (stop !== null) return stop;
    setReply(this.#keys, replyKey, step.reply, nowMs);
    for (const event of step.events)
      this.#keys.addEntry(this.#eventsKey, event, KEYS.governorEvents.maxLength, nowMs);
    return null;
  }

  #moved(step: Step, stance: Stance, nowMs: number): Stop | null {
    const { flag, revision } = step.judgedOn;
    if (revision !== stance.revision) return moved(`the revision is ${stance.revision}, not ${revision}`);
    if (!isSameFlag(flag, stance.flag)) return moved('the kill flag is another');
    if (step.kind === 'block') return null;
    const state = effective(stance);
    if (state === 'HALTED' || (state === 'REDUCING' && step.opens))
      return moved(`the trading state is ${state}`);
    return step.opens && this.#parts.trading.isDisarmed(step.symbol, nowMs)
      ? moved(`${step.symbol} is disarmed`)
      : null;
  }

  /** Everything is looked at before anything is changed. */
  #issue(step: IssueStep, nowMs: number): Stop | null {
    const { namespace, outstanding } = this.#parts;
    const { planId, symbol, lifeMs } = step;
    const keys = this.#keys;
    const permitKey = keyOf(namespace, 'permit', planId);
    const useKey = keyOf(namespace, 'permitUse', planId);
    const timesKey = keyOf(namespace, 'permitTimes', symbol);
    keys.find(permitKey, 'string', nowMs);
    const use = keys.find(useKey, 'string', nowMs);
    keys.find(timesKey, 'list', nowMs);
    const daily = step.daily === null ? null : this.#dailyAfter(symbol, step.daily, nowMs);
    if (use !== undefined && !this.#mayReplace(step, use, nowMs))
      return { why: 'permitted', detail: `${planId} has a permit` };

    keys.setText(permitKey, step.permit, nowMs + lifeMs);
    keys.setText(useKey, step.use, nowMs + LIFE_MS.permitUse);
    keys.need(this.#recordsKey, 'hash', nowMs).fields.set(KEPT_PREFIX.permit + planId, step.kept);
    const times = keys.need(timesKey, 'list', nowMs).items;
    times.unshift(step.issuedAt);
    if (times.length > KEYS.permitTimes.maxLength) times.pop();
    keys.setEnd(timesKey, nowMs + LIFE_MS.permitTimes);
    if (daily !== null) keys.setText(daily.key, daily.sum, nowMs + LIFE_MS.dailyNotional);
    outstanding.add(planId, step.opens, nowMs + lifeMs, nowMs);
    return null;
  }

  /** Whether a plan that had a permit may have another. */
  #mayReplace({ planId, instead }: IssueStep, use: StringValue, nowMs: number): boolean {
    if (instead !== 'untaken') return instead === 'failed';
    const outcome = decodePermitUse(use.text)?.outcome;
    if (outcome !== 'issued') return outcome === 'expired' || outcome === 'voided';
    // One that is gone before its time was taken.
    const expiresMs = expiryMsOf(this.#keys, this.#recordsKey, planId, nowMs);
    return expiresMs !== null && nowMs > expiresMs;
  }

  /** What was permitted that day with this step. */
  #dailyAfter(
    symbol: string,
    { day, notional }: NonNullable<IssueStep['daily']>,
    nowMs: number,
  ): { readonly key: string; readonly sum: string } {
    const key = keyOf(this.#parts.namespace, 'dailyNotional', symbol, day);
    // Where no number stands, the day begins with this one.
    const before = parseDecimal(this.#keys.find(key, 'string', nowMs)?.text) ?? 0;
    return { key, sum: formatDecimal(before + Number(notional)) };
  }

  #block(step: BlockStep, nowMs: number): null {
    const { namespace, trading } = this.#parts;
    const blockKey = keyOf(namespace, 'block', step.planId);
    this.#keys.find(blockKey, 'string', nowMs);
    this.#keys.setText(blockKey, step.block, nowMs + LIFE_MS.block);
    if (step.disarm !== null) trading.disarm(step.disarm.symbol, step.disarm.text, nowMs);
    if (step.reduces) trading.reduce(nowMs);
    return null;
  }

  /** Of what every step writes. */
  #checkTypes(nowMs: number): null {
    this.#keys.find(this.#metaKey, 'hash', nowMs);
    this.#keys.find(this.#recordsKey, 'hash', nowMs);
    this.#parts.trading.check(nowMs);
    this.#parts.outstanding.check(nowMs);
    return null;
  }
}

/** Replaces the reply that waits. */
export function setReply(keys: KeySpace, key: string, reply: string, nowMs: number): void {
  keys.set(key, { type: 'list', items: [reply], expiresMs: nowMs + LIFE_MS.permitReply });
  keys.arrivals.note(key);
}

const BETWEEN = 'another step or commit of the governor came between';

function moved(detail: string): Stop {
  return { why: 'moved', detail };
}

function attempt(act: () => Stop | null): Stop | null {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { why: 'refused', detail: error.message };
  }
}

/** How many of the steps an earlier call did: the last one done tells. */
function doneBefore(sequence: number, steps: readonly Step[], last: LastCommit | undefined): number {
  if (last === undefined) return 0;
  const count = last.sequence - sequence;
  const step = steps[count - 1];
  return step !== undefined && tokenOf(step, last.sequence - 1) === last.token ? count : 0;
}

/** What it was judged on, but for what it raised itself: whoever changed the state since, the caller has yet to see. */
function afterRepeat(step: Step, { revision }: Stance): number {
  const judgedOn = step.judgedOn.revision;
  return step.kind === 'block' && step.reduces ? Math.min(revision, judgedOn + 1) : judgedOn;
}

/** Names a step by its place and its content: only the very same one, sent again, is a repeat. */
function tokenOf(step: Step, sequence: number): string {
  const content = step.kind === 'issue' ? step.kept : step.block;
  return `step:${step.planId}:${step.entryId}:${sequence}:${content}`;
}

function fixedLifeMs(name: KeyName): number {
  const { life } = KEYS[name];
  if (typeof life !== 'number') throw new Error(`${name} has no life of its own`);
  return life * 1000;
}
