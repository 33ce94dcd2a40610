/** Live equals replay: the same events as stream entries and hashes give, tick by tick, the decisions of `Pipeline`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../src/contract/decode.ts';
import { eventSequences, tickSettings } from '../support/engine-arbitrary.ts';
import { testSettings } from '../support/engine-run.ts';
import { feed, replayOf, tell, type Told } from '../support/live-feed.ts';
import { LiveWorld } from '../support/live-run.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import type { InputEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';

describe('the live pipeline', () => {
  it('decides what replay decides, for any sequence of events and hashes', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(eventSequences(14), tickSettings, async (events, drawn) => {
        const settings = enforced(drawn);
        const told = tell(events);
        if (told.length === 0) return;
        const replayed = replayOf(told, settings);
        const lived = await liveOf(told, settings, replayed.end);
        compared += replayed.decisions.length;
        expect(firstDifference(lived, replayed.decisions)).toBeNull();
      }),
      { numRuns: 7, seed: 33 },
    );
    expect(compared).toBeGreaterThan(10_000);
  });

  for (const name of ['busy', 'caps', 'fed', 'times'])
    it(`decides what replay decides on the golden vector ${name}`, async () => {
      const told = tell(golden(name));
      const settings = testSettings();
      const replayed = replayOf(told, settings);
      const lived = await liveOf(told, settings, replayed.end);
      expect(replayed.decisions.length).toBeGreaterThan(900);
      expect(firstDifference(lived, replayed.decisions)).toBeNull();
    });

  it('does so on a real redis-server', async () => {
    const server = await startRedis();
    try {
      const told = tell(golden('caps'));
      const settings = testSettings({ P29_APPLY_PROPOSED: true, P31_MIN_CONF: 0.05 });
      const replayed = replayOf(told, settings);
      const lived = await liveOf(told, settings, replayed.end, server);
      expect(firstDifference(lived, replayed.decisions)).toBeNull();
    } finally {
      await server.stop();
    }
  });
});

async function liveOf(
  told: readonly Told[],
  settings: Settings,
  endTick: number,
  server: RedisServer | null = null,
): Promise<string[]> {
  const startMs = told[0]!.ms - 10_000;
  const world =
    server === null ? await LiveWorld.inMemory(startMs) : await LiveWorld.onRedis(server, startMs);
  feed(world, told);
  const live = world.start({ settings });
  await world.time.until(endTick * 1000 + 900);
  await live.stop();
  await world.store[Symbol.asyncDispose]();
  expect(live.failures).toEqual([]);
  expect(live.rejected).toEqual([]);
  return live.decisions.filter((text) => Number(/"tick":(\d+)/.exec(text)![1]) <= endTick);
}

function enforced(drawn: Settings): Settings {
  return { ...drawn, P28_MODE: 'enforce', P29_MODE: 'enforce', P30_MODE: 'enforce', P31_MODE: 'enforce' };
}

/** Where two lists of decisions part, or null. */
function firstDifference(live: readonly string[], replay: readonly string[]): unknown {
  for (let i = 0; i < Math.max(live.length, replay.length); i++)
    if (live[i] !== replay[i]) return { at: i, live: live[i], replay: replay[i] };
  return null;
}

function golden(name: string): InputEvent[] {
  const file = fileURLToPath(new URL(`../golden/${name}.events.jsonl`, import.meta.url));
  const events = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => decodeEvent(JSON.parse(line) as Record<string, unknown>, { aliases: new Map() }).event!);
  return events.toSorted((a, b) => a.ts - b.ts);
}
