/** A governor on the memory store in a time that passes only when the test lets it; what it tells and what it wrote, to be read. */
import { onTestFinished } from 'vitest';
import { keyOf, type KeyName } from '../../src/contract/keys.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { StoreError, type Store } from '../../src/store/store.ts';
import { ask, GOVERNED, publishPlan, startGovernor, type RunningGovernor } from './governor-run.ts';
import { testSettings } from './engine-run.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { SimulatedTime } from './simulated-time.ts';
import type { GovernorOptions } from '../../src/components/governor/run.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Trading } from '../../src/store/permits.ts';

type Fields = Readonly<Record<string, string>>;

const LONGEST_REAL_MS = 40;

/** Cuts a store off: from then on every call fails, and nothing more is written. */
export class Cut {
  isCut = false;
  /** The call with that number fails after it was carried out: its answer is lost; those after it are not made. */
  atCall = Infinity;
  calls = 0;
  /** Calls wait while this is set. */
  frozen: Promise<void> | null = null;

  wrap<Whole extends object>(whole: Whole): Whole {
    return new Proxy(whole, {
      get: (target, name): unknown => {
        const value: unknown = Reflect.get(target, name);
        if (name === 'permits') return this.wrap(value as object);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]): Promise<unknown> => {
          if (this.frozen !== null) await this.frozen;
          if (this.isCut) throw new StoreError('unreachable', 'CUT', 'the test cut it off');
          this.calls++;
          const answer = (await Reflect.apply(value, target, given)) as unknown;
          if (this.calls < this.atCall) return answer;
          this.isCut = true;
          throw new StoreError('unreachable', 'CUT', 'the test cut it off, the answer is lost');
        };
      },
    });
  }
}

export class GovernorWorld {
  readonly time: SimulatedTime;
  readonly store: Store;
  /** Added to what the store's clock says when it is looked at. */
  lookShiftMs = 0;
  readonly #never = new AbortController().signal;
  readonly #running = new Set<RunningGovernor>();
  readonly #isReal: boolean;
  #owners = 0;
  #isOver = false;

  constructor(store: Store, time: SimulatedTime, isReal = false) {
    this.time = time;
    this.store = store;
    this.#isReal = isReal;
  }

  /** On a real server, in real time: whatever takes long is cut short. */
  static onRedis(store: Store): GovernorWorld {
    const world = new GovernorWorld(store, new SimulatedTime(Date.now()), true);
    onTestFinished(async () => await world.end());
    return world;
  }

  static async open(startSec = 1_800_000_000): Promise<GovernorWorld> {
    const time = new SimulatedTime(startSec * 1000);
    // The test is one of those whose sleep lets time pass.
    time.runnerCame();
    const store = await openMemoryStore({
      namespace: GOVERNED,
      folder: null,
      nowMs: () => time.nowMs + time.shiftMs,
      monotonicMs: () => time.nowMs,
      timer: { sleep: async (ms, signal) => await time.clock.sleep(ms, signal) },
    });
    const world = new GovernorWorld(store, time);
    onTestFinished(async () => await world.end());
    return world;
  }

