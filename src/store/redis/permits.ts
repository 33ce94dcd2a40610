/** The port's part about permits on Redis: each atomic step is one function (functions/), the rest is read in one round trip. */
import { keyOf, ownKeyOf, OWN_KEYS, type KeyName } from '../../contract/keys.ts';
import type { TradingState } from '../../core/event.ts';
import {
  TAKE_REFUSALS,
  type Deciding,
  type Look,
  type PermitDesk,
  type PlanTexts,
  type Step,
  type StepsAnswer,
  type TakeAnswer,
  type TradingChange,
  type TradingChanged,
} from '../permits.ts';
import { StoreError, type HashRequest } from '../store.ts';
import type { Functions } from './calls.ts';
import type { Committer } from './commit.ts';
import type { Connection } from './connection.ts';
import { readLook } from './look.ts';
import { isError, listOf, numberOf, refusal, textOf, textsOf, type Answer } from './reply.ts';
import { Decider } from './steps.ts';
import type { Waiters } from './waiting.ts';

/** Plans of one call, so that none holds Redis for long. */
const PLANS_A_STEP = 500;
const STATES: readonly TradingState[] = ['ACTIVE', 'REDUCING', 'HALTED'];

export class RedisPermits implements PermitDesk {
  readonly #connection: Connection;
  readonly #functions: Functions;
  readonly #waiters: Waiters;
  readonly #namespace: string;
  readonly #decider: Decider;

  constructor(
    connection: Connection,
    functions: Functions,
    committer: Committer,
    waiters: Waiters,
    namespace: string,
  ) {
    this.#connection = connection;
    this.#functions = functions;
    this.#waiters = waiters;
    this.#namespace = namespace;
    this.#decider = new Decider(connection, functions, committer, namespace);
  }

  look(requests: readonly HashRequest[]): Promise<Look> {
    return readLook(this.#connection, this.#namespace, requests);
  }

  decide(deciding: Deciding, steps: readonly Step[]): Promise<StepsAnswer> {
    return this.#decider.decide(deciding, steps);
  }

  async reply(replies: readonly { readonly planId: string; readonly reply: string }[]): Promise<void> {
    const answers = await this.#functions.callAll(
      replies.map(({ planId, reply }) =>
        this.#functions.commandOf('reply', [this.#key('permitReply', planId)], [reply]),
      ),
    );
    this.#throwIfSomeFailed(answers, 'replies were written');
  }

