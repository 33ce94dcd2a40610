/** Any sequence of steps, takes and changes by two owners over two connections leaves what a model of plain maps says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, ownKeyOf } from '../../src/contract/keys.ts';
import { tradingState } from '../../src/core/governor/trading-state.ts';
import type { Deciding, Step, StepsAnswer, TakeRefusal } from '../../src/store/permits.ts';
import type { TradingState } from '../../src/core/event.ts';
import type { Store } from '../../src/store/store.ts';
import { GovernorRig, objectOf, useOf } from './permit-support.ts';
import { bench, fieldsIn, type Bench, type Open } from './suite-support.ts';

const PLANS = ['p0', 'p1', 'p2', 'p3'] as const;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;
const FLAGS = [null, '0', 'reduce', '1', 'else'] as const;
const OWNERS = ['one', 'two'] as const;

export function describePermitSequences(open: Open): void {
  const test = bench(open);

  describe('any sequence of steps, takes and changes', () => {
    it('leaves what the model says, and answers as it does', { timeout: 120_000 }, async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async (acts) => {
          run++;
          const other = await test.second();
          const sequence = new Sequence(test, [test.store, other], run);
          await sequence.begin();
          for (const one of acts) await sequence.take(one);
          await sequence.check();
          await other[Symbol.asyncDispose]();
        }),
        { numRuns: 60 },
      );
      expect(run).toBeGreaterThanOrEqual(60);
    });
  });
}

const via = fc.nat(1);
const drawn = fc.record({
  kind: fc.constantFrom('issue' as const, 'issue' as const, 'block' as const),
  plan: fc.constantFrom(...PLANS),
  symbol: fc.constantFrom(...SYMBOLS),
  instead: fc.constantFrom(null, 'untaken' as const, 'failed' as const),
  takeable: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  disarms: fc.boolean(),
  reduces: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
});
/** A plan opens or reduces; it never comes again as the other. */
const step = drawn.map((one) => ({ ...one, opens: one.plan === 'p0' || one.plan === 'p1' }));
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      via,
      /** The one who holds the governor, or the other. */
      isOwner: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
      /** How far its sequence is beyond the right one. */
      ahead: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1)),
      steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again' as const), via }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('take' as const), via, plan: fc.constantFrom(...PLANS) }),
  },
  fc.record({ do: fc.constant('getdel' as const), via, plan: fc.constantFrom(...PLANS) }),
  fc.record({ do: fc.constant('flag' as const), via, flag: fc.constantFrom(...FLAGS) }),
  fc.record({ do: fc.constant('note' as const), via }),
  fc.record({
    do: fc.constant('switch' as const),
    via,
    state: fc.constantFrom('ACTIVE' as const, 'ACTIVE' as const, 'REDUCING' as const, 'HALTED' as const),
  }),
  fc.record({ do: fc.constant('void' as const), via }),
  fc.record({ do: fc.constant('rearm' as const), via, symbol: fc.constantFrom(null, ...SYMBOLS) }),
  fc.record({
    do: fc.constant('settle' as const),
    via,
    plan: fc.constantFrom(...PLANS),
    outcome: fc.constantFrom('expired' as const, 'used' as const),
  }),
  fc.record({ do: fc.constant('handOver' as const), via }),
);
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;
type ActOf<Name extends Act['do']> = Extract<Act, { do: Name }>;

interface Plan {
  outcome: 'issued' | 'used' | 'expired' | 'voided';
  /** Its permit, while it lies there. */
  permit: string | null;
  opens: boolean;
  takeable: boolean;
  epoch: number;
}

/** The acts, and what they should have done. */
class Sequence {
  readonly #test: Bench;
  readonly #stores: readonly Store[];
  readonly #plans = new Map<string, Plan>();
  readonly #disarmed = new Set<string>();
  #events: string[] = [];
  #takes: string[] = [];
  #flag: string | null = null;
  #noted: string | null | undefined = undefined;
  #latched: TradingState = 'ACTIVE';
  #revision = 0;
  #voidAll = 0;
  #voidOpenings = 0;
  #governor!: GovernorRig;
  #last: { deciding: Deciding; steps: readonly Step[]; done: number; at: number } | null = null;
  #permits = 0;

  readonly #run: number;

