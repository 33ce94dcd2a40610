/** Limits are exact over edges of their windows and restarts. And what the modes change, and do not; what another version left. */
import { describe, expect, it } from 'vitest';
import { clientOn } from '../../src/client/index.ts';
import { seededRandom } from '../support/event-lines.ts';
import { ALL_PASS, PlanFeed, planOf, startGovernorProcess, untilDecided } from '../support/governor-fleet.ts';
import { GovernorWorld } from '../support/governor-world.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';
import { connectedStore } from '../support/redis-store.ts';
import type { RunningGovernor } from '../support/governor-run.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
let given: ProgramOnRedis;
programOnRedis((program) => (given = program));

const BURST = { sec: 300, limit: 2 };
const HOUR = { sec: 3600, limit: 3 };
const DAY_SEC = 86_400;
const DAY_USD = 1000;

describe('the windows', () => {
  it(
    `hold at every moment, over restarts, edges and midnights, SEED=${seed}`,
    { timeout: 60_000 },
    async () => {
      const random = seededRandom(seed);
      // Two minutes before midnight UTC.
      const world = await GovernorWorld.open(1_800_057_480);
      expect(new Date(world.nowSec * 1000).toISOString()).toContain('T23:58');
      const settings = {
        GOV_ENABLE_AUTO_DISARM: false,
        GOV_SYMBOL_COOLDOWN_SECONDS: 0,
        GOV_MAX_EXEC_PER_5MIN: BURST.limit,
        GOV_MAX_EXEC_PER_HOUR: HOUR.limit,
        GOV_MAX_NOTIONAL_PER_DAY_USD: DAY_USD,
      };
      const jumps = [
        0.01, 1, 60, 119, 299.9, 300, 300.1, 1800, 3599.9, 3600, 3600.1, 40_000, 86_399.9, 86_400,
      ];
      let governor: RunningGovernor = await world.govern(settings);
      const granted: { readonly at: number; readonly usd: number }[] = [];
      const reasons = new Set<string>();
      for (let n = 0; n < 400; n++) {
        if (random() < 0.4) {
          // Nobody governs while time goes by.
          await governor.stop();
          world.time.nowMs += jumps[Math.floor(random() * jumps.length)]! * 1000;
          governor = await world.govern(settings);
        }
        const usd = 100 + Math.floor(random() * 400);
        const answer = await world.ask({ plan_id: `p${n}`, price: String(usd) });
        const permit = await world.permit(`p${n}`);
        const at = permit === null ? world.nowSec : Number(permit['created_at']);
        const within = (sec: number) => granted.filter((one) => at - one.at < sec);
        const dayUsd = within(DAY_SEC).reduce((sum, one) => sum + one.usd, usd);
        const isAllowed =
          within(BURST.sec).length < BURST.limit && within(HOUR.sec).length < HOUR.limit && dayUsd <= DAY_USD;
        if (answer === 'granted') {
          expect({ n, isAllowed }).toEqual({ n, isAllowed: true });
          granted.push({ at, usd });
          continue;
        }
        reasons.add(answer);
        // What a millisecond would change may fall either way.
        const roughly = (sec: number) => granted.filter((one) => at - one.at <= sec + 1);
        const wasRoom =
          roughly(BURST.sec).length < BURST.limit &&
          roughly(HOUR.sec).length < HOUR.limit &&
          roughly(DAY_SEC).reduce((sum, one) => sum + one.usd, usd) <= DAY_USD;
        expect({ n, answer, wasRoom }).toEqual({ n, answer, wasRoom: false });
      }
      expect(granted.length).toBeGreaterThan(30);
      expect(reasons).toEqual(
        new Set(['burst_limit_exceeded', 'hourly_limit_exceeded', 'daily_limit_exceeded']),
      );
    },
  );
});

