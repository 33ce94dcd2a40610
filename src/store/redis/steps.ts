/** The steps of a governor as calls of the functions `issue` and `block`, in one pipeline, and how far they came. */
import { createHash } from 'node:crypto';
import { keyOf, ownKeyOf } from '../../contract/keys.ts';
import type { BlockStep, Deciding, IssueStep, Step, StepsAnswer } from '../permits.ts';
import { StoreError } from '../store.ts';
import { isMissing, type Functions } from './calls.ts';
import type { Committer } from './commit.ts';
import type { Connection } from './connection.ts';
import { encodeFlag } from './look.ts';
import {
  codeOf,
  isError,
  isServerWide,
  listOf,
  numberOf,
  refusal,
  textOf,
  type Answer,
  type Command,
} from './reply.ts';

/** Sealed commits to complete and functions to load before the steps are done: there is one of each at most, unless others are at work as well. */
const MAX_TURNS = 5;
/** An entry with more values than Lua can hand on would be refused half-way through a step. */
const MAX_EVENT_VALUES = 7000;

export class Decider {
  readonly #connection: Connection;
  readonly #functions: Functions;
  readonly #committer: Committer;
  readonly #namespace: string;

  constructor(connection: Connection, functions: Functions, committer: Committer, namespace: string) {
    this.#connection = connection;
    this.#functions = functions;
    this.#committer = committer;
    this.#namespace = namespace;
  }

  async decide(deciding: Deciding, steps: readonly Step[]): Promise<StepsAnswer> {
    const commands = this.#commandsOf(deciding, steps);
    let done = 0;
    let revision = steps[0]?.judgedOn.revision ?? 0;
    let turns = 0;
    while (done < steps.length) {
      const answers = await this.#connection.exchange(commands.slice(done));
      // A later step is done only after those before it: they were done before, by a call whose answer was lost.
      const last = answers.findLastIndex(isDone);
      if (last >= 0) revision = numberOf(listOf(answers[last] as readonly [])[1]);
      done += last + 1;
      if (last === answers.length - 1) continue;
      const stopped = await this.#stopped(answers[last + 1]!);
      if (stopped !== null) return { done, stopped, revision };
      if (++turns === MAX_TURNS)
        return { done, stopped: { why: 'refused', detail: 'BUSY: a commit is always underway' }, revision };
    }
    return { done, stopped: null, revision };
  }

  /** Why a step was not done; null: what stood in its way is out of it. */
  async #stopped(answer: Answer): Promise<StepsAnswer['stopped']> {
    if (isMissing(answer)) {
      await this.#functions.load();
      return null;
    }
    // The whole server says no, for now: it is no fault of the plan's.
    if (isError(answer) && isServerWide(answer)) throw refusal(answer, this.#connection.where);
    if (isError(answer)) return { why: 'refused', detail: `${codeOf(answer)}: ${answer.message}` };
    const [word, detail] = listOf(answer);
    if (word === 'pending') {
      await this.#committer.complete(textOf(detail));
      return null;
    }
    if (word === 'fenced' || word === 'moved' || word === 'permitted')
      return { why: word, detail: textOf(detail) };
    throw new StoreError('unusable', 'REPLY', `A function answered ${JSON.stringify(word)}, which it cannot`);
  }

  /** Each names the token of the one before it: a step whose predecessor was not done is not done either, whatever came in between. */
  #commandsOf({ owner, epoch, sequence }: Deciding, steps: readonly Step[]): Command[] {
    const shared = this.#sharedKeys();
    let before = '';
    return steps.map((step, i) => {
      const { planId, entryId, judgedOn, reply, events } = step;
      const token = tokenOf(step, sequence + i);
      const keys = [...shared, keyOf(this.#namespace, 'permitReply', planId), this.#key('governorEvents')];
      const chain = [owner, String(epoch), String(sequence + i), token, before, entryId];
      const judged = [encodeFlag(judgedOn.flag), String(judgedOn.revision), this.#key('kill'), reply];
      before = token;
      const entries = events.flatMap(eventArgs);
      if (step.kind === 'issue')
        return this.#functions.commandOf(
          'issue',
          [...keys, ...this.#issueKeys(step)],
          [...chain, ...judged, ...issueArgs(step), ...entries],
        );
      return this.#functions.commandOf(
        'block',
        [...keys, keyOf(this.#namespace, 'block', planId), ownKeyOf(this.#namespace, 'outstandingOpenings')],
        [...chain, ...judged, ...this.#blockArgs(step), ...entries],
      );
    });
  }

  #sharedKeys(): string[] {
    const own = (['owner', 'meta', 'records'] as const).map((name) =>
      ownKeyOf(this.#namespace, name, 'governor'),
    );
    return [...own, ownKeyOf(this.#namespace, 'trading'), this.#key('disarmed')];
  }

  #issueKeys({ planId, symbol, opens, daily }: IssueStep): string[] {
    const namespace = this.#namespace;
    const keys = [
      keyOf(namespace, 'permit', planId),
      keyOf(namespace, 'permitUse', planId),
      keyOf(namespace, 'permitTimes', symbol),
      ownKeyOf(namespace, opens ? 'outstandingOpenings' : 'outstandingExits'),
    ];
    if (daily !== null) keys.push(keyOf(namespace, 'dailyNotional', symbol, daily.day));
    return keys;
  }

  #blockArgs({ block, disarm, reduces }: BlockStep): string[] {
    const prefixes = [keyOf(this.#namespace, 'permit', ''), keyOf(this.#namespace, 'permitUse', '')];
    return [block, disarm?.symbol ?? '', disarm?.text ?? '', reduces ? '1' : '0', ...prefixes];
  }

  #key(name: 'governorEvents' | 'disarmed' | 'kill'): string {
    return keyOf(this.#namespace, name);
  }
}

function isDone(answer: Answer): boolean {
  return Array.isArray(answer) && (answer[0] === 'done' || answer[0] === 'repeat');
}

/** Names a step by its place and its content: only the very same one, sent again, is a repeat. */
function tokenOf(step: Step, sequence: number): string {
  const content = createHash('sha1').update(step.kind === 'issue' ? step.kept : step.block);
  return `step:${step.planId}:${step.entryId}:${sequence}:${content.digest('hex')}`;
}

function issueArgs(step: IssueStep): string[] {
  const { planId, symbol, opens, permit, lifeMs, use, kept, instead, issuedAt, daily } = step;
  return [
    ...[planId, symbol, opens ? '1' : '0', permit, String(Math.max(1, Math.round(lifeMs))), use, kept],
    ...[instead ?? '', issuedAt, daily?.notional ?? ''],
  ];
}

function eventArgs(fields: readonly string[]): string[] {
  if (fields.length === 0 || fields.length % 2 === 1 || fields.length > MAX_EVENT_VALUES)
    throw new RangeError(`an event of ${fields.length} names and values is no entry of a stream`);
  return [String(fields.length), ...fields];
}
