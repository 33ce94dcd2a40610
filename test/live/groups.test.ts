/**
 * Components that run now in one process, now in several, now not at all: what follows from executions alone is in the
 * end what one uninterrupted process holds, nothing is said twice.
 */
import { describe, expect, it } from 'vitest';
import { decodeRow } from '../../src/components/record-text.ts';
import { TICKING_COMPONENTS, type TickingComponent } from '../../src/components/declarations.ts';
import { entriesOf } from '../support/recorded-run.ts';
import { LiveWorld, sortedTexts, type LiveProcess } from '../support/live-run.ts';
import { seededRandom } from '../support/event-lines.ts';

const START_SEC = 1_700_000_000;
const SPAN_SEC = 600;
const ENTRIES = entriesOf({ seed: 21, startSec: START_SEC, spanSec: SPAN_SEC, count: 800 });

type Group = readonly TickingComponent[];

describe('components that come and go', () => {
  it('hold in the end what one process that ran all the time holds', async () => {
    const whole = await course(() => [TICKING_COMPONENTS]);
    expect(whole['letters']!.length).toBeGreaterThan(10);
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededRandom(seed);
      const mixed = await course(() => grouping(random));
      expect(mixed, `seed ${seed}`).toEqual(whole);
    }
  });
});

/** Each component in one of three processes, or in none. */
function grouping(random: () => number): Group[] {
  const groups: TickingComponent[][] = [[], [], []];
  for (const component of TICKING_COMPONENTS) groups[Math.floor(random() * 4)]?.push(component);
  return groups.filter((group) => group.length > 0);
}

async function course(next: () => readonly Group[]): Promise<Record<string, unknown[]>> {
  const world = await LiveWorld.inMemory((START_SEC - 60) * 1000);
  for (const { ms, key, fields } of ENTRIES)
    world.time.at(ms, async () => {
      await world.add(key, fields);
    });
  let started = 0;
  const runUntil = async (groups: readonly Group[], sec: number): Promise<void> => {
    const all = groups.map((components) => {
      started++;
      return world.start({ components, owner: `p${started}`, keepsDecisions: false });
    });
    await world.time.until((START_SEC + sec) * 1000 + 137);
    await Promise.all(all.map((live: LiveProcess) => live.stop()));
    for (const live of all) expect([live.failures, live.gaps]).toEqual([[], []]);
  };
  for (let sec = 40; sec <= SPAN_SEC; sec += 80) await runUntil(next(), sec);
  await runUntil([TICKING_COMPONENTS], SPAN_SEC + 60);
  const letters = await world.entries('stream:execution.result.dlq');
  return {
    letters: letters.map((letter) => letter['source_id']),
    ...(await keptFromExecutions(world)),
  };
}

/** Of each component what other components' records have no part in. */
async function keptFromExecutions(world: LiveWorld): Promise<Record<string, unknown[]>> {
  const kept: Record<string, unknown[]> = {};
  for (const component of ['budget', 'attribution'] as const) {
    const { records, meta } = (await world.store.load(component))!;
    kept[component] = sortedTexts(records);
    kept[`${component} meta`] = sortedTexts(meta);
  }
  const { records, meta } = (await world.store.load('efficiency'))!;
  // Volatility, drawdown, newest event time and gap.
  kept['efficiency'] = [...records]
    .map(([symbol, text]) => `${symbol} ${decodeRow(text).numbers.subarray(1, 5).join(' ')}`)
    .toSorted();
  kept['places'] = [meta.get('inputs'), meta.get('tick'), meta.get('next'), meta.get('last_event_ts')];
  const allocation = (await world.store.load('allocation'))!.meta;
  kept['account'] = [allocation.get('portfolio'), allocation.get('general')];
  return kept;
}
