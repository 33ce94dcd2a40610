/**
 * What every adapter of the store's port does (src/store/store.ts), as tests: written against the port alone, run on each
 * adapter. A test that one adapter may skip would be a difference users meet.
 */
import { describe } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { describeCommits } from './suite-commits.ts';
import { describeHashes } from './suite-hashes.ts';
import { describeOutputs } from './suite-outputs.ts';
import { describeOwners } from './suite-owners.ts';
import { describePermitSequences } from './suite-permit-sequences.ts';
import { describePermits } from './suite-permits.ts';
import { describeSequences } from './suite-sequences.ts';
import { describeStreams } from './suite-streams.ts';
import { describeTakes } from './suite-takes.ts';
import { describeTrading } from './suite-trading.ts';
import { describeWaits } from './suite-waits.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Another way to the same data, as another process would have it; its disposal leaves `store` as it is. */
  readonly second: () => Promise<Store>;
  /** What its keys begin with; nothing lies below it when the store is opened. */
  readonly namespace: string;
  /** Disposes of `store` and of what `second` gave. */
  readonly close: () => Promise<void>;
}

/** `open` gives an empty store for each test. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the ${name} store`, () => {
    describeStreams(open);
    describeHashes(open);
    describeOwners(open);
    describeCommits(open);
    describeOutputs(open);
    describeWaits(open);
    describePermits(open);
    describeTakes(open);
    describeTrading(open);
    describeSequences(open);
    describePermitSequences(open);
  });
}
