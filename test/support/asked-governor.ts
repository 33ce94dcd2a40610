/** A governor inside the test on a real Redis, asked over and over whether it still hands out permits. */
import { GOVERNED, startGovernor, type RunningGovernor } from './governor-run.ts';
import { testSettings } from './engine-run.ts';
import { connectedStore } from './redis-store.ts';
import { until } from './live-process.ts';
import { hashOf } from './bare-client.ts';
import { planOf } from './governor-fleet.ts';
import type { GovernorOptions } from '../../src/components/governor/run.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { RedisServer } from './redis-server.ts';
import type { RedisStore } from '../../src/store/redis/redis-store.ts';

/** Every plan may pass unless a test says otherwise. */
export const PASSING = {
  APPLY_MODE: 'testnet',
  GOV_SYMBOL_COOLDOWN_SECONDS: 0,
  GOV_MAX_OPEN_POSITIONS: 1000,
} as const satisfies Partial<Settings>;

export const KEY = (name: string): string => `${GOVERNED}:${name}`;
let asked = 0;

export class AskedGovernor implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly store: RedisStore;
  governor: RunningGovernor;
  readonly #settings: Partial<Settings>;
  readonly #more: Partial<GovernorOptions>;

  private constructor(
    redis: RedisServer,
    store: RedisStore,
    settings: Partial<Settings>,
    more: Partial<GovernorOptions>,
  ) {
    this.redis = redis;
    this.store = store;
    this.#settings = settings;
    this.#more = more;
    this.governor = this.#start();
  }

  static async on(
    redis: RedisServer,
    settings: Partial<Settings> = {},
    url = redis.url,
    more: Partial<GovernorOptions> = {},
  ): Promise<AskedGovernor> {
    const store = await connectedStore({ url, namespace: GOVERNED });
    return new AskedGovernor(redis, store, settings, more);
  }

  /** Ends the governor and starts it again, on what it left in the store. */
  async restart(settings: Partial<Settings> = this.#settings): Promise<void> {
    await this.governor.stop();
    this.governor = this.#start(settings);
  }

  /** After it ended by itself. */
  startAgain(): void {
    this.governor = this.#start();
  }

  #start(settings = this.#settings): RunningGovernor {
    const governor = startGovernor(this.store, testSettings({ ...PASSING, ...settings }), this.#more);
    // Whoever awaits its end hears what it died of.
    governor.over.catch(() => undefined);
    return governor;
  }

  /** Publishes a plan by bare commands; returns its id, or null where Redis does not take it. */
  async publish(fields: Readonly<Record<string, string>> = {}): Promise<string | null> {
    const planId = fields['plan_id'] ?? `q${asked++}`;
    const plan = Object.entries(planOf(planId, fields)).flat();
    try {
      await this.redis.send('XADD', KEY('stream:apply.plan'), '*', ...plan);
      return planId;
    } catch {
      return null;
    }
  }

  /** Puts a plan before it; returns why it was blocked, `granted`, or `no answer`. */
  async ask(fields: Readonly<Record<string, string>> = {}, waitMs = 5000): Promise<string> {
    const planId = await this.publish(fields);
    if (planId === null) return 'no answer';
    const reply = await this.redis.send('BLPOP', KEY(`permit:reply:${planId}`), String(waitMs / 1000));
    if (reply === null) return 'no answer';
    const { granted, reason } = JSON.parse((reply as [string, string])[1]) as {
      granted: boolean;
      reason: string | null;
    };
    return granted ? 'granted' : reason!;
  }

  /** Asks until a plan is granted: everything works again. */
  async untilGranted(fields: Readonly<Record<string, string>> = {}, limitMs = 20_000): Promise<void> {
    let answer = '';
    await until(
      'a permit',
      async () => {
        // No answer yet is no failure; the last one is what the limit shows.
        answer = await this.ask(fields, 500).catch(() => 'no answer');
        return answer === 'granted' ? true : undefined;
      },
      limitMs,
      () => ` (${answer})\n${this.governor.told.lines.slice(-10).join('\n')}`,
    );
  }

  /** Plans among these that ever had a permit, by any trace of one. */
  async permitted(planIds: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    const kept = await hashOf(this.redis, KEY('ballast:records:governor')).catch(() => ({}));
    for (const planId of planIds) {
      const traces = await this.redis.send('EXISTS', KEY(`permit:${planId}`), KEY(`permit:used:${planId}`));
      if (Number(traces) > 0 || Object.hasOwn(kept, `p:${planId}`)) found.push(planId);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.governor.stop();
    await this.store[Symbol.asyncDispose]();
  }
}
