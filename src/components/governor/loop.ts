/**
 * The loop of the governor that holds the component: waits for entries, judges plans in the turn they arrive, and once a
 * second does what else there is (chores.ts). Whenever it cannot be sure of what the store holds, it ends, and whoever
 * called it begins anew from there.
 */
import { Batch, type Arrival, type Reply } from './batch.ts';
import { Chores } from './chores.ts';
import { drillReply } from './drill.ts';
import { decodePositions, START, type Position } from '../../runtime/positions.ts';
import { inputName, takeEntry } from '../intake.ts';
import { keyOf, ownKeyOf } from '../../contract/keys.ts';
import { PLAN_ID_GRAMMAR } from '../../contract/symbol.ts';
import { compareIds, idMs, StoreError } from '../../store/store.ts';
import { READ_COUNT, type Input, type LoopOptions, type LoopOutcome } from './loop-options.ts';
import { DESK_INPUTS } from './inputs.ts';
import { encodePermitReply } from '../../contract/governor-records.ts';
import { valueIn } from '../../store/fields.ts';
import type { GovernorDesk } from './desk.ts';
import type { HashRequest, Store, StreamEntry } from '../../store/store.ts';
import type { Look } from '../../store/permits.ts';

/** Plans judged together: between two such slices the trading state is looked at, and everyone else has a turn. */
const JUDGED_AT_ONCE = 500;
/** How long the loop waits for entries before it looks at the trading state: a flag set by hand takes effect within 250 ms. */
const LOOK_EVERY_MS = 100;
/** How often a plan is judged again because the store moved under it, before it has to wait for the next turn. */
const MAX_TURNS = 20;

export class GovernorLoop {
  readonly options: LoopOptions;
  readonly inputs: readonly Input[];
  sequence: number;
  readonly #chores: Chores;
  /** How far plans were decided when this loop began: those up to there are not judged again. */
  readonly #decidedId: string;
  #lookedMs = -Infinity;
  #entries = 0;
  #isBehind = true;
  /** The mirror is not to be used any more. */
  #isLost = false;

  constructor(options: LoopOptions) {
    const { namespace, saved, kept, desk, look, fates } = options;
    this.options = options;
    this.sequence = saved?.sequence ?? 0;
    this.#decidedId = saved?.meta.get('plans_at') ?? '0-0';
    if (saved !== null) desk.restore(saved, kept, look.nowMs / 1000, look.trading, fates);
    desk.setNow(look.nowMs / 1000);
    desk.applyTrading(look.trading);
    this.#tellTrading();
    const text = saved?.meta.get('inputs');
    const positions = text === undefined ? new Map<string, Position>() : decodePositions(text);
    const inputOf = (kind: Input['kind'], stream: string, name: string): Input => {
      const position = positions.get(name) ?? START;
      return { kind, name, stream, position, isReadable: true, lagSec: 0 };
    };
    this.inputs = [
      inputOf('takes', ownKeyOf(namespace, 'takes'), 'takes'),
      ...DESK_INPUTS.map((kind) => inputOf(kind, keyOf(namespace, kind), inputName(kind))),
    ];
    this.#chores = new Chores(this);
  }

  get isCaughtUp(): boolean {
    return !this.#isBehind;
  }

