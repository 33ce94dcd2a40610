/**
 * A commit on Redis. A small one is one call. A large one is staged chunk by chunk in a hash of its own, decided in one
 * short call (`seal`), then done chunk by chunk; until it is decided nothing counts, and afterwards anyone can complete
 * it, so that a death at any point leaves all or nothing and no call holds Redis long.
 */
import { randomUUID } from 'node:crypto';
import { ownKeyOf } from '../../contract/keys.ts';
import { LEASE_MS, StoreError, type Commit, type CommitResult } from '../store.ts';
import type { Functions } from './calls.ts';
import type { Connection } from './connection.ts';
import { chunksOf, digestOf, type Chunk } from './operations.ts';
import { Pace } from './pace.ts';
import { isError, listOf, numberOf, refusal, textOf, textsOf, type Answer, type Reply } from './reply.ts';

/** Chunks that nobody seals go by themselves: their writer died. */
const STAGED_LIFE_MS = 60_000;
/** Chunks on their way to Redis at a time. */
const STAGE_WINDOW = 4;
/** Sealed commits to complete before one's own turn: there is one at most, unless others are at work as well. */
const MAX_TURNS = 5;

type Done = Extract<CommitResult, { outcome: 'done' }>;
type Refused = Done['refused'];

export class Committer {
  readonly #connection: Connection;
  readonly #functions: Functions;
  readonly #namespace: string;
  readonly #pace = new Pace();

  constructor(connection: Connection, functions: Functions, namespace: string) {
    this.#connection = connection;
    this.#functions = functions;
    this.#namespace = namespace;
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const digest = digestOf(commit);
    const chunks = chunksOf(commit, this.#namespace, () => this.#pace.limit, digest);
    const first = chunks.next().value as Chunk;
    const second = chunks.next();
    if (second.done === true) return this.#direct(commit, first, tokenOf(commit, digest.digest('hex')));
    const staged = await this.#stage(commit, [first, second.value], chunks);
    return this.#sealed(commit, staged, tokenOf(commit, digest.digest('hex')));
  }

  /** Does what is left of a sealed commit. */
  async complete(pending: string): Promise<void> {
    await this.#apply(pending, []);
  }

  async #direct(commit: Commit, chunk: Chunk, token: string): Promise<CommitResult> {
    const keys = this.#keysOf(commit);
    const args = [commit.owner, token, String(LEASE_MS), chunk.bytes, ...placesOf(commit)];
    const [word, ...rest] = await this.#turn('commit', keys, args);
    if (word !== 'done') return insteadOf(word!, rest);
    const [micros, rewrite, refused] = rest;
    this.#pace.learn(chunk.cost, numberOf(micros));
    return doneWith(textsOf(rewrite), refusedOf(refused));
  }

