/** Governors as processes on a Redis, plans put before them in bulk, and what they said read as it comes. */
import { createClient } from '@redis/client';
import { keyOf } from '../../src/contract/keys.ts';
import { entriesOf, type BareEntry, type Fields } from './bare-client.ts';
import { startLive, until, type LiveProcess } from './live-process.ts';
import type { ProgramOnRedis } from './program-on-redis.ts';
import type { RedisServer } from './redis-server.ts';

/** Settings that let every plan pass: what is tested is who gets a permit, not which plans deserve one. */
export const ALL_PASS = {
  APPLY_MODE: 'testnet',
  GOV_METRICS_PORT: 0,
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  GOV_MAX_OPEN_POSITIONS: 1_000_000,
  INITIAL_EQUITY_USD: 1_000_000_000,
};

/** `ballast run governor`: a process of its own. */
export function startGovernorProcess(
  { program, redis }: ProgramOnRedis,
  namespace: string,
  sets: Readonly<Record<string, string | number>> = ALL_PASS,
): LiveProcess {
  const all = { GOV_METRICS_PORT: 0, ...sets };
  return startLive({ main: program.main, words: ['run', 'governor'], url: redis.url, namespace, sets: all });
}

/** The process that holds the governor now, among those given; undefined: none of them. */
export async function holderOf(
  redis: RedisServer,
  namespace: string,
  lives: readonly LiveProcess[],
): Promise<LiveProcess | undefined> {
  const owner = String(await redis.send('HGET', `${namespace}:ballast:owner:governor`, 'owner'));
  return lives.find(({ pid }) => new RegExp(`\\b${pid}\\b`).test(owner));
}

/** A small plan that opens. */
export function planOf(planId: string, more: Fields = {}): Fields {
  return {
    plan_id: planId,
    symbol: 'BTCUSDT',
    action: 'OPEN_PROPOSED',
    decision: 'EXECUTE',
    side: 'BUY',
    qty: '1',
    price: '10',
    ...more,
  };
}

/** Puts plans before the governor over a connection of its own. */
export class PlanFeed implements AsyncDisposable {
  readonly #client: ReturnType<typeof createClient>;
  readonly #stream: string;

  private constructor(client: ReturnType<typeof createClient>, stream: string) {
    this.#client = client;
    this.#stream = stream;
  }

  static async on(redis: Pick<RedisServer, 'url'>, namespace: string): Promise<PlanFeed> {
    const client = createClient({ url: redis.url, RESP: 2, maintNotifications: 'disabled' });
    // What is underway then rejects.
    client.on('error', () => undefined);
    await client.connect();
    return new PlanFeed(client as ReturnType<typeof createClient>, keyOf(namespace, 'plans'));
  }

  /** In this order, a thousand underway at a time. */
  async publish(plans: readonly Fields[]): Promise<void> {
    for (let from = 0; from < plans.length; from += 1000)
      await Promise.all(
        plans
          .slice(from, from + 1000)
          .map((fields) =>
            this.#client.sendCommand(['XADD', this.#stream, '*', ...Object.entries(fields).flat()]),
          ),
      );
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }
}

/** The stream of governor events, read as it grows: it is trimmed at some ten thousand. */
export class EventTail {
  readonly events: BareEntry[] = [];
  readonly #redis: RedisServer;
  readonly #key: string;
  #isOver = false;
  #reading: Promise<void> = Promise.resolve();
  #turn: Promise<void> = Promise.resolve();

  constructor(redis: RedisServer, namespace: string) {
    this.#redis = redis;
    this.#key = keyOf(namespace, 'governorEvents');
  }

  /** Goes on reading by itself until `stop`. */
  follow(everyMs = 50): this {
    this.#reading = (async () => {
      while (!this.#isOver) {
        await this.read();
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    })();
    // Whoever stops it hears of it.
    this.#reading.catch(() => undefined);
    return this;
  }

  /** One after the other, whoever asks. */
  read(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      this.events.push(...(await entriesOf(this.#redis, this.#key, this.events.at(-1)?.id)));
    });
    return this.#turn;
  }

  /** Reads the rest; throws where some were trimmed unread. */
  async stop(): Promise<readonly BareEntry[]> {
    this.#isOver = true;
    await this.#reading;
    await this.read();
    const facts = (await this.#redis.send('XINFO', 'STREAM', this.#key)) as (string | number)[];
    const added = Number(facts[facts.indexOf('entries-added') + 1]);
    if (added !== this.events.length)
      throw new Error(
        `${added} events were written, ${this.events.length} were read before they were trimmed`,
      );
    return this.events;
  }

  /** How often each plan had this event. */
  count(event: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { fields } of this.events)
      if (fields['event'] === event)
        counts.set(fields['plan_id']!, (counts.get(fields['plan_id']!) ?? 0) + 1);
    return counts;
  }
}

/** Waits until the governor has decided every plan there is. */
export async function untilDecided(redis: RedisServer, namespace: string, limitMs = 60_000): Promise<void> {
  const stream = keyOf(namespace, 'plans');
  const last = (
    (await redis.send('XREVRANGE', stream, '+', '-', 'COUNT', '1')) as [string, unknown][]
  )[0]![0];
  await until(
    `the plan ${last} being decided`,
    async () => {
      const inputs = String(await redis.send('HGET', `${namespace}:ballast:meta:governor`, 'inputs'));
      return inputs.includes(last) ? true : undefined;
    },
    limitMs,
  );
}

/** Waits until a process stands by or governs. */
export async function untilHolding(
  redis: RedisServer,
  namespace: string,
  lives: readonly LiveProcess[],
): Promise<LiveProcess> {
  return await until('a governor among the processes', () => holderOf(redis, namespace, lives));
}

/** The same items in an order of chance. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}
