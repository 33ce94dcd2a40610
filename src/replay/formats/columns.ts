/**
 * The column names exchanges and journals use, as tables. Names are compared without case, blanks and punctuation; a time
 * zone in a header (`Date(UTC)`, `Time(UTC+8)`) is taken off the name and holds for the column.
 * `--columns time=When,fee=Cost` goes before all tables.
 */
import { fixedOffsetMin } from './time-zone.ts';

export type FillColumn =
  | 'time' | 'symbol' | 'side' | 'price' | 'quantity' | 'fee' | 'feeCurrency' | 'profit' | 'type' | 'orderId'
  | 'tradeId' | 'account' | 'startPosition' | 'positionSide' | 'unit' | 'settleCurrency' | 'executionCost'
  | 'homeNotional' | 'funding' | 'currency' | 'margin' | 'cashFlow'; // prettier-ignore

export type TradeColumn =
  | 'time' | 'symbol' | 'profit' | 'currency' | 'entryTime' | 'side' | 'closingSide' | 'quantity' | 'price'
  | 'entryPrice' | 'fee' | 'funding' | 'signal' | 'exitReason' | 'regime' | 'cluster' | 'account' | 'orderId' | 'executionId'
  | 'planId' | 'stake' | 'holdSec'; // prettier-ignore

type Names<Column extends string> = Partial<Record<Column, readonly string[]>>;

export type VenueName =
  | 'Binance spot' | 'Binance futures' | 'Bybit derivatives' | 'Bybit spot' | 'Bybit transaction log'
  | 'Hyperliquid' | 'BitMEX' | 'Kraken' | 'OKX' | 'plain'; // prettier-ignore

export interface Venue {
  readonly name: VenueName;
  /** Header names that must all be there to recognise it. */
  readonly signature: readonly string[];
  /** Spot cannot go short; a plain file may be either, so a short is allowed. */
  readonly market: 'spot' | 'derivative' | 'unknown';
  /** Whether a fee of 1 costs one (`cost`) or is a change of balance, so that −1 costs one (`balance`). */
  readonly feeSign: 'cost' | 'balance';
  /** The profit column is after the fill's own fee. */
  readonly profitAfterFee?: true;
  readonly columns: Names<FillColumn>;
}