  async take(planId: string): Promise<TakeAnswer> {
    const keys = [
      ...[this.#key('permit', planId), this.#key('permitUse', planId)],
      ...[this.#own('takes'), keyOf(this.#namespace, 'governorEvents')],
      ...[this.#own('outstandingOpenings'), this.#own('outstandingExits')],
    ];
    const records = ownKeyOf(this.#namespace, 'records', 'governor');
    const args = [planId, keyOf(this.#namespace, 'kill'), this.#own('trading'), records];
    const [word, permit, nowMs] = listOf(await this.#functions.call('take', keys, args));
    if (word === 'taken') return { taken: true, permit: textOf(permit), nowMs: numberOf(nowMs) };
    const why = TAKE_REFUSALS.find((refusal) => refusal === word);
    if (why === undefined) throw cannotBe(word);
    return { taken: false, why };
  }

  async awaitReply(planId: string, waitMs: number, signal: AbortSignal): Promise<string | null> {
    const key = this.#key('permitReply', planId);
    const answer = await this.#waiters.wait(
      (blockMs) => ['BLPOP', key, String(blockMs / 1000)],
      waitMs,
      signal,
    );
    return answer === null ? null : textOf(listOf(answer)[1]);
  }

  async find(planIds: readonly string[]): Promise<readonly PlanTexts[]> {
    const answers = await this.#connection.exchange(
      slices(planIds).map((some) => [
        'MGET',
        ...some.flatMap((planId) => PLAN_KEYS.map((name) => this.#key(name, planId))),
      ]),
    );
    const texts = answers.flatMap((answer) => {
      if (isError(answer)) throw refusal(answer, this.#connection.where);
      return listOf(answer) as readonly (string | null)[];
    });
    return planIds.map((_planId, i) => {
      const [permit, use, block] = texts.slice(3 * i) as [string | null, string | null, string | null];
      return { permit, use, block };
    });
  }

  async settle(
    ended: readonly { readonly planId: string; readonly outcome: 'expired' | 'voided' | 'used' }[],
    atSec: string,
  ): Promise<void> {
    const outstanding = [this.#own('outstandingOpenings'), this.#own('outstandingExits')];
    const answers = await this.#functions.callAll(
      slices(ended).map((some) =>
        this.#functions.commandOf(
          'settle',
          [...outstanding, ...some.map(({ planId }) => this.#key('permitUse', planId))],
          [atSec, this.#key('permit', ''), ...some.flatMap(({ planId, outcome }) => [planId, outcome])],
        ),
      ),
    );
    this.#throwIfSomeFailed(answers, `slices of ${PLANS_A_STEP} permits were settled`);
  }

  async change({ kind, state, by, reason }: TradingChange): Promise<TradingChanged> {
    if (kind === 'switch' && state === null)
      throw new RangeError('a switch of the trading state says which one');
    const keys = [
      ...[this.#own('trading'), keyOf(this.#namespace, 'disarmed'), keyOf(this.#namespace, 'governorEvents')],
      ...[this.#own('outstandingOpenings'), this.#own('outstandingExits')],
    ];
    const prefixes = [this.#key('permit', ''), this.#key('permitUse', '')];
    const wanted = kind === 'switch' ? state! : '';
    const args = [kind, wanted, by, reason, keyOf(this.#namespace, 'kill'), ...prefixes];
    const [changed, stateNow, revision, voided] = listOf(await this.#functions.call('change', keys, args));
    const found = STATES.find((name) => name === stateNow);
    if (found === undefined) throw cannotBe(stateNow);
    return {
      changed: changed === 1,
      state: found,
      revision: numberOf(revision),
      voided: numberOf(voided),
    };
  }

  async rearm(symbol: string | null, by: string, reason: string): Promise<readonly string[]> {
    const keys = [
      this.#own('trading'),
      keyOf(this.#namespace, 'disarmed'),
      keyOf(this.#namespace, 'governorEvents'),
    ];
    return textsOf(await this.#functions.call('rearm', keys, [symbol ?? '', by, reason]));
  }

  /** Each is one by itself: where some were refused, the others are done. */
  #throwIfSomeFailed(answers: readonly Answer[], what: string): void {
    const error = answers.find(isError);
    if (error === undefined) return;
    const refused = refusal(error, this.#connection.where);
    const done = answers.filter((answer) => !isError(answer)).length;
    if (done === 0) throw refused;
    const message = `${refused.message} (${done} of ${answers.length} ${what})`;
    throw new StoreError('unreachable', refused.code, message, refused);
  }

  #key(name: KeyName & ('permit' | 'permitUse' | 'permitReply' | 'block'), planId: string): string {
    return keyOf(this.#namespace, name, planId);
  }

  #own(name: keyof typeof OWN_KEYS): string {
    return ownKeyOf(this.#namespace, name);
  }
}

/** In the order of `PlanTexts`. */
const PLAN_KEYS = ['permit', 'permitUse', 'block'] as const;

function slices<Item>(items: readonly Item[]): Item[][] {
  const all: Item[][] = [];
  for (let from = 0; from < items.length; from += PLANS_A_STEP)
    all.push(items.slice(from, from + PLANS_A_STEP));
  return all;
}

function cannotBe(word: unknown): StoreError {
  return new StoreError('unusable', 'REPLY', `A function answered ${JSON.stringify(word)}, which it cannot`);
}
