/** The digest of a tick: the same for the same numbers, another for any other. */
import { describe, expect, it } from 'vitest';
import { TickDigest } from '../../src/components/archive/digest.ts';
import { rowLayout } from '../../src/components/rows.ts';
import { testSettings } from '../support/engine-run.ts';
import { ALL, DEAF, drive, entriesOf } from '../support/recorded-run.ts';
import type { SavedComponent } from '../../src/store/store.ts';
import type { TradingMachine } from '../../src/components/machine.ts';

const START = 1_795_132_800;
const ENTRIES = entriesOf({ seed: 2, startSec: START, spanSec: 120, count: 120 });

function machineAt(sec: number, saved: Map<string, SavedComponent>, fromSec = START): TradingMachine {
  const entries = ENTRIES.filter(({ ms }) => ms >= fromSec * 1000 && ms < sec * 1000);
  return drive({ components: ALL, settings: testSettings(), listener: DEAF, entries, untilSec: sec, saved });
}

describe('the digest of a tick', () => {
  it('sees the last bit of every number of every row', () => {
    const { engine } = machineAt(START + 100, new Map()).live;
    const digest = new TickDigest(engine);
    const before = digest.of(ALL);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    const [symbol] = engine.symbols.all();
    let columns = 0;
    for (const component of ALL) {
      const layout = rowLayout(component, engine);
      expect(layout.isEmpty(symbol!)).toBe(false);
      for (const { data } of layout.columns.slice(0, layout.columns.length - layout.clusters)) {
        const value = data[symbol!]!;
        data[symbol!] = value === 0 ? 5e-324 : value * (1 + Number.EPSILON);
        expect(data[symbol!]).not.toBe(value);
        expect(digest.of([component])).not.toBe(digest.of([]));
        expect(digest.of(ALL)).not.toBe(before);
        data[symbol!] = value;
        columns++;
      }
    }
    expect(digest.of(ALL)).toBe(before);
    expect(columns).toBeGreaterThan(40);
  });

  it('is the same in a process that began anew, whatever numbers it gave its clusters', () => {
    const saved = new Map<string, SavedComponent>();
    // Just after a tick: everything is committed.
    machineAt(START + 60.0005, saved);
    const anew = machineAt(START + 100, saved, START + 60.0005).live.engine;
    const { engine } = machineAt(START + 100, new Map()).live;
    expect(anew.context.clusters.name(0)).not.toBe(engine.context.clusters.name(0));
    expect(new TickDigest(anew).of(ALL)).toBe(new TickDigest(engine).of(ALL));
  });
});
