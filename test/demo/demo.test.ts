/** The demo tells its story: capital leaves the losing bots, the breaker stops the runaway, exits go on, nothing trades unpermitted. */
import { describe, expect, it } from 'vitest';
import { runDemo, START_SEC, type DemoResult } from '../../src/demo/run.ts';
import { BOTS } from '../../src/demo/cast.ts';

const LONG_SEC = 2100;
const SHORT_SEC = 400;
const TIMEOUT_MS = 120_000;
const never = new AbortController().signal;

interface Run extends DemoResult {
  readonly lines: readonly string[];
}

async function run(seed: number, simulatedSec: number, speed: number | null = null): Promise<Run> {
  const lines: string[] = [];
  const options = { seed, simulatedSec, speed, onDecision: (line: string) => void lines.push(line) };
  const result = await runDemo({ ...options, onSecond: () => undefined }, never);
  return { ...result, lines };
}

const symbolOf = (name: string): string => BOTS.find((bot) => bot.name === name)!.symbol;

describe('the demo', () => {
  it.each([1, 2, 3, 4, 5])(
    'tells its story with seed %d',
    async (seed) => {
      const { story, lines } = await run(seed, LONG_SEC);

      for (const loser of ['decaying', 'scalper']) {
        const { share, startShare, profitUsd } = story.of(symbolOf(loser));
        expect(profitUsd).toBeLessThan(0);
        expect(share! / startShare!).toBeLessThan(0.75);
      }
      const winner = [...story.symbols.values()].reduce((a, b) => (b.profitUsd > a.profitUsd ? b : a));
      expect(winner.share!).toBeGreaterThan(winner.startShare! * 1.1);

      const runaway = story.of(symbolOf('runaway'));
      const { atSec } = BOTS.find(({ name }) => name === 'runaway')!.runsAway!;
      expect(runaway.disarmedFor).toBe('burst_limit_exceeded');
      expect(runaway.disarmedAt! - START_SEC).toBeGreaterThanOrEqual(atSec);
      expect(runaway.disarmedAt! - START_SEC).toBeLessThan(atSec + 120);
      expect(runaway.exitsSinceDisarm).toBeGreaterThan(0);
      expect(runaway.positionUsd).toBe(0);
      const others = [...story.symbols.values()].filter((one) => one !== runaway);
      expect(others.every(({ disarmedAt }) => disarmedAt === null)).toBe(true);
      expect(story.tradingState).toBe('ACTIVE');

      const openedLater = lines
        .filter(
          (line) => line.startsWith('{"type":"permit"') && line.includes(`"symbol":"${runaway.symbol}"`),
        )
        .map((line) => JSON.parse(line) as { reduce_only: boolean; ts: number })
        .filter(({ reduce_only, ts }) => !reduce_only && ts > runaway.disarmedAt!);
      expect(openedLater).toEqual([]);

      expect(story.executions).toBeGreaterThan(100);
      expect(story.unpermitted).toBe(0);
      expect(story.blocksByReason.get('p29_allocation_cap') ?? 0).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'decides the same for the same seed, at whatever speed, and other things for another',
    async () => {
      const first = await run(1, SHORT_SEC);
      const again = await run(1, SHORT_SEC);
      const paced = await run(1, SHORT_SEC, 300);
      const other = await run(2, SHORT_SEC);
      expect(first.decisions).toBeGreaterThan(1000);
      expect(first.lines).toHaveLength(first.decisions);
      expect(again.lines).toEqual(first.lines);
      expect([again.sha256, paced.sha256]).toEqual([first.sha256, first.sha256]);
      expect(other.sha256).not.toBe(first.sha256);
    },
    TIMEOUT_MS,
  );

  it(
    'goes on with the same decisions where it runs longer',
    async () => {
      const short = await run(3, 200);
      const long = await run(3, SHORT_SEC);
      expect(long.lines.slice(0, short.lines.length)).toEqual(short.lines);
    },
    TIMEOUT_MS,
  );

  it(
    'ends when it is told to, with what happened so far',
    async () => {
      const stop = new AbortController();
      const onSecond = ({ story }: { story: DemoResult['story'] }): void => {
        if (story.elapsedSec === 120) stop.abort();
      };
      const options = { seed: 1, simulatedSec: null, speed: null, onDecision: () => undefined, onSecond };
      const { story, decisions } = await runDemo(options, stop.signal);
      expect(story.elapsedSec).toBe(120);
      expect(decisions).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );

  it(
    'fails with what went wrong in whoever listens',
    async () => {
      const base = { seed: 1, simulatedSec: 300, speed: null, onSecond: () => undefined };
      const onDecision = (): never => {
        throw new Error('the disk is full');
      };
      await expect(runDemo({ ...base, onDecision }, never)).rejects.toThrow('the disk is full');
      const onSecond = (): never => {
        throw new Error('nobody looks');
      };
      await expect(runDemo({ ...base, onDecision: () => undefined, onSecond }, never)).rejects.toThrow(
        'nobody looks',
      );
    },
    TIMEOUT_MS,
  );
});