  /** Ends its governors and closes the store. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#isReal) this.time.runnerWent();
    for (const governor of this.#running) await governor.stop();
    await this.store[Symbol.asyncDispose]();
  }

  get clock(): Clock {
    return this.#isReal ? systemClock : this.time.clock;
  }

  /** The store's clock, Unix seconds. */
  get nowSec(): number {
    return (this.#isReal ? Date.now() : this.time.nowMs + this.time.shiftMs) / 1000;
  }

  /** Starts a governor and lets it come to its work. `cut`: it sees the store through it. */
  async govern(
    changed: Partial<Settings> = {},
    more: Partial<GovernorOptions> & { cut?: Cut } = {},
  ): Promise<RunningGovernor> {
    const governor = this.begin(changed, more);
    await this.pass(0.25);
    return governor;
  }

  begin(
    changed: Partial<Settings> = {},
    { cut = new Cut(), ...more }: Partial<GovernorOptions> & { cut?: Cut } = {},
  ): RunningGovernor {
    this.time.runnerCame();
    const settings = testSettings({ APPLY_MODE: 'production', ...changed });
    const store = cut.wrap(this.#withShift());
    const running = startGovernor(store, settings, {
      clock: this.clock,
      owner: `owner-${++this.#owners}`,
      ...more,
    });
    const over = running.over.finally(() => {
      this.#running.delete(one);
      this.time.runnerWent();
    });
    const one: RunningGovernor = { ...running, over };
    this.#running.add(one);
    return one;
  }

  /** Lets time pass; everybody acts meanwhile. */
  async pass(seconds: number): Promise<void> {
    // Whoever was woken by what the test did is awake then.
    await new Promise((resolve) => setImmediate(resolve));
    await this.clock.sleep(
      this.#isReal ? Math.min(seconds * 1000, LONGEST_REAL_MS) : seconds * 1000,
      this.#never,
    );
  }

  async ask(fields: Fields & { readonly plan_id: string }): Promise<string> {
    const reply = await ask(this.store, { qty: '1', price: '100', ...fields }, 3000);
    if (reply === null) return 'no answer';
    return reply.granted ? 'granted' : reply.reason!;
  }

  async plan(fields: Fields): Promise<string> {
    return await publishPlan(this.store, { qty: '1', price: '100', ...fields });
  }

  async add(stream: 'executions' | 'results' | 'cashflows' | 'plans', fields: Fields): Promise<void> {
    const request = {
      stream: keyOf(GOVERNED, stream),
      fields: Object.entries(fields).flat(),
      maxLength: null,
    };
    await this.store.append([request]);
    await this.pass(0.02);
  }

  /** A hash; `timestamp` is now unless said. */
  async put(key: string, fields: Readonly<Record<string, string | number>>): Promise<void> {
    const all = { timestamp: this.nowSec, ...fields };
    await this.store.writeFields(
      `${GOVERNED}:${key}`,
      Object.entries(all).map(([name, value]) => [name, String(value)] as const),
    );
  }

  async position(symbol: string, amount: number, markUsd = 100): Promise<void> {
    await this.put(`position:snapshot:${symbol}`, {
      position_amt: amount,
      mark_price: markUsd,
      notional_usd: Math.abs(amount) * markUsd,
    });
  }

  /** Without a word to anyone, as `GETDEL` does. */
  async getdel(planId: string): Promise<string | null> {
    const [found] = await this.store.permits.find([planId]);
    await this.store.setText(keyOf(GOVERNED, 'permit', planId), null);
    return found!.permit;
  }

  async take(planId: string): Promise<string> {
    const answer = await this.store.permits.take(planId);
    await this.pass(0.02);
    return answer.taken ? 'taken' : answer.why;
  }

  /** As `redis-cli` would: null deletes it. */
  async kill(text: string | null): Promise<void> {
    await this.store.setText(keyOf(GOVERNED, 'kill'), text);
  }

  async outcome(planId: string): Promise<string | null> {
    const [found] = await this.store.permits.find([planId]);
    return found!.use === null ? null : (JSON.parse(found!.use) as { outcome: string }).outcome;
  }

  async permit(planId: string): Promise<Record<string, unknown> | null> {
    const [found] = await this.store.permits.find([planId]);
    return found!.permit === null ? null : (JSON.parse(found!.permit) as Record<string, unknown>);
  }

  async block(planId: string): Promise<Record<string, unknown> | null> {
    const [found] = await this.store.permits.find([planId]);
    return found!.block === null ? null : (JSON.parse(found!.block) as Record<string, unknown>);
  }

  async trading(): Promise<Trading> {
    return (await this.store.permits.look([])).trading;
  }

  /** Entries of a stream after the namespace, as objects. */
  async entries(stream: string): Promise<Record<string, string>[]> {
    const position = { stream: `${GOVERNED}:${stream}`, after: '0-0', count: 1_000_000 };
    const { streams } = await this.store.read([position]);
    return streams[0]!.entries.map(({ fields }) => {
      const record: Record<string, string> = {};
      for (let i = 0; i < fields.length; i += 2) record[fields[i]!] = fields[i + 1]!;
      return record;
    });
  }

  async events(name?: string): Promise<Record<string, string>[]> {
    const all = await this.entries('stream:governor.events');
    return name === undefined ? all : all.filter(({ event }) => event === name);
  }

  keyOf(name: KeyName, ...parts: string[]): string {
    return (keyOf as (namespace: string, name: KeyName, ...parts: string[]) => string)(
      GOVERNED,
      name,
      ...parts,
    );
  }

  /** The same store, whose clock is seen shifted. */
  #withShift(): Store {
    const permits = new Proxy(this.store.permits, {
      get: (target, name): unknown => {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'look') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return async (requests: Parameters<typeof target.look>[0]) => {
          const look = await target.look(requests);
          return { ...look, nowMs: look.nowMs + this.lookShiftMs };
        };
      },
    });
    return new Proxy(this.store, {
      get: (target, name): unknown => {
        if (name === 'permits') return permits;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

export type { RunningGovernor };
