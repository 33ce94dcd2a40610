import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from './simulated-clock.ts';

const never = new AbortController().signal;
const atOnce = (): null => null;

describe('SimulatedClock', () => {
  it('wakes whoever is due first, and lets no time pass before everything is done', async () => {
    const clock = new SimulatedClock(1_000_000);
    const store = {
      answer: async () => {
        for (let turn = 0; turn < 3; turn++) await setImmediate();
      },
    };
    const watched = clock.watched(store, '', new Set());
    const seen: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms, never);
      seen.push(`${name} wakes at ${clock.monotonicMs()}`);
      await watched.answer();
      await clock.breathe();
      seen.push(`${name} is done at ${clock.monotonicMs()}`);
    };
    const all = Promise.all([sleeper('late', 30), sleeper('early', 10), sleeper('also early', 10)]);
    const time = clock.run(atOnce);
    await all;
    clock.stop();
    await time;
    expect(seen).toEqual([
      'early wakes at 10',
      'early is done at 10',
      'also early wakes at 10',
      'also early is done at 10',
      'late wakes at 30',
      'late is done at 30',
    ]);
    expect(clock.nowMs).toBe(1_000_030);
  });

  it('wakes at once whoever is told to stop, without time passing for it', async () => {
    const clock = new SimulatedClock(0);
    const stop = new AbortController();
    const long = clock.sleep(1_000_000, stop.signal);
    stop.abort();
    await long;
    await clock.sleep(5, stop.signal);
    const short = clock.sleep(7, never);
    const time = clock.run(atOnce);
    await short;
    clock.stop();
    await time;
    expect(clock.nowMs).toBe(7);
  });

  it('asks before time passes, and waits for the answer', async () => {
    const clock = new SimulatedClock(100);
    const asked: number[] = [];
    const time = clock.run((nextMs) => {
      asked.push(nextMs, clock.nowMs);
      return setImmediate();
    });
    await clock.sleep(50, never);
    await clock.sleep(50, never);
    clock.stop();
    await time;
    expect(asked).toEqual([150, 100, 200, 150]);
  });

  it('ends every sleep when it is stopped', async () => {
    const clock = new SimulatedClock(0);
    const time = clock.run(atOnce);
    const long = clock.sleep(1e9, new AbortController().signal);
    clock.stop();
    await Promise.all([time, long, clock.sleep(1e9, never)]);
    expect(clock.nowMs).toBe(0);
  });

  it('lets time pass while only a wait is under way', async () => {
    const clock = new SimulatedClock(0);
    const store = { wait: () => clock.sleep(20, never), part: { wait: () => clock.sleep(30, never) } };
    const watched = clock.watched(store, 'part', new Set(['wait']));
    const time = clock.run(atOnce);
    await Promise.all([watched.wait(), watched.part.wait()]);
    clock.stop();
    await time;
    expect(clock.nowMs).toBe(30);
  });
});
