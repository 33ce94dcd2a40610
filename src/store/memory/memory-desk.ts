/** The port's part about permits on the memory store: what changes something is a command, the rest is answered at once. */
import { keyOf } from '../../contract/keys.ts';
import type {
  Deciding,
  Look,
  PermitDesk,
  Step,
  StepsAnswer,
  TakeAnswer,
  TradingChange,
  TradingChanged,
} from '../permits.ts';
import type { HashAnswer, HashRequest } from '../store.ts';
import type { Command } from './commands.ts';
import type { MemoryState } from './state.ts';

/** What the store lends its desk. */
export interface DeskParts {
  readonly state: MemoryState;
  readonly ask: <Answer>(answer: (nowMs: number) => Answer) => Promise<Answer>;
  readonly change: <Change extends Command, Answer>(
    make: (nowMs: number) => Change,
    apply: (command: Change) => Answer,
  ) => Promise<Answer>;
  readonly wait: <Answer>(
    keys: readonly string[],
    attempt: (nowMs: number) => Answer | null,
    waitMs: number,
    signal: AbortSignal,
  ) => Promise<Answer | null>;
  readonly hashes: (requests: readonly HashRequest[], nowMs: number) => readonly HashAnswer[];
}

export class MemoryDesk implements PermitDesk {
  readonly #parts: DeskParts;
  readonly #state: MemoryState;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#state = parts.state;
  }

  async look(requests: readonly HashRequest[]): Promise<Look> {
    return await this.#parts.ask((nowMs) => ({
      nowMs,
      trading: this.#state.trading.look(nowMs),
      hashes: this.#parts.hashes(requests, nowMs),
    }));
  }

  async decide(deciding: Deciding, steps: readonly Step[]): Promise<StepsAnswer> {
    return await this.#parts.change(
      (nowMs) => ({ op: 'decide', nowMs, deciding, steps }),
      (command) => this.#state.steps.decide(command),
    );
  }

  async reply(replies: Parameters<PermitDesk['reply']>[0]): Promise<void> {
    await this.#parts.change(
      (nowMs) => ({ op: 'reply', nowMs, replies }),
      (command) => this.#state.reply(command),
    );
  }

  async take(planId: string): Promise<TakeAnswer> {
    return await this.#parts.change(
      (nowMs) => ({ op: 'take', nowMs, planId }),
      (command) => this.#state.takes.take(command),
    );
  }

  async awaitReply(planId: string, waitMs: number, signal: AbortSignal): Promise<string | null> {
    const key = keyOf(this.#state.namespace, 'permitReply', planId);
    return await this.#parts.wait([key], (nowMs) => this.#state.takeReply(key, nowMs), waitMs, signal);
  }

  async find(planIds: readonly string[]): ReturnType<PermitDesk['find']> {
    const { keys, namespace } = this.#state;
    return await this.#parts.ask((nowMs) => {
      const textOf = (key: string): string | null => {
        const value = keys.get(key, nowMs);
        return value?.type === 'string' ? value.text : null;
      };
      return planIds.map((planId) => ({
        permit: textOf(keyOf(namespace, 'permit', planId)),
        use: textOf(keyOf(namespace, 'permitUse', planId)),
        block: textOf(keyOf(namespace, 'block', planId)),
      }));
    });
  }

  async settle(ended: Parameters<PermitDesk['settle']>[0], atSec: string): Promise<void> {
    await this.#parts.change(
      (nowMs) => ({ op: 'settle', nowMs, ended, atSec }),
      (command) => this.#state.settle(command),
    );
  }

  async change(change: TradingChange): Promise<TradingChanged> {
    if (change.kind === 'switch' && change.state === null)
      throw new RangeError('a switch of the trading state says which one');
    return await this.#parts.change(
      (nowMs) => ({ op: 'trading', nowMs, change }),
      (command) => this.#state.trading.change(command.change, command.nowMs),
    );
  }

  async rearm(symbol: string | null, by: string, reason: string): Promise<readonly string[]> {
    return await this.#parts.change(
      (nowMs) => ({ op: 'rearm', nowMs, symbol, by, reason }),
      (command) => this.#state.trading.rearm(command),
    );
  }
}
