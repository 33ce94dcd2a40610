/** The attribution's window as a record's tail: a profit and its packed labels a slot, then the names they stand for. */
import type { RealisedProfit } from '../core/attribution/attribution.ts';
import type { Engine } from '../core/pipeline/engine.ts';
import type { TailKeeper } from './kept-records.ts';

/** Labels of a slot are numbers below this: a window has at most 1000 slots of three. */
const LABEL_BASE = 4096;
const BUCKETS = 4;
const BUCKET_SEC = 21_600;

export function windowTail(engine: Engine): TailKeeper {
  return {
    read: (symbol) => {
      const names: string[] = [];
      const numberOf = new Map<number, number>();
      const local = (label: number): number => {
        let number = numberOf.get(label);
        if (number === undefined) {
          number = names.push(engine.labels.name(label)) - 1;
          numberOf.set(label, number);
        }
        return number;
      };
      const numbers: number[] = [];
      for (const { pnlUsd, regime, cluster, signal, eventTs } of engine.attribution.windowOf(symbol)) {
        const labels = (local(regime) * LABEL_BASE + local(cluster)) * LABEL_BASE + local(signal);
        numbers.push(pnlUsd, labels * BUCKETS + eventTs / BUCKET_SEC);
      }
      return { numbers, names };
    },
    write: (symbol, { numbers, names }) => {
      const label = (number: number): number => {
        const name = names[number];
        if (name === undefined)
          throw new RangeError(`a committed window names label ${number}, which is not there`);
        return engine.labels.id(name);
      };
      const profits: RealisedProfit[] = [];
      for (let i = 0; i + 1 < numbers.length; i += 2) {
        const bucket = numbers[i + 1]! % BUCKETS;
        const labels = Math.floor(numbers[i + 1]! / BUCKETS);
        profits.push({
          pnlUsd: numbers[i]!,
          regime: label(Math.floor(labels / LABEL_BASE / LABEL_BASE)),
          cluster: label(Math.floor(labels / LABEL_BASE) % LABEL_BASE),
          signal: label(labels % LABEL_BASE),
          eventTs: bucket * BUCKET_SEC,
        });
      }
      engine.attribution.restoreWindow(symbol, profits);
    },
  };
}