export const VENUES: readonly Venue[] = [
  {
    name: 'Binance futures',
    signature: ['symbol', 'side', 'price', 'quantity', 'realizedprofit'],
    market: 'derivative',
    feeSign: 'cost',
    columns: {
      time: ['time', 'date', 'dateutc', 'timeutc'],
      quantity: ['quantity'],
      fee: ['fee'],
      feeCurrency: ['feecoin', 'feeasset'],
      profit: ['realizedprofit'],
      account: ['uid'],
      positionSide: ['positionside'],
    },
  },
  {
    name: 'Binance futures', // its API's userTrades, saved as a table
    signature: ['symbol', 'side', 'qty', 'price', 'commission', 'realizedpnl'],
    market: 'derivative',
    feeSign: 'cost',
    columns: {
      time: ['time'],
      quantity: ['qty'],
      profit: ['realizedpnl'],
      tradeId: ['id'],
      positionSide: ['positionside'],
    },
  },
  {
    name: 'Binance spot',
    signature: ['pair', 'side', 'price', 'executed'],
    market: 'spot',
    feeSign: 'cost',
    columns: {
      time: ['time', 'date'],
      symbol: ['pair'],
      quantity: ['executed'],
      fee: ['fee'],
      feeCurrency: ['feecoin'],
    },
  },
  {
    name: 'Binance spot', // until 2021
    signature: ['market', 'type', 'price', 'amount', 'total', 'fee', 'feecoin'],
    market: 'spot',
    feeSign: 'cost',
    columns: {
      time: ['date', 'time'],
      symbol: ['market'],
      side: ['type'],
      quantity: ['amount'],
      feeCurrency: ['feecoin'],
    },
  },
  {
    name: 'Binance spot', // its API's myTrades
    signature: ['symbol', 'qty', 'price', 'commission', 'commissionasset', 'isbuyer'],
    market: 'spot',
    feeSign: 'cost',
    columns: { time: ['time'], side: ['isbuyer'], quantity: ['qty'], tradeId: ['id'] },
  },
  {
    name: 'Bybit derivatives',
    signature: ['filledtype', 'filledquantity', 'filledprice', 'direction'],
    market: 'derivative',
    feeSign: 'cost',
    columns: {
      time: ['transactiontime', 'tradetime', 'timestamp'],
      symbol: ['market', 'contracts', 'contract', 'symbol'],
      side: ['direction'],
      price: ['filledprice'],
      quantity: ['filledquantity'],
      fee: ['tradingfee', 'execfeev2', 'feepaid'],
      feeCurrency: ['feecoin'],
      type: ['filledtype'],
      tradeId: ['trasactionid', 'transactionid'],
      orderId: ['orderno'],
      account: ['uid'],
    },
  },
  {
    name: 'Bybit derivatives', // its API's execution list
    signature: ['symbol', 'side', 'execprice', 'execqty', 'exectime'],
    market: 'derivative',
    feeSign: 'cost',
    columns: {
      time: ['exectime'],
      price: ['execprice'],
      quantity: ['execqty'],
      fee: ['execfee'],
      feeCurrency: ['feecurrency'],
      type: ['exectype'],
      tradeId: ['execid'],
    },
  },
  {
    name: 'Bybit spot',
    signature: ['spotpairs', 'direction', 'filledprice', 'filledquantity'],
    market: 'spot',
    feeSign: 'cost',
    columns: {
      time: ['timestamp', 'transactiontime'],
      symbol: ['spotpairs'],
      side: ['direction'],
      price: ['filledprice'],
      quantity: ['filledquantity'],
      fee: ['execfeev2', 'fees'],
      feeCurrency: ['feecoin'],
      tradeId: ['transactionid'],
      orderId: ['orderno'],
      account: ['uid'],
    },
  },
  {
    name: 'Bybit transaction log',
    signature: ['contract', 'type', 'direction', 'quantity', 'filledprice', 'feepaid', 'cashflow'],
    market: 'derivative',
    feeSign: 'balance',
    columns: {
      time: ['time'],
      symbol: ['contract'],
      side: ['direction'],
      price: ['filledprice'],
      fee: ['feepaid'],
      currency: ['currency'],
      funding: ['funding'],
      cashFlow: ['cashflow'],
      type: ['type'],
      tradeId: ['tradeid'],
      account: ['uid'],
    },
  },
  {
    name: 'Hyperliquid',
    signature: ['coin', 'executionprice', 'sizetokens', 'direction'],
    market: 'derivative',
    feeSign: 'cost',
    columns: {
      time: ['timestampist', 'time', 'timestamp'],
      symbol: ['coin'],
      side: ['side'],
      type: ['direction'],
      price: ['executionprice'],
      quantity: ['sizetokens'],
      profit: ['closedpnl'],
      startPosition: ['startposition'],
    },
  },
  {
    name: 'Hyperliquid', // the site's own export and the API's userFills
    signature: ['coin', 'dir', 'px', 'sz'],
    market: 'derivative',
    feeSign: 'cost',
    profitAfterFee: true,
    columns: {
      time: ['time', 'timestamp'],
      symbol: ['coin'],
      side: ['side'],
      type: ['dir'],
      price: ['px'],
      quantity: ['sz'],
      feeCurrency: ['feetoken'],
      profit: ['closedpnl'],
      startPosition: ['startposition'],
      orderId: ['oid'],
      tradeId: ['tid'],
      account: ['user', 'account'],
    },
  },
  {
    name: 'BitMEX',
    signature: ['symbol', 'side', 'lastqty', 'lastpx', 'exectype'],
    market: 'derivative',
    feeSign: 'cost',
    columns: {
      time: ['transacttime', 'timestamp'],
      price: ['lastpx'],
      quantity: ['lastqty'],
      fee: ['execcomm'],
      settleCurrency: ['settlcurrency'],
      executionCost: ['execcost'],
      homeNotional: ['homenotional'],
      type: ['exectype'],
      tradeId: ['execid'],
    },
  },
  {
    name: 'Kraken',
    signature: ['ordertxid', 'pair', 'type', 'price', 'vol'],
    market: 'spot',
    feeSign: 'cost',
    columns: {
      time: ['time'],
      symbol: ['pair'],
      side: ['type'],
      quantity: ['vol'],
      orderId: ['ordertxid'],
      tradeId: ['txid'],
      margin: ['margin'],
    },
  },
  {
    name: 'OKX',
    signature: ['tradetype', 'symbol', 'action', 'amount', 'tradingunit', 'filledprice'],
    market: 'derivative',
    feeSign: 'balance',
    columns: {
      time: ['time'],
      side: ['action'],
      price: ['filledprice'],
      quantity: ['amount'],
      unit: ['tradingunit'],
      feeCurrency: ['feeunit'],
      profit: ['pnl'],
      funding: ['balancechange'],
      settleCurrency: ['balanceunit'],
      type: ['tradetype'],
      tradeId: ['id'],
    },
  },
  {
    name: 'OKX', // its API's fills
    signature: ['instid', 'side', 'fillpx', 'fillsz'],
    market: 'derivative',
    feeSign: 'balance',
    columns: {
      time: ['filltime', 'ts'],
      symbol: ['instid'],
      price: ['fillpx'],
      quantity: ['fillsz'],
      feeCurrency: ['feeccy'],
      profit: ['fillpnl'],
      positionSide: ['posside'],
      type: ['insttype'],
      orderId: ['ordid'],
      tradeId: ['tradeid'],
    },
  },
];

