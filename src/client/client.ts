/**
 * What a program that places orders needs of Ballast: ask for a permit, take it, check it, and tell what became of the order.
 * docs/clients.md shows the whole loop.
 */
import { performance } from 'node:perf_hooks';
import { verifierOf, type Verified, type VerifyingKeys } from '../signing/verifier.ts';
import type { Store } from '../store/store.ts';
import {
  publishExecution,
  publishPosition,
  publishResult,
  type Execution,
  type PositionSnapshot,
  type Result,
} from './reports.ts';
import { requestPermit, type PermitAnswer, type RequestOptions } from './request.ts';
import { takePermit, type Clocks, type TakeResult } from './take.ts';
import { readTarget, type Target } from './target.ts';
import type { Plan } from './plan.ts';

export interface ClientOptions extends VerifyingKeys, Partial<Clocks> {
  /** What every key begins with (`BALLAST_NAMESPACE`); absent: `quantum`. */
  readonly namespace?: string;
  /** So long before a permit's end it is not acted on any more, milliseconds: time for the order to reach the venue. Absent: 1000. */
  readonly marginMs?: number;
}

/**
 * Every method rejects with `StoreError` where the store cannot do it, within its deadline; what it was asked may have been done then. A
 * plan counts as not granted, a permit as not taken. Wrong arguments reject with `RangeError`, and nothing was sent.
 */
export interface Client extends AsyncDisposable {
  /** Puts a plan before the governor and waits for its answer. Several at once may wait. */
  requestPermit(plan: Plan, options?: RequestOptions): Promise<PermitAnswer>;
  /** Takes the permit of a plan, once and for all, and checks it. One that fails a check is used up all the same. */
  takePermit(planId: string): Promise<TakeResult>;
  /** Checks spelling, version and signature of a permit's text, as `takePermit` does; not its time. Never throws. */
  verifyPermit(text: string): Verified;
  /** The target of a symbol as the governor holds it against plans; null: none that is enforced and at most 300 s old. */
  readTarget(symbol: string): Promise<Target | null>;
  /** Tells of a fill. */
  publishExecution(execution: Execution): Promise<void>;
  /** Tells whether a plan's order was placed. */
  publishResult(result: Result): Promise<void>;
  /** Tells what is held of a symbol, replacing what was told before. */
  publishPosition(position: PositionSnapshot): Promise<void>;
  /** Ends the connection, where the client opened it. */
  close(): Promise<void>;
}

const DEFAULT_MARGIN_MS = 1000;
const DEFAULT_NAMESPACE = 'quantum';

/** A client on a store of this process, which stays open when the client is closed. Throws `RangeError` where a key cannot be used. */
export function clientOn(store: Store, options: ClientOptions = {}): Client {
  return new StoreClient(store, options, () => Promise.resolve());
}

/** A client that closes its store too. */
export function clientOwning(store: Store, options: ClientOptions): Client {
  return new StoreClient(store, options, () => Promise.resolve(store[Symbol.asyncDispose]()));
}

export function namespaceOf({ namespace = DEFAULT_NAMESPACE }: ClientOptions): string {
  return namespace;
}

class StoreClient implements Client {
  readonly #store: Store;
  readonly #namespace: string;
  readonly #verifier: ReturnType<typeof verifierOf>;
  readonly #clocks: Clocks;
  readonly #marginMs: number;
  readonly #close: () => Promise<void>;

  constructor(store: Store, options: ClientOptions, close: () => Promise<void>) {
    const { marginMs = DEFAULT_MARGIN_MS, nowMs = Date.now } = options;
    if (!(marginMs >= 0 && marginMs < Infinity))
      throw new RangeError(`marginMs is ${marginMs}; it has to be 0 or more milliseconds`);
    this.#store = store;
    this.#namespace = namespaceOf(options);
    this.#verifier = verifierOf(options);
    this.#clocks = { nowMs, monotonicMs: options.monotonicMs ?? (() => performance.now()) };
    this.#marginMs = marginMs;
    this.#close = close;
  }

  async requestPermit(plan: Plan, options?: RequestOptions): Promise<PermitAnswer> {
    return await requestPermit(this.#store, this.#namespace, plan, this.#nowSec(), options);
  }

  async takePermit(planId: string): Promise<TakeResult> {
    return await takePermit(this.#store, this.#verifier, planId, this.#clocks, this.#marginMs);
  }

  verifyPermit(text: string): Verified {
    return this.#verifier.verify(text);
  }

  async readTarget(symbol: string): Promise<Target | null> {
    return await readTarget(this.#store, this.#namespace, symbol);
  }

  async publishExecution(execution: Execution): Promise<void> {
    await publishExecution(this.#store, this.#namespace, execution, this.#nowSec());
  }

  async publishResult(result: Result): Promise<void> {
    await publishResult(this.#store, this.#namespace, result, this.#nowSec());
  }

  async publishPosition(position: PositionSnapshot): Promise<void> {
    await publishPosition(this.#store, this.#namespace, position, this.#nowSec());
  }

  async close(): Promise<void> {
    await this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #nowSec(): number {
    return this.#clocks.nowMs() / 1000;
  }
}
