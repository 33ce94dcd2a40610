/**
 * What a whole file tells about how its values are to be read: the decimal mark of its numbers and the order of day
 * and month in its dates. Learnt from the values that can be read one way only.
 */
import type { CsvItem } from './csv.ts';
import { decimalMarkOf, type DecimalMark } from './decimals.ts';
import { InputError } from './format.ts';
import { dateOrderOf, needsDateOrder, type DateOrder } from './timestamps.ts';

export interface Conventions {
  readonly mark: DecimalMark | null;
  readonly order: DateOrder | null;
}

/** Values of either kind that disagree leave the convention null: then only what is clear by itself is read. */
export async function learnConventions(
  batches: AsyncIterable<readonly CsvItem[]>,
  timeColumns: readonly number[],
  numberColumns: readonly number[],
  settings: ReadonlyMap<string, string>,
): Promise<Conventions> {
  const marks = new Set<DecimalMark>();
  const orders = new Set<DateOrder>();
  let wantsOrder = false;
  let rows = 0;
  for await (const batch of batches) {
    for (const item of batch) {
      if (!('cells' in item)) continue;
      rows += 1;
      for (const index of numberColumns) {
        const mark = decimalMarkOf(item.cells[index] ?? '');
        if (mark !== null) marks.add(mark);
      }
      for (const index of timeColumns) {
        const cell = item.cells[index] ?? '';
        wantsOrder ||= needsDateOrder(cell);
        const order = dateOrderOf(cell);
        if (order !== null) orders.add(order);
      }
    }
    if (rows > 100 && marks.size > 0 && (!wantsOrder || orders.size > 0)) break;
  }
  return { mark: only(marks), order: givenOrder(settings) ?? only(orders) };
}

function givenOrder(settings: ReadonlyMap<string, string>): DateOrder | null {
  const given = settings.get('date-order') ?? settings.get('date_order');
  if (given === undefined) return null;
  if (given === 'day_first' || given === 'month_first') return given;
  throw new InputError(`--columns date-order=${given}: give day_first or month_first`);
}

function only<Value>(values: ReadonlySet<Value>): Value | null {
  const [first] = values;
  return values.size === 1 && first !== undefined ? first : null;
}
