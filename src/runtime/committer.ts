/**
 * One commit at a time, tried until its outcome is known: what was computed is never thrown away over an answer that got
 * lost, and never done twice. Meanwhile the runner reads on, up to the next commit.
 */
import { Backoff, LONGEST_RETRY_MS } from './backoff.ts';
import { encodePositions, type Position } from './positions.ts';
import { StoreError, type Commit, type CommitPart, type CommitResult } from '../store/store.ts';
import type { Changes } from './machine.ts';
import type { RunnerOptions } from './runner-options.ts';

type Options = Pick<RunnerOptions, 'store' | 'owner' | 'held' | 'sequences' | 'machine' | 'clock' | 'events'>;

export class Committer {
  readonly #options: Options;
  readonly #sequences: Map<string, number>;
  #running: Promise<boolean> = Promise.resolve(true);
  #rewrite: string[] = [];
  #cycleSec: number | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#sequences = new Map(options.sequences);
  }

  /** Starts a commit; the one before has settled. `sinceMs` is when the work for it began; null: no tick is in it. */
  begin(
    changes: Changes,
    positions: ReadonlyMap<string, Position>,
    sinceMs: number | null,
    signal: AbortSignal,
  ): void {
    const { held, owner, machine } = this.#options;
    const epochs = new Map(held.map(({ component, epoch }) => [component, epoch]));
    const parts = changes.parts.map((part): CommitPart => {
      const read = machine.inputsOf(part.component).map((name) => [name, positions.get(name)!] as const);
      return {
        ...part,
        epoch: epochs.get(part.component)!,
        sequence: this.#sequences.get(part.component) ?? 0,
        meta: [...part.meta, 'inputs', encodePositions(new Map(read))],
      };
    });
    this.#running = this.#until({ owner, parts, outputs: changes.outputs }, sinceMs, signal);
  }

  /** Resolves when nothing is under way: false where a component was found to have another owner, or it had to be given up. */
  settle(signal: AbortSignal): Promise<boolean> {
    return signal.aborted
      ? Promise.race([this.#running, this.#options.clock.sleep(LONGEST_RETRY_MS, never).then(() => false)])
      : this.#running;
  }

  /** Hashes the store did not find as they were left. */
  takeRewrite(): string[] {
    const rewrite = this.#rewrite;
    this.#rewrite = [];
    return rewrite;
  }

  /** How long the last commit of ticks took, with the work for it; said once. */
  takeCycleSec(): number | null {
    const cycleSec = this.#cycleSec;
    this.#cycleSec = null;
    return cycleSec;
  }

  async #until(commit: Commit, sinceMs: number | null, signal: AbortSignal): Promise<boolean> {
    const { store, clock, events } = this.#options;
    const backoff = new Backoff(clock);
    for (;;) {
      try {
        const isDone = this.#note(commit, await store.commit(commit));
        if (sinceMs !== null) this.#cycleSec = (clock.monotonicMs() - sinceMs) / 1000;
        return isDone;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        events.storeFailed('commit', error);
        if (signal.aborted || error.kind === 'unusable') return false;
        await backoff.wait(signal);
      }
    }
  }

  #note(commit: Commit, result: CommitResult): boolean {
    if (result.outcome === 'fenced') return false;
    for (const { component, sequence } of commit.parts) this.#sequences.set(component, sequence + 1);
    this.#rewrite.push(...result.rewrite);
    for (const { key, error } of result.refused) this.#options.events.outputRefused(key, error);
    return true;
  }
}

const never = new AbortController().signal;
