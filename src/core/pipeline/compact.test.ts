import { describe, expect, it } from 'vitest';
import { clusterStress, cluster, execution, T0 } from '../../../test/support/engine-events.ts';
import { lines, testSettings } from '../../../test/support/engine-run.ts';
import { Compactor } from './compact.ts';
import { decisionOf } from './decisions.ts';
import { LivePipeline } from './live.ts';
import { TICKING } from './ticking.ts';
import type { InputEvent } from '../event.ts';

/** Executions of four symbols, each with names of its own; now and then an old name, a stress, a cluster by hand. */
function* churn(count: number): Iterable<InputEvent> {
  for (let i = 0; i < count; i++) {
    const ts = T0 + i / 4;
    const old = i % 11 === 0 ? Math.floor(i / 2) : i;
    const names = { regime: `r${old}`, cluster: `c${old}`, signal: `s${i % 3 === 0 ? 'same' : i}` };
    yield execution(ts, `S${i % 4}`, Math.sin(i) * 90, names);
    if (i % 50 === 0) yield clusterStress(ts, `c${Math.floor(i / 3)}`, (i % 10) / 10);
    if (i % 300 === 7) yield cluster(ts, `S${i % 3}`, i % 600 === 7 ? `c${i}` : 'UNKNOWN');
  }
}

function run(events: Iterable<InputEvent>, compacts: boolean): { live: LivePipeline; decided: string[] } {
  const live = new LivePipeline(testSettings(), TICKING);
  const compactor = new Compactor(live.engine);
  const decided: string[] = [];
  for (const event of events) {
    if (live.nextTick === Infinity) live.start(event.ts);
    while (live.nextTick < event.ts) {
      const made = live.tick(new Set());
      for (const symbol of live.engine.symbols.all())
        for (const one of made)
          decided.push(...lines([decisionOf(live.engine, one, symbol)].filter((each) => each !== null)));
      if (!compacts) continue;
      const before = shown(live);
      compactor.compact();
      expect(shown(live)).toEqual(before);
    }
    live.apply(event);
  }
  return { live, decided };
}

/** What everyone published last, as it reads now. */
function shown({ engine }: LivePipeline): string[] {
  const all = Array.from(engine.symbols.all());
  const decisions = all.flatMap((symbol) => TICKING.map((one) => decisionOf(engine, one, symbol)));
  return lines(decisions.filter((each) => each !== null));
}

describe('forgetting names', () => {
  it('changes no decision, and keeps no more names than are in use and some', () => {
    const plain = run(churn(8000), false);
    const compacted = run(churn(8000), true);
    expect(plain.decided.length).toBeGreaterThan(7000);
    expect(compacted.decided).toEqual(plain.decided);
    expect(plain.live.engine.labels.size).toBeGreaterThan(15_000);
    expect(plain.live.engine.context.clusters.size).toBeGreaterThan(6000);
    // 4 windows of 20 executions with 3 names each; a cluster whose stress is known stays.
    expect(compacted.live.engine.labels.size).toBeLessThan(2 * 240 + 1100);
    expect(compacted.live.engine.context.clusters.size).toBeLessThan(2 * 180 + 1100);
  });

  it('keeps a stress for whoever joins its cluster later', () => {
    const live = new LivePipeline(testSettings(), TICKING);
    for (let i = 0; i < 1500; i++) {
      live.apply(execution(T0, 'AAA', 1, { cluster: `c${i}` }));
      if (i % 500 === 250) live.apply(clusterStress(T0, `later${i}`, i / 2000));
    }
    expect(new Compactor(live.engine).compact()).not.toBeNull();
    expect(live.engine.context.clusters.save()).toEqual(['later250', 'later750', 'later1250', 'c1499']);
    live.apply(execution(T0, 'BBB', 1, { cluster: 'later750' }));
    live.start(T0 + 1);
    live.tick(new Set());
    const symbol = live.engine.symbolId('BBB');
    expect(decisionOf(live.engine, 'budget', symbol)).toMatchObject({ cluster_stress: 0.375 });
    expect(decisionOf(live.engine, 'allocation', symbol)).toMatchObject({
      cluster_id: 'later750',
      cluster_factor: 0.625,
    });
  });

  it('forgets nothing while there are few', () => {
    const { live } = run(churn(300), true);
    expect(live.engine.labels.size).toBeGreaterThan(600);
    expect(new Compactor(live.engine).compact()).toBeNull();
    expect(live.engine.labels.size).toBeGreaterThan(600);
  });
});