/** Names any fill history may use. Also what a venue's table falls back on. */
const PLAIN_FILL: Names<FillColumn> = {
  time: [
    'time',
    'timestamp',
    'tsms',
    'ts',
    'datetime',
    'date',
    'executedat',
    'filledat',
    'tradetime',
    'transactiontime',
  ],
  symbol: ['symbol', 'pair', 'market', 'instrument', 'ticker', 'product', 'contract', 'coin'],
  side: ['side', 'direction', 'action', 'buysell', 'type'],
  price: ['price', 'fillprice', 'filledprice', 'avgprice', 'averageprice', 'executionprice', 'rate'],
  quantity: [
    'quantity',
    'qty',
    'size',
    'amount',
    'filledqty',
    'filledquantity',
    'volume',
    'vol',
    'executedqty',
    'filled',
  ],
  fee: ['fee', 'fees', 'feeusd', 'commission', 'tradingfee', 'feepaid'],
  feeCurrency: ['feecurrency', 'feecoin', 'feeasset', 'commissionasset', 'feetoken', 'feeunit', 'feeccy'],
  orderId: ['orderid', 'order', 'ordid', 'orderno'],
  tradeId: ['tradeid', 'fillid', 'execid', 'executionid', 'transactionid'],
  account: ['account', 'bot', 'accountid', 'subaccount'],
};

export const PLAIN_VENUE: Venue = {
  name: 'plain',
  signature: [],
  market: 'unknown',
  feeSign: 'cost',
  columns: PLAIN_FILL,
};