  /** Brings the chunks to Redis; returns where they lie and what each will cost. */
  async #stage(
    commit: Commit,
    begun: readonly Chunk[],
    others: Iterable<Chunk>,
  ): Promise<{ pending: string; costs: readonly number[] }> {
    // Of its own for each attempt: what a dead connection still delivers must not get among the chunks of another.
    const pending = ownKeyOf(
      this.#namespace,
      'pending',
      `${commit.parts[0]?.component ?? ''}:${randomUUID()}`,
    );
    const costs: number[] = [];
    const underway: Promise<void>[] = [];
    const put = async (chunk: Chunk): Promise<void> => {
      const index = costs.push(chunk.cost) - 1;
      const sent = this.#stageChunk(pending, index, chunk);
      // Looked at when its turn comes; until then it must not count as unhandled.
      sent.catch(() => undefined);
      underway.push(sent);
      if (underway.length >= STAGE_WINDOW) await underway.shift();
    };
    try {
      for (const chunk of begun) await put(chunk);
      for (const chunk of others) await put(chunk);
      await Promise.all(underway);
    } catch (error) {
      this.#forget(pending);
      // Nothing was decided, so nothing was done, whatever became of the chunks.
      throw error;
    }
    return { pending, costs };
  }

  async #stageChunk(pending: string, index: number, { bytes }: Chunk): Promise<void> {
    const answers = await this.#connection.exchange([
      ['HSET', pending, String(index), bytes],
      ['PEXPIRE', pending, String(STAGED_LIFE_MS)],
    ]);
    for (const answer of answers) if (isError(answer)) throw refusal(answer, this.#connection.where);
  }

  async #sealed(
    commit: Commit,
    { pending, costs }: { readonly pending: string; readonly costs: readonly number[] },
    token: string,
  ): Promise<CommitResult> {
    const keys = [pending, ...this.#keysOf(commit)];
    const args = [commit.owner, token, String(LEASE_MS), String(costs.length), ...placesOf(commit)];
    let answer: readonly Reply[];
    try {
      answer = await this.#turn('seal', keys, args);
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'refused') this.#forget(pending);
      throw error;
    }
    const [word, ...rest] = answer;
    if (word !== 'sealed') {
      this.#forget(pending);
      return insteadOf(word!, rest);
    }
    try {
      return await this.#apply(pending, costs);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind === 'unusable') throw error;
      // It is decided: refusing a chunk of it undoes nothing, it will be completed.
      throw new StoreError(
        'unreachable',
        error.code,
        `${error.message} (the commit is decided, not all done)`,
        error,
      );
    }
  }

  async #apply(pending: string, costs: readonly number[]): Promise<Done> {
    const rewrite: string[] = [];
    const refused: Refused[number][] = [];
    for (let index = 0; ;) {
      // One after the other: of two in a row Redis would do both before it serves anyone else.
      const [word, next, count, micros, toRewrite, wereRefused] = listOf(
        await this.#functions.call('apply', [pending], [String(index)]),
      );
      if (word === 'gone') break;
      if (word === 'applied') {
        if (index < costs.length) this.#pace.learn(costs[index]!, numberOf(micros));
        rewrite.push(...textsOf(toRewrite));
        refused.push(...refusedOf(wereRefused));
        if (next === count) break;
      }
      index = numberOf(next);
    }
    return doneWith(rewrite, refused);
  }

  /** Calls `commit` or `seal` once no other commit has to be completed first. */
  async #turn(name: 'commit' | 'seal', keys: readonly string[], args: readonly (string | Buffer)[]) {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const answer = listOf(await this.#functions.call(name, keys, args));
      if (answer[0] !== 'pending') return answer;
      await this.complete(textOf(answer[1]));
    }
    throw new StoreError('refused', 'BUSY', `Another commit is always underway at ${this.#connection.where}`);
  }

  /** Best effort: what cannot be removed now goes after its life. */
  #forget(pending: string): void {
    this.#connection.exchange([['UNLINK', pending]]).catch((): readonly Answer[] => []);
  }

  #keysOf({ parts }: Commit): string[] {
    const names = ['owner', 'meta', 'records', 'seen'] as const;
    return parts.flatMap(({ component }) => names.map((name) => ownKeyOf(this.#namespace, name, component)));
  }
}

/** Names a commit by its place and its content: only the very same one, sent again, is a repeat. */
function tokenOf({ owner, parts }: Commit, digest: string): string {
  const places = parts.map(({ component, epoch, sequence }) => `${component}:${epoch}:${sequence}`);
  return `${owner}:${places.join(',')}:${digest}`;
}

function placesOf({ parts }: Commit): string[] {
  return parts.flatMap(({ component, epoch, sequence }) => [component, String(epoch), String(sequence)]);
}

function insteadOf(word: Reply, rest: readonly Reply[]): CommitResult {
  if (word === 'repeat') return doneWith([], []);
  if (word === 'fenced') return { outcome: 'fenced', components: textsOf(rest) };
  if (word === 'unstaged')
    throw new StoreError(
      'refused',
      'UNSTAGED',
      `Chunks of a commit are gone before it was decided; commit again`,
    );
  throw new StoreError('unusable', 'REPLY', `A function answered ${JSON.stringify(word)}, which it cannot`);
}

function doneWith(rewrite: readonly string[], refused: Refused): Done {
  return { outcome: 'done', rewrite, refused };
}

function refusedOf(reply: Reply | undefined): Refused {
  return listOf(reply).map((pair) => {
    const [key, error] = textsOf(pair);
    return { key: key!, error: error! };
  });
}
