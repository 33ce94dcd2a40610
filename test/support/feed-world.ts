/** A feed on a store that a test writes as other programs do, and a page that follows its patches. */
import { expect } from 'vitest';
import { openFeed, type FeedOptions, type RunningFeed } from '../../src/dashboard/feed/feed.ts';
import { applyPatch } from '../../src/dashboard/views/apply-patch.ts';
import { keyOf, type KeyName } from '../../src/contract/keys.ts';
import { patchSchema, snapshotSchema, type Patch, type Snapshot } from '../../src/dashboard/wire.ts';
import { testSettings } from './engine-run.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Store } from '../../src/store/store.ts';

export const NAMESPACE = 'quantum';
type StreamName = Extract<
  KeyName,
  | 'executions'
  | 'cashflows'
  | 'regimes'
  | 'plans'
  | 'governorEvents'
  | 'budgetViolations'
  | 'efficiencies'
  | 'attributions'
  | 'allocations'
  | 'proposals'
>;
export type Fields = Readonly<Record<string, string | number>>;

/** Time that passes when the test says so, so that names are looked at again when they are to be. */
export class SteppedClock implements Clock {
  nowMs = 0;
  monotonicMs = (): number => this.nowMs;
  breathe = (): Promise<void> => Promise.resolve();
  sleep = (ms: number): Promise<void> => {
    this.nowMs += ms;
    return new Promise((resolve) => setImmediate(resolve));
  };
}

export class FeedWorld {
  readonly clock = new SteppedClock();
  readonly feed: RunningFeed;
  readonly store: Store;
  readonly logged: string[] = [];
  readonly patches: Patch[] = [];
  /** What a page that got the first snapshot shows now. */
  page: Snapshot | null = null;

  constructor(store: Store, options: Partial<FeedOptions> = {}) {
    this.store = store;
    this.feed = openFeed({
      store,
      namespace: NAMESPACE,
      settings: testSettings(),
      version: '9.9.9',
      kind: 'live',
      rate: () => 1,
      storeWhere: 'here',
      clock: this.clock,
      processId: 'process-1',
      log: (message) => void this.logged.push(message),
      ...options,
    });
    this.feed.subscribe(({ patch }) => {
      // As it is sent.
      const sent = patchSchema.parse(JSON.parse(JSON.stringify(patch)));
      this.patches.push(sent);
      if (this.page !== null) this.page = applyPatch(this.page, sent);
    });
  }

  async append(name: StreamName, ...entries: readonly Fields[]): Promise<readonly string[]> {
    return await this.store.append(
      entries.map((fields) => ({
        stream: keyOf(NAMESPACE, name),
        fields: Object.entries(fields).flatMap(([field, value]) => [field, String(value)]),
        maxLength: null,
      })),
    );
  }

  /** Fields of a hash by its key after the namespace. */
  async put(key: string, fields: Fields): Promise<void> {
    const texts = Object.entries(fields).map(([field, value]): [string, string] => [field, String(value)]);
    await this.store.writeFields(`${NAMESPACE}:${key}`, texts);
  }

  /** A round in which names are looked at too. Holds the page against the snapshot. */
  async read(): Promise<Snapshot> {
    this.clock.nowMs += 5000;
    await this.feed.refresh();
    const snapshot = this.feed.snapshot;
    if (snapshot === null) throw new Error(`nothing was read: ${this.logged.join('; ')}`);
    expect(snapshotSchema.parse(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    this.page ??= snapshot;
    expect(this.page).toEqual(snapshot);
    return snapshot;
  }
}
