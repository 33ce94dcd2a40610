/**
 * OKX writes a spot trade as two rows, one for each currency that moved. The row of the coin carries the trade; of the
 * row of the quote currency only the fee matters, which a sale takes there.
 */
import type { FillTable } from './columns.ts';
import { coin, pairOf } from './currencies.ts';
import { parseDecimal } from './decimals.ts';
import type { CsvRow } from './csv.ts';
import type { FillRow, FundingRow } from './fill-row.ts';

export interface OkxSpotLegs {
  /** Whether a row is the quote currency's leg; it is then kept for its fee. */
  take(row: CsvRow): boolean;
  /** The fills with the fees of their other legs: by order, time and price, in file order. */
  withFees(events: readonly (FillRow | FundingRow)[]): (FillRow | FundingRow)[];
  /** Lines of legs that no fill belongs to; asked after `withFees`. */
  alone(): number[];
}

interface Leg {
  readonly line: number;
  readonly amount: number;
  readonly currency: string;
}

export function okxSpotLegs(table: FillTable): OkxSpotLegs {
  const fees = new Map<string, Leg[]>();
  const cell = (row: CsvRow, column: Parameters<typeof table.columns.get>[0]): string =>
    row.cells[table.columns.get(column)?.index ?? -1] ?? '';
  const keys = new Map<number, string>();
  return {
    take(row) {
      const pair = pairOf(cell(row, 'symbol'));
      if (!/^spot$/i.test(cell(row, 'type')) || pair === null) return false;
      const key = [cell(row, 'orderId'), cell(row, 'time'), cell(row, 'price')].join('\u0000');
      if (coin(cell(row, 'unit')) !== pair.quote) {
        keys.set(row.line, key);
        return false;
      }
      const fee = parseDecimal(cell(row, 'fee') || '0', '.');
      if (!fee.ok) return false; // the row reader says what is wrong with it
      const leg = {
        line: row.line,
        amount: -fee.value,
        currency: coin(cell(row, 'feeCurrency') || pair.quote),
      };
      const waiting = fees.get(key);
      if (waiting === undefined) fees.set(key, [leg]);
      else waiting.push(leg);
      return true;
    },
    withFees(events) {
      return events.map((event) => {
        const fee = event.kind === 'fill' ? fees.get(keys.get(event.line) ?? '')?.shift() : undefined;
        if (event.kind !== 'fill' || fee === undefined || fee.amount === 0 || event.fee !== 0) return event;
        return { ...event, fee: fee.amount, feeCurrency: fee.currency };
      });
    },
    alone: () => [...fees.values()].flat().map((leg) => leg.line),
  };
}