/** Net profit before gross: the first name that is there counts. */
const TRADE: Names<TradeColumn> = {
  time: [
    ...[
      'closetime',
      'exittime',
      'closedate',
      'exitdate',
      'closedat',
      'exitat',
      'closed',
      'closingtime',
      'timeclosed',
    ],
    ...[
      'tradetime',
      'positionupdatetime',
      'closetimestamp',
      'exittimestamp',
      'datetime',
      'timestamp',
      'tsms',
      'ts',
      'time',
      'date',
    ],
  ],
  symbol: [
    'symbol',
    'pair',
    'market',
    'instrument',
    'ticker',
    'contracts',
    'contract',
    'instrumentname',
    'instid',
    'asset',
    'coin',
  ],
  profit: [
    ...[
      'netprofit',
      'netpnl',
      'netpl',
      'realizedpnl',
      'realisedpnl',
      'realizedpl',
      'realisedpl',
      'realizedprofit',
      'realisedprofit',
    ],
    ...[
      'closedpnl',
      'closedpl',
      'closingpnl',
      'profitabs',
      'profitusd',
      'pnlusd',
      'profitusdt',
      'pnlusdt',
      'closeprofitabs',
    ],
    ...['profit', 'pnl', 'pl', 'profitloss', 'gain', 'gainloss', 'result'],
  ],
  currency: [
    'profitcurrency',
    'pnlcurrency',
    'settlecurrency',
    'margincurrency',
    'quotecurrency',
    'currency',
  ],
  entryTime: [
    'opentime',
    'entrytime',
    'opendate',
    'entrydate',
    'openedat',
    'entryat',
    'opened',
    'openingtime',
    'positioncreatetime',
  ],
  side: ['side', 'direction', 'positionside', 'position', 'tradedirection', 'type'],
  closingSide: ['closingdirection', 'closingside'],
  quantity: [
    'quantity',
    'qty',
    'size',
    'amount',
    'volume',
    'closedvol',
    'orderquantity',
    'totalclosequantity',
    'filledqty',
    'units',
  ],
  price: ['exitprice', 'closeprice', 'avgcloseprice', 'averagecloseprice', 'closerate', 'exitrate', 'price'],
  entryPrice: ['entryprice', 'openprice', 'avgentryprice', 'averageopenprice', 'openrate'],
  fee: ['feeusd', 'fee', 'fees', 'commission', 'totalfee', 'totalfees'],
  funding: ['fundingfee', 'funding'],
  signal: ['strategy', 'strategyname', 'signal', 'tag', 'entertag', 'buytag', 'setup', 'entrysignal'],
  exitReason: ['exitreason', 'closereason', 'sellreason', 'exittype', 'exittag', 'reason'],
  regime: ['regime', 'marketregime'],
  cluster: ['cluster', 'clusterid'],
  account: ['bot', 'account', 'accountid', 'subaccount', 'uid'],
  orderId: ['orderid', 'orderno', 'order'],
  executionId: ['executionid'],
  planId: ['planid'],
  stake: ['stakeusd', 'stakeamount', 'stake'],
  holdSec: ['holdsec', 'durationsec', 'holdseconds'],
};

/** One column of a file that was recognised. */
export interface Found {
  readonly index: number;
  /** As the file writes it. */
  readonly header: string;
  /** A zone the header itself names. */
  readonly zone: string | null;
}

export type FoundColumns<Column extends string> = ReadonlyMap<Column, Found>;

export interface FillTable {
  readonly venue: Venue;
  readonly columns: FoundColumns<FillColumn>;
  /** Required columns that are not there; empty when the table can be read. */
  readonly missing: readonly FillColumn[];
}

/** The venue a header line belongs to and where its columns are. `settings` are the user's `--columns`. */
export function fillTable(header: readonly string[], settings: ReadonlyMap<string, string>): FillTable {
  const names = header.map(headerName);
  const present = new Set(names.map((each) => each.name));
  const venue = VENUES.find((each) => each.signature.every((name) => present.has(name))) ?? PLAIN_VENUE;
  const columns = new Map<FillColumn, Found>();
  for (const column of Object.keys({ ...PLAIN_FILL, ...venue.columns }) as FillColumn[]) {
    const candidates = [
      ...(venue.columns[column] ?? []),
      ...(venue === PLAIN_VENUE ? [] : (PLAIN_FILL[column] ?? [])),
    ];
    const found = pick(header, names, column, candidates, settings);
    if (found !== null) columns.set(column, found);
  }
  addSettings(header, names, columns, settings);
  // Where the side column is the type column too, there is no type.
  if (venue === PLAIN_VENUE) columns.delete('type');
  const required: FillColumn[] = ['time', 'symbol', 'price', 'quantity'];
  if (!(venue.name === 'Hyperliquid' && columns.has('type'))) required.push('side');
  return { venue, columns, missing: required.filter((column) => !columns.has(column)) };
}