  constructor(test: Bench, stores: readonly Store[], run: number) {
    this.#test = test;
    this.#stores = stores;
    this.#run = run;
  }

  /** One store for all runs: what the run before left is put away by hand. */
  async begin(): Promise<void> {
    const { namespace } = this.#test.under;
    const store = this.#stores[0]!;
    for (const name of ['kill', 'governorEvents', 'disarmed'] as const)
      await store.setText(keyOf(namespace, name), null);
    for (const name of ['trading', 'takes', 'outstandingOpenings', 'outstandingExits'] as const)
      await store.setText(ownKeyOf(namespace, name), null);
    for (const plan of PLANS)
      for (const name of ['permit', 'permitUse'] as const)
        await store.setText(keyOf(namespace, name, plan), null);
    const { others } = await store.claim('one', ['governor']);
    for (const { owner, component, epoch } of others) await store.release(owner, [{ component, epoch }]);
    const claimed = await store.claim('one', ['governor']);
    const sequence = (await store.load('governor'))?.sequence ?? 0;
    this.#governor = new GovernorRig(store, 'one', claimed.held[0]!.epoch, sequence);
  }

  async take(one: Act): Promise<void> {
    const store = this.#stores[one.via]!;
    const by = { by: 'test', reason: 'test' };
    if (one.do === 'decide') await this.#decide(store, one);
    else if (one.do === 'again') await this.#again(store);
    else if (one.do === 'take') await this.#take(store, one.plan);
    else if (one.do === 'getdel') await this.#getdel(store, one.plan);
    else if (one.do === 'flag') {
      await store.setText(keyOf(this.#test.under.namespace, 'kill'), one.flag);
      this.#flag = one.flag;
    } else if (one.do === 'switch') {
      const answer = await store.permits.change({ kind: 'switch', state: one.state, ...by });
      this.#flag = { ACTIVE: '0', REDUCING: 'reduce', HALTED: '1' }[one.state];
      expect(answer).toEqual(this.#latch(one.state));
    } else if (one.do === 'note') {
      expect(await store.permits.change({ kind: 'note', state: null, ...by })).toEqual(this.#note());
    } else if (one.do === 'void') {
      const answer = await store.permits.change({ kind: 'void', state: null, ...by });
      expect(answer).toEqual(this.#changed('all'));
    } else if (one.do === 'rearm') {
      const answer = await store.permits.rearm(one.symbol, by.by, by.reason);
      const rearmed = [...this.#disarmed].filter((symbol) => one.symbol === null || symbol === one.symbol);
      expect(answer.toSorted()).toEqual(rearmed.toSorted());
      for (const symbol of rearmed) this.#disarmed.delete(symbol);
      this.#revision++;
      this.#events.push('REARM');
    } else if (one.do === 'settle') {
      await store.permits.settle([{ planId: one.plan, outcome: one.outcome }], '5');
      const plan = this.#plans.get(one.plan);
      if (plan?.outcome === 'issued') plan.outcome = one.outcome;
      // Whatever it says: it is outstanding no more, and not looked for when all are voided.
      if (plan !== undefined) plan.permit = await this.#removed(store, one.plan);
    } else {
      await this.#handOver(store);
    }
  }

  async check(): Promise<void> {
    const { namespace } = this.#test.under;
    for (const store of this.#stores) {
      const { trading } = await store.permits.look([]);
      expect({ ...trading, disarmed: [...trading.disarmed.keys()].toSorted() }).toEqual({
        flag: { kind: 'text', text: this.#flag },
        latched: this.#latched,
        noted: this.#noted === undefined ? undefined : { kind: 'text', text: this.#noted },
        revision: this.#revision,
        voidAllBelow: this.#voidAll,
        voidOpeningsBelow: this.#voidOpenings,
        disarmed: [...this.#disarmed].toSorted(),
      });
      for (const name of PLANS) {
        const plan = this.#plans.get(name);
        const [found] = await store.permits.find([name]);
        expect(found!.permit).toBe(plan?.permit ?? null);
        expect((await useOf(store, name))?.outcome).toBe(plan?.outcome);
      }
      const events = await fieldsIn(store, keyOf(namespace, 'governorEvents'));
      expect(events.map((fields) => objectOf(fields)['event'])).toEqual(this.#events);
      const takes = await fieldsIn(store, ownKeyOf(namespace, 'takes'));
      expect(takes.map((fields) => objectOf(fields)['plan_id'])).toEqual(this.#takes);
      expect((await store.load('governor'))?.sequence ?? 0).toBe(this.#governor.sequence);
    }
  }

  async #decide(store: Store, { isOwner, ahead, steps }: ActOf<'decide'>): Promise<void> {
    const governor = this.#governor;
    const owner = isOwner ? governor.owner : this.#otherOwner;
    const deciding = { ...governor.deciding, owner, sequence: governor.sequence + ahead };
    const made: Step[] = [];
    for (const one of steps) made.push(await this.#make(one));
    const at = governor.sequence;
    const answer = await store.permits.decide(deciding, made);
    if (!isOwner || ahead !== 0) {
      expect(answer).toMatchObject({ done: 0, stopped: { why: 'fenced' } });
      return;
    }
    this.#expectSteps(answer, steps, made);
    if (answer.done > 0) this.#last = { deciding, steps: made, done: answer.done, at };
  }

  /** A call whose answer was lost is sent again: what it did counts, what it did not do may be done now. */
  async #again(store: Store): Promise<void> {
    if (this.#last === null) return;
    const { deciding, steps, done, at } = this.#last;
    if (deciding.owner !== this.#governor.owner || deciding.epoch !== this.#governor.epoch) {
      expect(await store.permits.decide(deciding, steps)).toMatchObject({
        done: 0,
        stopped: { why: 'fenced' },
      });
      return;
    }
    const answer = await store.permits.decide(deciding, steps.slice(0, done));
    if (at + done === this.#governor.sequence) expect(answer).toMatchObject({ done, stopped: null });
    else expect(answer).toMatchObject({ done: 0, stopped: { why: 'fenced' } });
  }

  #expectSteps(answer: StepsAnswer, steps: ActOf<'decide'>['steps'], made: readonly Step[]): void {
    for (let n = 0; n < made.length; n++) {
      const why = this.#whyNot(steps[n]!, made[n]!);
      if (why !== null) {
        expect(answer).toMatchObject({ done: n, stopped: { why } });
        return;
      }
      this.#do(steps[n]!, made[n]!);
      this.#governor.sequence++;
      if (answer.done === n + 1) expect(answer.revision).toBe(this.#revision);
    }
    expect(answer).toMatchObject({ done: made.length, stopped: null });
  }

  #whyNot(step: ActOf<'decide'>['steps'][number], made: Step): 'moved' | 'permitted' | null {
    if (made.judgedOn.revision !== this.#revision) return 'moved';
    if (made.judgedOn.flag.kind !== 'text' || made.judgedOn.flag.text !== this.#flag) return 'moved';
    if (made.kind === 'block') return null;
    const state = tradingState(this.#flag, this.#latched);
    if (state === 'HALTED' || (step.opens && (state === 'REDUCING' || this.#disarmed.has(step.symbol))))
      return 'moved';
    const plan = this.#plans.get(step.plan);
    const isOver = plan?.outcome === 'expired' || plan?.outcome === 'voided';
    const may = plan === undefined || step.instead === 'failed' || (step.instead === 'untaken' && isOver);
    return may ? null : 'permitted';
  }

  #do(step: ActOf<'decide'>['steps'][number], made: Step): void {
    if (made.kind === 'issue') {
      const { permit, opens } = made;
      const { takeable } = step;
      this.#plans.set(step.plan, { outcome: 'issued', permit, opens, takeable, epoch: this.#revision });
      this.#events.push('PERMIT_ISSUED');
      return;
    }
    this.#events.push('PLAN_BLOCKED');
    if (step.disarms) this.#disarmed.add(step.symbol);
    if (!step.reduces || this.#latched !== 'ACTIVE') return;
    if (tradingState(this.#flag, 'ACTIVE') === 'ACTIVE') this.#flag = 'reduce';
    this.#latched = 'REDUCING';
    this.#noted = this.#flag;
    this.#voidOpenings = ++this.#revision;
    this.#voidPermits('openings');
  }

  async #make(step: ActOf<'decide'>['steps'][number]): Promise<Step> {
    const planId = step.plan;
    // Of its own run: the last step of the run before, made anew, would be a repeat of it.
    const entryId = `${++this.#permits}-${this.#run}`;
    if (step.kind === 'issue') {
      const { symbol, opens, instead, takeable } = step;
      const permit = `{"granted":true,"n":${this.#permits}}`;
      return await this.#governor.issue(planId, {
        entryId,
        symbol,
        opens,
        instead,
        permit,
        keptAs: { takeable },
      });
    }
    const disarm = step.disarms ? { symbol: step.symbol, text: '{}' } : null;
    return await this.#governor.block(planId, { entryId, disarm, reduces: step.reduces });
  }

  async #take(store: Store, planId: string): Promise<void> {
    const answer = await store.permits.take(planId);
    const plan = this.#plans.get(planId);
    const why = this.#whyNotTaken(plan);
    if (why !== null) {
      expect(answer).toEqual({ taken: false, why });
      return;
    }
    expect(answer).toMatchObject({ taken: true, permit: plan!.permit });
    Object.assign(plan!, { permit: null, outcome: 'used' });
    this.#takes.push(planId);
    this.#events.push('PERMIT_TAKEN');
  }

  #whyNotTaken(plan: Plan | undefined): TakeRefusal | null {
    if (plan === undefined) return 'unknown';
    if (plan.outcome !== 'issued') return plan.outcome;
    if (plan.permit === null) return 'used';
    const state = tradingState(this.#flag, this.#latched);
    if (!plan.takeable) return 'dry_run';
    if (state === 'HALTED') return 'halted';
    if (state === 'REDUCING' && plan.opens) return 'reducing';
    const isVoid = plan.epoch < this.#voidAll || (plan.opens && plan.epoch < this.#voidOpenings);
    return isVoid ? 'voided' : null;
  }

  async #getdel(store: Store, planId: string): Promise<void> {
    const plan = this.#plans.get(planId);
    if (plan !== undefined) plan.permit = await this.#removed(store, planId);
  }

  async #removed(store: Store, planId: string): Promise<null> {
    await store.setText(keyOf(this.#test.under.namespace, 'permit', planId), null);
    return null;
  }

  #note(): unknown {
    const flagged = tradingState(this.#flag, 'ACTIVE');
    const isFirst = this.#noted === undefined && flagged === 'ACTIVE';
    const isNoted = this.#noted !== undefined && this.#noted === this.#flag;
    if (isFirst) this.#noted = this.#flag;
    if (isFirst || isNoted) {
      const state = tradingState(this.#flag, this.#latched);
      return { changed: false, state, revision: this.#revision, voided: 0 };
    }
    if (this.#flag === null) {
      this.#noted = null;
      return this.#changed('none');
    }
    return this.#latch(flagged === 'ACTIVE' ? flagged : tradingState(this.#flag, this.#latched));
  }

  #latch(state: TradingState): unknown {
    this.#latched = state;
    this.#noted = this.#flag;
    if (state === 'ACTIVE') this.#disarmed.clear();
    return this.#changed(state === 'ACTIVE' ? 'none' : state === 'HALTED' ? 'all' : 'openings');
  }

  #changed(voids: 'none' | 'openings' | 'all'): unknown {
    this.#revision++;
    if (voids === 'all') this.#voidAll = this.#revision;
    if (voids !== 'none') this.#voidOpenings = this.#revision;
    const voided = voids === 'none' ? 0 : this.#voidPermits(voids);
    this.#events.push('KILL_SWITCH');
    const state = tradingState(this.#flag, this.#latched);
    return { changed: true, state, revision: this.#revision, voided };
  }

  #voidPermits(which: 'openings' | 'all'): number {
    let voided = 0;
    for (const plan of this.#plans.values()) {
      if (plan.permit === null || (which === 'openings' && !plan.opens)) continue;
      Object.assign(plan, { permit: null, outcome: 'voided' });
      voided++;
    }
    return voided;
  }

  async #handOver(store: Store): Promise<void> {
    const { owner, epoch, sequence } = this.#governor;
    await store.release(owner, [{ component: 'governor', epoch }]);
    const next = this.#otherOwner;
    const { held } = await store.claim(next, ['governor']);
    expect(held[0]!.epoch).toBeGreaterThan(epoch);
    this.#governor = new GovernorRig(this.#stores[0]!, next, held[0]!.epoch, sequence);
  }

  get #otherOwner(): string {
    return OWNERS.find((name) => name !== this.#governor.owner)!;
  }
}
