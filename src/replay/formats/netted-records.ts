/** Position events in time order, netted into records of the `ballast` format; shared by the CSV and JSON fill readers. */
import { UsdRates } from './currencies.ts';
import { inTimeOrder, roundingOf, type PositionEvent } from './fill-order.ts';
import type { FillRow, FundingRow } from './fill-row.ts';
import type { BallastRecord, ReadItem } from './format.ts';
import { Netting, type Netted, type NettedClose } from './netting.ts';

/**
 * Records in time order: an opening part as `kind: "open"`, a reducing part with its net profit, a funding payment as
 * an execution of its own (`exit_reason: "funding"`). Refused, each with its line: `unbalanced_fills` for a part that
 * closes what the file never saw opened, `not_usd` for profit of unknown USD value, `fee_not_usd` for a fee of one.
 */
export function* nettedRecords(
  events: readonly PositionEvent[],
  usdPer: ReadonlyMap<string, number>,
  rawOf: (line: number) => string,
): Generator<ReadItem> {
  const netting = new Netting();
  const rates = new UsdRates(usdPer);
  for (const event of inTimeOrder(events)) {
    if (event.kind === 'funding') {
      yield fundingItem(event, netting, rates, rawOf);
      continue;
    }
    rates.see(event.pair, event.price);
    const inverse = event.contract.kind === 'inverse';
    const fee = feeUsd(event, rates);
    if (fee === null)
      yield {
        line: event.line,
        reason: 'fee_not_usd',
        detail:
          `the fill is used, but its fee of ${event.fee} ${event.feeCurrency} is not deducted: ` +
          `give --usd-per ${event.feeCurrency}=RATE`,
        raw: rawOf(event.line),
      };
    if (event.startPosition !== null && event.leg === '')
      netting.held(
        event.symbol,
        event.account,
        event.startPosition,
        roundingOf(event.startPosition, netting.quantity(event.symbol, event.account), event.qty),
      );
    const parts = netting.fill({
      ...event,
      feeUsd: fee ?? 0,
      usdPerUnit: inverse ? inverseRate(event, rates) : settleRate(event, rates),
    });
    for (const part of parts) yield partItem(event, part, parts.length > 1, rawOf);
  }
}

function partItem(fill: FillRow, part: Netted, split: boolean, rawOf: (line: number) => string): ReadItem {
  const { line } = fill;
  if (part.kind === 'unmatched') {
    const detail =
      `closes ${part.qty} ${fill.symbol} of a ${part.side === 'LONG' ? 'long' : 'short'} position that this file ` +
      `does not open: export the history from before it`;
    return { line, reason: 'unbalanced_fills', detail, raw: rawOf(line) };
  }
  const record: BallastRecord = {
    ts_ms: fill.tsMs,
    symbol: fill.symbol,
    qty: part.qty,
    price: fill.price,
    side: part.side,
    fee_usd: part.feeUsd,
  };
  if (fill.orderId !== '') record['order_id'] = fill.orderId;
  if (fill.account !== '') record['bot'] = fill.account;
  if (fill.signal !== '') record['signal'] = fill.signal;
  if (fill.tradeId !== '') {
    const id = [fill.account, fill.symbol.replace(/[^A-Za-z0-9._-]/g, ''), fill.tradeId].filter(
      (each) => each !== '',
    );
    record['execution_id'] = `${id.join('-')}${split && part.kind === 'open' ? '-open' : ''}`;
  }
  if (part.kind === 'open') {
    record['kind'] = 'open';
    if (part.notionalUsd !== null) record['stake_usd'] = part.notionalUsd;
    return { line, record };
  }
  return closeItem(fill, part, record, rawOf);
}

function closeItem(
  fill: FillRow,
  part: NettedClose,
  record: BallastRecord,
  rawOf: (line: number) => string,
): ReadItem {
  if (part.realizedUsd === null)
    return {
      line: fill.line,
      reason: 'not_usd',
      detail: `a profit of ${part.profit} ${fill.settle} is not in USD: give --usd-per ${fill.settle}=RATE`,
      raw: rawOf(fill.line),
    };
  record['realized_pnl'] = part.realizedUsd;
  if (part.entryPrice !== null) record['entry_price'] = part.entryPrice;
  if (part.entryNotionalUsd !== null) record['stake_usd'] = part.entryNotionalUsd;
  if (part.entryTsMs !== null) {
    record['entry_ts_ms'] = part.entryTsMs;
    record['hold_sec'] = (fill.tsMs - part.entryTsMs) / 1000;
  }
  if (fill.exitReason !== '') record['exit_reason'] = fill.exitReason;
  return { line: fill.line, record };
}

function fundingItem(
  row: FundingRow,
  netting: Netting,
  rates: UsdRates,
  rawOf: (line: number) => string,
): ReadItem {
  const rate = row.usdPerUnit ?? (row.currency === 'BTC' ? rates.near('BTC') : rates.given(row.currency));
  if (rate === null)
    return {
      line: row.line,
      reason: 'not_usd',
      detail: `funding of ${row.amount} ${row.currency} is not in USD: give --usd-per ${row.currency}=RATE`,
      raw: rawOf(row.line),
    };
  const paid = netting.funding({ ...row, amountUsd: row.amount * rate });
  const record: BallastRecord = {
    ts_ms: row.tsMs,
    symbol: row.symbol,
    realized_pnl: paid.realizedUsd,
    exit_reason: 'funding',
  };
  if (paid.side !== null) record['side'] = paid.side;
  if (row.account !== '') record['bot'] = row.account;
  if (row.tradeId !== '')
    record['execution_id'] = [row.account, row.symbol, row.tradeId].filter((each) => each !== '').join('-');
  return { line: row.line, record };
}

/** USD, positive a cost; null if the currency's value is not known. */
function feeUsd(fill: FillRow, rates: UsdRates): number | null {
  if (fill.fee === 0) return 0;
  // In the coin traded: worth what it traded at.
  if (fill.pair !== null && fill.feeCurrency === fill.pair.base && fill.feeCurrency !== fill.pair.quote) {
    const rate = rates.given(fill.pair.quote);
    if (rate !== null) return fill.fee * fill.price * rate;
  }
  const rate = rates.near(fill.feeCurrency);
  return rate === null ? null : fill.fee * rate;
}

/** An inverse contract settles in its coin, whose USD value is the fill's own price. */
function inverseRate(fill: FillRow, rates: UsdRates): number | null {
  if (fill.pair === null) return fill.price; // XBT futures (XBTM20) are quoted in USD
  const rate = rates.given(fill.pair.quote);
  return rate === null ? null : fill.price * rate;
}

/** Quanto contracts pay bitcoin while quoting something else: valued by the newest bitcoin price of the file. */
function settleRate(fill: FillRow, rates: UsdRates): number | null {
  const quoted = fill.pair?.quote === fill.settle;
  return quoted ? rates.given(fill.settle) : rates.near(fill.settle);
}