describe('the modes', () => {
  const MODES = ['dry_run', 'testnet', 'production'] as const;
  /** Each about a symbol of its own; what some modes block comes last, so that no answer depends on it. */
  const PLANS = [
    { plan_id: 'plain', symbol: 'AUSDT' },
    { plan_id: 'scored', symbol: 'BUSDT', kill_score: '0.7', confidence: '0.5' },
    { plan_id: 'exit', symbol: 'EUSDT', action: 'FULL_CLOSE_PROPOSED', side: 'SELL' },
    { plan_id: 'short', symbol: 'FUSDT', side: 'SELL', price: '12.5', bot: 'grid' },
    { plan_id: 'critical', symbol: 'CUSDT', kill_score: '0.95' },
    { plan_id: 'large', symbol: 'DUSDT', price: '6000' },
  ];
  type Gate = Readonly<Record<string, unknown>>;

  it('judge alike: a permit differs in its mode and in what is enforced, and in nothing else', async () => {
    const permits = new Map<string, Map<string, Record<string, unknown>>>();
    const answers = new Map<string, string[]>();
    for (const mode of MODES) {
      const world = await GovernorWorld.open();
      // A score that is enforced makes a plan smaller; here it does not.
      await world.govern({ APPLY_MODE: mode, GOV_KILL_SCORE_OPEN_QTY_SCALE_ALPHA: 0 });
      const mine = new Map<string, Record<string, unknown>>();
      const said: string[] = [];
      for (const plan of PLANS) {
        said.push(`${plan.plan_id} ${await world.ask(plan)}`);
        const permit = await world.permit(plan.plan_id);
        if (permit !== null) mine.set(plan.plan_id, permit);
      }
      permits.set(mode, mine);
      answers.set(mode, said);
    }
    expect(answers.get('dry_run')).toEqual(PLANS.map(({ plan_id }) => `${plan_id} granted`));
    expect(answers.get('production')).toContain('critical kill_score_critical_non_close');
    for (const mode of ['testnet', 'production'])
      expect(answers.get(mode)).toContain('large notional_per_trade_exceeded');
    /** As it would be if nothing depended on the mode. */
    const plain = ({ apply_mode: _mode, gates, ...rest }: Record<string, unknown>) => ({
      ...rest,
      gates: (gates as Gate[]).map(({ enforced: _enforced, ...gate }) => gate),
    });
    for (const mode of MODES)
      for (const [planId, permit] of permits.get(mode)!) {
        expect(permit['apply_mode']).toBe(mode);
        expect({ planId, ...plain(permit) }).toEqual({
          planId,
          ...plain(permits.get('dry_run')!.get(planId)!),
        });
      }
    const wouldBlock = (permits.get('dry_run')!.get('critical')!['gates'] as Gate[]).filter(
      ({ outcome }) => outcome === 'would_block',
    );
    expect(wouldBlock).toMatchObject([{ reason: 'kill_score_critical_non_close', enforced: false }]);
  });

  it('a permit of a dry run is taken by nobody, also with its bytes in hand', async () => {
    const namespace = 'dry';
    const { redis } = given;
    const governor = startGovernorProcess(given, namespace, { ...ALL_PASS, APPLY_MODE: 'dry_run' });
    await using feed = await PlanFeed.on(redis, namespace);
    await feed.publish(Array.from({ length: 100 }, (_, n) => planOf(`p${n}`)));
    await untilDecided(redis, namespace);
    await using store = await connectedStore({ url: redis.url, namespace });
    const client = clientOn(store, { namespace });
    for (let n = 0; n < 100; n++)
      expect(await client.takePermit(`p${n}`)).toMatchObject({ taken: false, reason: 'dry_run' });
    const text = String(await redis.send('GETDEL', `${namespace}:permit:p7`));
    expect(client.verifyPermit(text)).toMatchObject({ ok: true, permit: { apply_mode: 'dry_run' } });
    expect(await redis.send('XLEN', `${namespace}:ballast:takes`)).toBe(0);
    await governor.kill('SIGTERM');
  });
});

describe('versions', () => {
  it('what another program kept is not gone on from: the governor ends, and nothing is permitted', async () => {
    const world = await GovernorWorld.open();
    const first = await world.govern();
    expect(await world.ask({ plan_id: 'a' })).toBe('granted');
    await first.stop();
    const saved = await world.store.load('governor');
    const { held } = await world.store.claim('other', ['governor']);
    const later = {
      component: 'governor',
      epoch: held[0]!.epoch,
      sequence: saved!.sequence,
      meta: ['version', '99'],
      records: [],
      seen: null,
      dropSeen: 0,
    };
    expect(await world.store.commit({ owner: 'other', parts: [later], outputs: [] })).toMatchObject({
      outcome: 'done',
    });
    await world.store.release('other', held);
    await expect(world.begin().over).rejects.toThrow(/version 99/);
    expect(await world.permit('b')).toBeNull();
  });
});
