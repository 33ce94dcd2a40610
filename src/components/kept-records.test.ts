import { describe, expect, it } from 'vitest';
import { Compactor } from '../core/pipeline/compact.ts';
import { LivePipeline } from '../core/pipeline/live.ts';
import { TICKING } from '../core/pipeline/ticking.ts';
import { execution, T0 } from '../../test/support/engine-events.ts';
import { testSettings } from '../../test/support/engine-run.ts';
import { decodeRow } from './record-text.ts';
import { KeptRecords } from './kept-records.ts';
import { rowLayout } from './rows.ts';

describe('kept records', () => {
  it('are written when a cluster is another one, whatever numbers clusters have by then', () => {
    const live = new LivePipeline(testSettings(), TICKING);
    const { engine } = live;
    const kept = new KeptRecords(engine, rowLayout('budget', engine), null);
    const compactor = new Compactor(engine);
    const trade = (symbol: string, cluster: string): void => {
      live.apply(execution(T0, symbol, 1, { cluster }));
    };
    const written = (): Map<string, readonly string[]> => {
      const flat = kept.changed(0, new Set());
      return new Map(flat.flatMap((text, i) => (i % 2 === 0 ? [[text, decodeRow(flat[i + 1]!).names]] : [])));
    };
    trade('AAA', 'first');
    trade('BBB', 'second');
    for (let i = 0; i < 1100; i++) trade('CCC', `c${i}`);
    expect(written()).toEqual(
      new Map([
        ['AAA', ['', 'first']],
        ['BBB', ['', 'second']],
        ['CCC', ['', 'c1099']],
      ]),
    );
    // 'second' had number 1, which 'c1099' has after this; and AAA leaves its cluster for one that gets a number anew.
    trade('BBB', 'first');
    expect(written()).toEqual(new Map([['BBB', ['', 'first']]]));
    const moved = compactor.compact()!;
    expect(engine.context.clusters.save()).toEqual(['first', 'c1099']);
    kept.moveClusters(moved);
    expect(written()).toEqual(new Map());
    trade('CCC', 'first');
    trade('AAA', 'c1099');
    expect(written()).toEqual(
      new Map([
        ['AAA', ['', 'c1099']],
        ['CCC', ['', 'first']],
      ]),
    );
  });
});