  /** Ends when `signal` aborts, when someone else owns the governor, or when the mirror is not what the store holds. Rejects with a `StoreError` where the store fails. */
  async run(signal: AbortSignal): Promise<LoopOutcome> {
    const { clock } = this.options;
    for (;;) {
      if (clock.monotonicMs() - this.#lookedMs >= LOOK_EVERY_MS) await this.look([]);
      const outcome = await this.#chores.run(signal);
      if (outcome !== null) return outcome;
      if (this.#isLost) return 'lost';
      if (signal.aborted) return (await this.#chores.commit()) ? 'stopped' : 'fenced';
      const turn = await this.#turn(signal);
      if (turn !== null) return turn;
      this.#tellRound();
    }
  }

  /** Entries that are there, or come soon; and what follows from them. */
  async #turn(signal: AbortSignal): Promise<LoopOutcome | null> {
    const { store, clock, pace } = this.options;
    const { readCount } = pace;
    const readable = this.inputs.filter(({ isReadable }) => isReadable);
    const positions = readable.map(({ stream, position }) => ({
      stream,
      after: position.after,
      count: readCount,
    }));
    const waitMs = Math.max(1, Math.min(LOOK_EVERY_MS, this.#chores.idleMs()));
    if (positions.length === 0) {
      await clock.sleep(waitMs, signal);
      return null;
    }
    let answers: Awaited<ReturnType<Store['wait']>>;
    try {
      answers = await store.wait(positions, waitMs, signal);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'refused') throw error;
      // Which of them cannot be read is found out by reading each.
      await this.#chores.inspect();
      await clock.sleep(waitMs, signal);
      return null;
    }
    pace.readCount = Math.min(READ_COUNT, readCount * 2);
    this.#entries = 0;
    let outcome: LoopOutcome | null = null;
    let isMoreThere = false;
    for (const input of readable) {
      const entries = answers.find(({ stream }) => stream === input.stream)?.entries ?? [];
      if (entries.length === 0 || outcome !== null) continue;
      // What arrived before these plans is not all read yet, and they have waited anyway.
      if (input.kind === 'plans' && this.#isBehind && isMoreThere) break;
      this.#entries += entries.length;
      if (input.kind !== 'plans') isMoreThere ||= entries.length >= readCount;
      outcome = await this.#take(input, entries);
      advance(input, entries);
    }
    if (outcome === null) await this.#settleDoubts();
    this.#isBehind = isMoreThere;
    if (this.#entries > 0) await clock.breathe();
    return outcome;
  }

  async #take(input: Input, entries: readonly StreamEntry[]): Promise<LoopOutcome | null> {
    const { desk } = this.options;
    if (input.kind === 'plans') return await this.#takePlans(entries);
    for (const entry of entries) {
      if (input.kind === 'takes') takeTaken(desk, entry);
      else desk.take(input.kind, entry, idMs(entry.id) / 1000);
    }
    await this.#chores.endFailed();
    return null;
  }

  async #takePlans(entries: readonly StreamEntry[]): Promise<LoopOutcome | null> {
    const { desk, clock } = this.options;
    const arrivals: Arrival[] = [];
    const drills: Reply[] = [];
    for (const entry of entries) {
      // What was decided is not decided again; dead letters are committed later, and may have been lost.
      const isDone = compareIds(entry.id, this.#decidedId) <= 0 || this.options.givenUp.has(entry.id);
      const drill = drillReply(entry, desk.options.settings);
      if (drill === 'unanswerable')
        desk.refuse('plans', entry, 'bad_name', 'the plan_id of a drill is outside the grammar');
      else if (drill !== null) {
        if (!isDone) drills.push(drill);
      } else {
        const arrival = this.#arrivalOf(entry);
        if (arrival !== null && !isDone) arrivals.push(arrival);
      }
    }
    await this.#reply(drills);
    if (arrivals.length > 0) desk.notePlan();
    for (let from = 0; from < arrivals.length; from += JUDGED_AT_ONCE) {
      const outcome = await this.#judge(arrivals.slice(from, from + JUDGED_AT_ONCE));
      if (outcome !== null) return outcome;
      await clock.breathe();
    }
    return null;
  }

  /** Null: it went to the dead letters. */
  #arrivalOf(entry: StreamEntry): Arrival | null {
    const { desk } = this.options;
    const arrivedSec = idMs(entry.id) / 1000;
    const taken = takeEntry('plans', entry, arrivedSec, desk.aliases);
    if (taken.event === null) {
      desk.refuse('plans', entry, taken.reason, taken.detail);
      return null;
    }
    const plan = taken.event;
    if (plan.type !== 'plan') throw new Error(`an entry of the plans became a ${plan.type}`);
    if (!PLAN_ID_GRAMMAR.test(plan.planId)) {
      desk.refuse(
        'plans',
        entry,
        'bad_name',
        `plan_id ${JSON.stringify(plan.planId.slice(0, 60))} is outside the grammar`,
      );
      return null;
    }
    if (plan.symbolValid && desk.isFull(plan.symbol)) {
      desk.refuse('plans', entry, 'too_many_symbols', `no room for ${plan.symbol}`);
      return null;
    }
    if (plan.symbolValid) desk.meet(plan.symbol);
    if (taken.futureTime) desk.options.listener.futureTime(inputName('plans'));
    return { entryId: entry.id, arrivedSec, plan };
  }

  async #judge(arrivals: readonly Arrival[]): Promise<LoopOutcome | null> {
    const { desk, namespace, store, owner, held, sign, clock } = this.options;
    let rest = arrivals;
    for (let turn = 0; rest.length > 0; turn++) {
      if (turn > 0) await clock.breathe();
      const look = await this.look(Batch.requests(rest, namespace));
      if (this.#isLost) return 'lost';
      const batch = new Batch(rest, look, desk, sign);
      const { steps } = batch;
      await this.#reply(batch.earlyReplies);
      const answer =
        steps.length === 0
          ? { done: 0, stopped: null, revision: look.trading.revision }
          : await store.permits.decide({ owner, epoch: held.epoch, sequence: this.sequence }, steps);
      this.sequence += answer.done;
      const settled = batch.settle(answer, this.#nowSec(look));
      await this.#reply(settled.replies);
      if (answer.stopped === null && settled.again.length === 0) return null;
      if (answer.stopped?.why === 'fenced') return 'fenced';
      rest = settled.again;
      if (answer.stopped !== null && answer.stopped.why !== 'moved') {
        // The store knows a permit of this plan that we do not, or a key of it is not ours to write: the rest goes on.
        await this.#giveUp(rest[0]!, answer.stopped.why, answer.stopped.detail);
        this.options.givenUp.add(rest[0]!.entryId);
        rest = rest.slice(1);
      }
      if (settled.isLost || turn >= MAX_TURNS + arrivals.length) return 'lost';
    }
    return null;
  }

  /** A plan that cannot be decided is answered all the same. */
  async #giveUp({ plan, entryId }: Arrival, why: 'permitted' | 'refused', detail: string): Promise<void> {
    const { desk } = this.options;
    if (why === 'permitted') desk.options.listener.dropped(plan.planId, plan.symbol);
    else
      desk.options.listener.outputRefused(plan.planId, `plan ${plan.planId} (entry ${entryId}): ${detail}`);
    const reason = why === 'permitted' ? 'already_permitted' : 'evaluation_error';
    const reply = encodePermitReply({ granted: false, reason });
    await this.#reply([{ planId: plan.planId, reply }]);
  }

  /** Where a key is not ours to write, the others are answered all the same. */
  async #reply(replies: readonly Reply[]): Promise<void> {
    const { store, desk, namespace } = this.options;
    if (replies.length === 0) return;
    try {
      await store.permits.reply(replies);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'WRONGTYPE') throw error;
      const [only] = replies;
      if (replies.length === 1)
        return desk.options.listener.outputRefused(
          keyOf(namespace, 'permitReply', only!.planId),
          error.message,
        );
      for (const reply of replies) await this.#reply([reply]);
    }
  }

  /** The trading state and hashes, applied to the mirror; a flag that was changed by hand is noted first. */
  async look(requests: readonly HashRequest[]): Promise<Look> {
    const { store, desk, clock } = this.options;
    for (let turn = 0; ; turn++) {
      const sentMs = clock.monotonicMs();
      const look = await store.permits.look(requests);
      const heardMs = clock.monotonicMs();
      this.#lookedMs = heardMs;
      await this.#guardClock(look.nowMs, sentMs, heardMs);
      desk.setNow(look.nowMs / 1000);
      if (desk.voidedSince(look.trading) !== 'none') await this.#chores.noteTaken();
      const isNews = desk.applyTrading(look.trading);
      if (isNews) this.#tellTrading();
      if (turn >= MAX_TURNS || !isToBeNoted(look)) return look;
      await store.permits.change({
        kind: 'note',
        state: null,
        by: 'hand',
        reason: 'the flag was set by hand',
      });
    }
  }

  async #guardClock(nowMs: number, sentMs: number, heardMs: number): Promise<void> {
    const { desk, store, clock, guard } = this.options;
    if (guard.note(nowMs, sentMs, heardMs) !== 0) {
      // What was written in a time that is yet to come is never followed by anything newer.
      if (nowMs / 1000 < desk.nowSec) this.#isLost = true;
      desk.stepTime(nowMs / 1000);
      desk.options.listener.clockStepped(guard.owedMs);
    }
    if (guard.owedMs !== 0) {
      const reason = `the store's clock stepped by ${Math.round(guard.owedMs / 1000)} s`;
      await store.permits.change({ kind: 'void', state: null, by: 'governor', reason });
      guard.owedMs = 0;
    }
    desk.governor.suspended = guard.isTripped(clock.monotonicMs())
      ? "the store's clock was set, and has to be steady for a minute"
      : null;
  }