export interface TradeTable {
  readonly columns: FoundColumns<TradeColumn>;
  readonly missing: readonly TradeColumn[];
  /** OKX writes the price's profit only: its fee and funding columns (signed) belong to the result. */
  readonly addCosts: boolean;
}

export function tradeTable(header: readonly string[], settings: ReadonlyMap<string, string>): TradeTable {
  const names = header.map(headerName);
  const present = new Set(names.map((each) => each.name));
  const columns = new Map<TradeColumn, Found>();
  for (const column of Object.keys(TRADE) as TradeColumn[]) {
    const found = pick(header, names, column, TRADE[column] ?? [], settings);
    if (found !== null) columns.set(column, found);
  }
  const addCosts =
    ['averageopenprice', 'averagecloseprice', 'pnl', 'fee', 'fundingfee'].every((name) =>
      present.has(name),
    ) && !present.has('realizedpnl');
  // A ledger with several rows a trade and profit before fees: taking its rows for trades would be wrong money.
  if (['newaverageentryprice', 'realizedfunding'].every((name) => present.has(name)))
    columns.delete('profit');
  const missing = (['time', 'symbol', 'profit'] as const).filter((column) => !columns.has(column));
  return { columns, missing, addCosts };
}

/** Whether a header line is a fill history: a venue's own, or side, price and quantity without a profit. */
export function isFillHeader(header: readonly string[]): boolean {
  const table = fillTable(header, new Map());
  if (table.missing.length > 0) return false;
  return table.venue !== PLAIN_VENUE || !tradeTable(header, new Map()).columns.has('profit');
}

function addSettings<Column extends string>(
  header: readonly string[],
  names: readonly HeaderName[],
  columns: Map<Column, Found>,
  settings: ReadonlyMap<string, string>,
): void {
  for (const column of settings.keys()) {
    const found = pick(header, names, column, [], settings);
    if (found !== null) columns.set(column as Column, found);
  }
}

interface HeaderName {
  readonly name: string;
  readonly zone: string | null;
}

function pick(
  header: readonly string[],
  names: readonly HeaderName[],
  column: string,
  candidates: readonly string[],
  settings: ReadonlyMap<string, string>,
): Found | null {
  const set = settings.get(column) ?? settings.get(snake(column));
  for (const candidate of set === undefined ? candidates : [headerName(set).name]) {
    const index = names.findIndex((each) => each.name === candidate);
    if (index >= 0) return { index, header: header[index] ?? '', zone: names[index]?.zone ?? null };
  }
  return null;
}

/** `Realized P&L` → `realizedpl`, `Time(UTC+8)` → `time` with its zone; a percent sign stays, for it is another column. */
function headerName(header: string): HeaderName {
  const clean = header.replaceAll('\uFEFF', '').trim();
  const zoned =
    /^(.*?)[\s_]*[([]\s*((?:UTC|GMT)[^)\]]*)[)\]]$/i.exec(clean) ?? /^(.+?)[\s_](UTC)$/i.exec(clean);
  const zone = zoned?.[2]?.trim() ?? null;
  if (zone !== null && fixedOffsetMin(zone) !== null) return { name: plainName(zoned?.[1] ?? ''), zone };
  const name = plainName(clean);
  // Hyperliquid data sets name Indian time in the column.
  return { name, zone: name === 'timestampist' ? '+05:30' : null };
}

function plainName(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}%]/gu, '');
}

function snake(column: string): string {
  return column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
