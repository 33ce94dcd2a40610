/** Executions that come again, out of order, late or from the future (R25): what counts is the identity, nothing else. */
import { describe, expect, it } from 'vitest';
import { SEEN_IDS_LIMIT } from '../../src/core/pipeline/seen-ids.ts';
import { LiveWorld, type LiveProcess } from '../support/live-run.ts';
import { seededRandom } from '../support/event-lines.ts';

const START_SEC = 1_700_000_000;
const STREAM = 'quantum:stream:execution.result';

describe('a repeat', () => {
  it('is dropped across restarts for exactly as many ids as are remembered', async () => {
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const addAll = async (from: number, to: number): Promise<void> => {
      const fields = (i: number): string[] => ['symbol', `S${i % 3}`, 'pnl', '1', 'execution_id', `x${i}`];
      const requests = Array.from({ length: to - from }, (_, i) => ({
        stream: STREAM,
        fields: fields(from + i),
        maxLength: null,
      }));
      await world.store.append(requests);
    };
    const runFor = async (sec: number): Promise<LiveProcess> => {
      const live = world.start({ keepsDecisions: false });
      await world.time.until(world.time.nowMs + sec * 1000);
      await live.stop();
      return live;
    };
    await addAll(0, 70_000);
    const first = await runFor(7);
    await addAll(70_000, SEEN_IDS_LIMIT);
    const second = await runFor(7);
    expect(first.applied + second.applied).toBe(SEEN_IDS_LIMIT);
    // The oldest is still known.
    await addAll(0, 1);
    const third = await runFor(7);
    expect([third.applied, third.repeats]).toEqual([0, 1]);
    // Two more push the two oldest out; the third oldest is known.
    await addAll(SEEN_IDS_LIMIT, SEEN_IDS_LIMIT + 2);
    await runFor(7);
    await addAll(2, 3);
    await addAll(1, 2);
    const last = await runFor(7);
    expect([last.applied, last.repeats]).toEqual([1, 1]);
  });

  it('is known by its id alone: all else may be equal, or differ', async () => {
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const live = world.start();
    const fill = { symbol: 'BTCUSDT', pnl: '5', order_id: 'o', plan_id: 'p', timestamp: String(START_SEC) };
    await world.add('executions', fill);
    await world.add('executions', fill);
    await world.add('executions', { ...fill, execution_id: 'a' });
    await world.add('executions', { ...fill, execution_id: 'a', symbol: 'ETHUSDT', pnl: '7' });
    await world.time.until((START_SEC + 5) * 1000 + 900);
    await live.stop();
    expect([live.applied, live.repeats]).toEqual([3, 1]);
    expect(live.latest('attribution', 'ETHUSDT')).toBeNull();
  });
});

describe('event times', () => {
  it('may be swapped, an hour late, in the future or in any unit: every count is exact', async () => {
    const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
    const live = world.start({ keepsDecisions: false });
    const random = seededRandom(5);
    const seen = new Set<number>();
    const expected = { applied: 0, repeats: 0, future: 0, newest: 0, equity: 100_000 };
    const order = Array.from({ length: 2000 }, (_, i) => i);
    for (let i = 0; i + 1 < order.length; i += 3) [order[i], order[i + 1]] = [order[i + 1]!, order[i]!];
    for (const [place, i] of order.entries()) {
      const arrivalMs = START_SEC * 1000 + place * 100;
      const kind = random();
      const lateSec = kind < 0.1 ? 3600 : kind < 0.2 ? -61 : kind < 0.3 ? -60 : 0;
      const madeMs = arrivalMs - lateSec * 1000;
      const unit = random();
      const times = [String(madeMs / 1000), String(madeMs), new Date(madeMs).toISOString()];
      const isRepeat = random() < 0.1 && place > 0;
      const id = isRepeat ? order[place - 1]! : i;
      const fields = {
        symbol: 'BTCUSDT',
        pnl: String(id),
        execution_id: `x${id}`,
        timestamp: times[Math.floor(unit * 3)]!,
      };
      const isKnown = seen.has(id);
      seen.add(id);
      if (lateSec === -61) expected.future++;
      if (isKnown) expected.repeats++;
      else {
        expected.applied++;
        expected.equity += id;
        const eventSec = lateSec === -61 ? arrivalMs / 1000 : madeMs / 1000;
        expected.newest = Math.max(expected.newest, eventSec);
      }
      world.time.at(arrivalMs, async () => {
        await world.add('executions', fields);
      });
    }
    await world.time.until((START_SEC + 210) * 1000);
    const { engine } = live.machine!.live;
    await live.stop();
    expect(live.rejected).toEqual([]);
    expect(expected.repeats).toBeGreaterThan(100);
    expect(expected.future).toBeGreaterThan(100);
    expect({
      applied: live.applied,
      repeats: live.repeats,
      future: live.futureTimes,
      newest: engine.attribution.columns.lastExecTs.get(0),
      equity: engine.equityUsd,
    }).toEqual(expected);
  });
});