  #tellTrading(): void {
    const { desk } = this.options;
    const { trading } = desk;
    if (trading === null) return;
    const flag =
      trading.flag.kind === 'text' ? `kill is ${trading.flag.text ?? 'absent'}` : trading.flag.error;
    desk.options.listener.trading({
      state: desk.state,
      disarmed: [...trading.disarmed.keys()],
      why: `${flag}, latched ${trading.latched}`,
    });
  }

  /** The store's clock now, as far as it is known without asking again. */
  #nowSec(look: Look): number {
    return (look.nowMs + this.options.clock.monotonicMs() - this.#lookedMs) / 1000;
  }

  /** Executions whose permit nobody is known to have taken: the store knows whether it is still there. */
  async #settleDoubts(): Promise<void> {
    const { desk } = this.options;
    const doubted = desk.takeDoubted();
    const planIds = [...new Set(doubted.map(({ planId }) => planId!))];
    const endOf = (planId: string): number => desk.governor.permit(planId, desk.nowSec)?.expiresAt ?? 0;
    const taken = await this.#chores.findTaken(planIds.map((planId) => [planId, endOf(planId)]));
    for (const execution of doubted) desk.reconcile(execution, taken.has(execution.planId!));
  }

  #tellRound(): void {
    const { desk } = this.options;
    desk.options.listener.round({
      nowMs: desk.nowSec * 1000,
      entries: this.#entries,
      lagSec: new Map(this.inputs.map(({ name, lagSec }) => [name, lagSec])),
      isCaughtUp: this.isCaughtUp,
    });
  }
}

function isToBeNoted({ trading }: Look): boolean {
  const { flag, noted } = trading;
  if (noted === undefined) return true;
  if (flag.kind !== noted.kind) return true;
  return flag.kind === 'text' && noted.kind === 'text' && flag.text !== noted.text;
}

function takeTaken(desk: GovernorDesk, { fields }: StreamEntry): void {
  const planId = valueIn(fields, 'plan_id') ?? '';
  const at = Number(valueIn(fields, 'at') ?? NaN);
  desk.applyTaken(planId, Number.isFinite(at) ? at : desk.nowSec, 'take');
}

function advance(input: Input, entries: readonly StreamEntry[]): void {
  const { position } = input;
  input.position = {
    after: entries.at(-1)!.id,
    // A stream that was not there when it was looked for had been given nothing.
    count: (position.count ?? 0) + entries.length,
  };
}
