/**
 * Rebuilds realized profit from fills: positions netted per symbol (and account) at average cost.
 * Pure: no clock, no input or output. Fills must come in time order.
 *
 * Each fill answers with what it did: `open` (the part that entered), `close` (the part that reduced a position, with
 * its profit), or `unmatched` (a part that closes a position nobody saw opened). A flip gives a close, then an open.
 * Entry fees wait with the position and are charged pro rata as it closes, so a round trip is net of both fees.
 */

/**
 * How a quantity and a price make a value in the settlement currency.
 * - `linear`: quantity × price × multiplier (spot, USD-margined contracts; multiplier 1 for quantities in coins).
 * - `inverse`: the contract is worth `multiplier` quote units and settles in the base coin (BitMEX XBTUSD: 1 USD, paid
 *   in XBT); a long gains quantity × multiplier × (1/entry − 1/exit) coins.
 * - `venue`: the size of a contract is not known; profit is the venue's own figure.
 */
export type Contract =
  | { readonly kind: 'linear'; readonly multiplier: number }
  | { readonly kind: 'inverse'; readonly multiplier: number }
  | { readonly kind: 'venue' };

export interface NettingFill {
  readonly tsMs: number;
  readonly symbol: string;
  /** Whose position: an account or a bot; '' where there is one only. */
  readonly account: string;
  readonly side: 'BUY' | 'SELL';
  /** In coins or contracts, above 0. */
  readonly qty: number;
  /** In quote units, above 0. */
  readonly price: number;
  /** USD, positive a cost, negative a rebate. */
  readonly feeUsd: number;
  /** Default linear, multiplier 1. */
  readonly contract?: Contract;
  /** USD per unit of the settlement currency at this fill. Default 1; null: not known, and profits come out null. */
  readonly usdPerUnit?: number | null;
  /** What the venue says the fill did; `either` (default): what the position says. */
  readonly effect?: 'open' | 'close' | 'either';
  /** False on spot: what is sold without a position is unmatched instead of a short. Default true. */
  readonly shortAllowed?: boolean;
  /** The venue's realized profit before fees, in the settlement currency: used only where the entry is not known. */
  readonly venueProfit?: number | null;
  /** Keeps long and short apart in hedge mode; '' (default) nets them. */
  readonly leg?: string;
}

export interface NettedOpen {
  readonly kind: 'open';
  readonly side: 'LONG' | 'SHORT';
  readonly qty: number;
  /** Paid now, USD; charged to profit when the position closes. */
  readonly feeUsd: number;
  /** Value of the part, USD, null if unknown. */
  readonly notionalUsd: number | null;
}

export interface NettedClose {
  readonly kind: 'close';
  /** Of the position that was closed. */
  readonly side: 'LONG' | 'SHORT';
  readonly qty: number;
  /** Before fees, in the settlement currency. */
  readonly profit: number;
  /** Net of exit and entry fees, USD; null where the settlement currency has no known USD value. */
  readonly realizedUsd: number | null;
  /** Exit fee and the entry fees of the closed part, USD. */
  readonly feeUsd: number;
  /** Average entry price of the position; null where only the venue knows it. */
  readonly entryPrice: number | null;
  /** When the position was opened from flat; null where nobody saw it. */
  readonly entryTsMs: number | null;
  /** Value of the part at its entry, USD; null if unknown. */
  readonly entryNotionalUsd: number | null;
  /** `average_cost` is ours, `venue` the figure of the venue. */
  readonly basis: 'average_cost' | 'venue';
}

export interface NettedUnmatched {
  readonly kind: 'unmatched';
  /** Of the position that must have been there. */
  readonly side: 'LONG' | 'SHORT';
  readonly qty: number;
  readonly feeUsd: number;
}

export type Netted = NettedOpen | NettedClose | NettedUnmatched;

export interface NettedFunding {
  readonly kind: 'funding';
  readonly tsMs: number;
  readonly symbol: string;
  readonly account: string;
  readonly realizedUsd: number;
  /** Of the position held then, null if none is known. */
  readonly side: 'LONG' | 'SHORT' | null;
}

interface Position {
  /** Positive long, negative short. */
  qty: number;
  /** Sum of entry values in the settlement currency; of a position whose entry is known. */
  cost: number;
  /** Sum of quantity × price, for the average entry price. */
  priced: number;
  feesUsd: number;
  entryTsMs: number | null;
  /** False after units of unknown origin were found in it, until it is flat. */
  known: boolean;
  /** Largest quantity since flat: what dust is measured against. */
  peak: number;
}

const LINEAR: Contract = { kind: 'linear', multiplier: 1 };
/** A remainder below this share of the largest quantity is float dust: the position is flat. */
const DUST = 1e-9;

export class Netting {
  readonly #positions = new Map<string, Position>();

  /** Signed quantity held now; 0 if none. */
  quantity(symbol: string, account = '', leg = ''): number {
    return this.#positions.get(keyOf(symbol, account, leg))?.qty ?? 0;
  }

  /** Applies one fill. Throws `RangeError` for a quantity or price that is not above 0: the caller checks its input. */
  fill(fill: NettingFill): Netted[] {
    if (!(fill.qty > 0) || !(fill.price > 0) || !Number.isFinite(fill.qty * fill.price))
      throw new RangeError(`a fill needs a quantity and a price above 0, not ${fill.qty} at ${fill.price}`);
    const position = this.#position(fill.symbol, fill.account, fill.leg ?? '');
    const direction = fill.side === 'BUY' ? 1 : -1;
    const held = -direction * position.qty; // above 0: the fill reduces
    if (held <= 0 && (fill.effect === 'open' || (fill.effect !== 'close' && mayEnter(fill))))
      return [enter(position, fill, fill.qty, fill.feeUsd)];
    if (held <= 0) return [leaveUnknown(fill, fill.qty, fill.feeUsd)];

    const rest = fill.qty - held;
    const closesAll = rest >= -DUST * position.peak;
    const closed = closesAll ? held : fill.qty;
    const flips = rest > DUST * Math.max(position.peak, fill.qty);
    const closedFee = flips ? fill.feeUsd * (closed / fill.qty) : fill.feeUsd;
    const out: Netted[] = [leave(position, fill, closed, closedFee, closesAll)];
    if (!flips) return out;
    const restFee = fill.feeUsd - closedFee;
    const enters = fill.effect !== 'close' && (fill.side === 'BUY' || fill.shortAllowed !== false);
    // The venue's profit belongs to the closed part: what is left over of an unexplained close is unmatched.
    out.push(
      enters
        ? enter(position, fill, rest, restFee)
        : { kind: 'unmatched', side: closedSide(fill), qty: rest, feeUsd: restFee },
    );
    return out;
  }

  /** A payment on a position held: profit (or loss, negative) of its own at that time, USD. */
  funding(payment: {
    tsMs: number;
    symbol: string;
    account: string;
    amountUsd: number;
    leg?: string;
  }): NettedFunding {
    const qty = this.quantity(payment.symbol, payment.account, payment.leg ?? '');
    return {
      kind: 'funding',
      tsMs: payment.tsMs,
      symbol: payment.symbol,
      account: payment.account,
      realizedUsd: payment.amountUsd,
      side: qty > 0 ? 'LONG' : qty < 0 ? 'SHORT' : null,
    };
  }

  /**
   * The venue says what was held (signed) before the next fill. Units that went missing (a transfer out) leave at
   * average cost without profit; units that appeared have no known entry, so the position's profit is not computed
   * from ours until it is flat again. Differences below `tolerance` (in units) are rounding.
   */
  held(symbol: string, account: string, qty: number, tolerance: number): void {
    const position = this.#position(symbol, account, '');
    if (Math.abs(position.qty - qty) <= tolerance) return;
    if (qty === 0) return reset(position);
    if (Math.sign(qty) === Math.sign(position.qty) && Math.abs(qty) < Math.abs(position.qty)) {
      const share = qty / position.qty;
      position.cost *= share;
      position.priced *= share;
      position.feesUsd *= share;
      position.qty = qty;
      return;
    }
    reset(position);
    position.qty = qty;
    position.peak = Math.abs(qty);
    position.known = false;
  }

  #position(symbol: string, account: string, leg: string): Position {
    const key = keyOf(symbol, account, leg);
    let position = this.#positions.get(key);
    if (position === undefined) {
      position = { qty: 0, cost: 0, priced: 0, feesUsd: 0, entryTsMs: null, known: true, peak: 0 };
      this.#positions.set(key, position);
    }
    return position;
  }
}

/** Whether a fill that meets no opposite position opens one, rather than closing one from before the file. */
function mayEnter(fill: NettingFill): boolean {
  if (fill.side === 'SELL' && fill.shortAllowed === false) return false;
  // A venue books profit only on what closes.
  return fill.venueProfit === undefined || fill.venueProfit === null || fill.venueProfit === 0;
}

function enter(position: Position, fill: NettingFill, qty: number, feeUsd: number): NettedOpen {
  const value = valueOf(fill, qty);
  if (position.qty === 0) position.entryTsMs = fill.tsMs;
  position.qty += fill.side === 'BUY' ? qty : -qty;
  position.cost += value;
  position.priced += qty * fill.price;
  position.feesUsd += feeUsd;
  position.peak = Math.max(position.peak, Math.abs(position.qty));
  return {
    kind: 'open',
    side: fill.side === 'BUY' ? 'LONG' : 'SHORT',
    qty,
    feeUsd,
    notionalUsd: fill.contract?.kind === 'venue' ? null : inUsd(fill, Math.abs(value)),
  };
}

function leave(
  position: Position,
  fill: NettingFill,
  qty: number,
  exitFeeUsd: number,
  all: boolean,
): NettedClose | NettedUnmatched {
  const before = Math.abs(position.qty);
  const share = all ? 1 : qty / before;
  const ours = position.known && fill.contract?.kind !== 'venue';
  const cost = position.cost * share;
  const priced = position.priced * share;
  const entryFeesUsd = position.feesUsd * share;
  const entryTsMs = position.entryTsMs;
  const profit = ours
    ? fill.side === 'SELL'
      ? valueOf(fill, qty) - cost
      : cost - valueOf(fill, qty)
    : (fill.venueProfit ?? null);

  if (all) reset(position);
  else {
    position.qty += fill.side === 'BUY' ? qty : -qty;
    position.cost -= cost;
    position.priced -= priced;
    position.feesUsd -= entryFeesUsd;
  }
  if (profit === null)
    return { kind: 'unmatched', side: closedSide(fill), qty, feeUsd: exitFeeUsd + entryFeesUsd };
  const feeUsd = exitFeeUsd + entryFeesUsd;
  const profitUsd = inUsd(fill, profit);
  return {
    kind: 'close',
    side: closedSide(fill),
    qty,
    profit,
    realizedUsd: profitUsd === null ? null : profitUsd - feeUsd,
    feeUsd,
    entryPrice: !ours
      ? null
      : fill.contract?.kind === 'inverse'
        ? (-qty * fill.contract.multiplier) / cost
        : priced / qty,
    entryTsMs,
    entryNotionalUsd: ours ? inUsd(fill, Math.abs(cost)) : null,
    basis: ours ? 'average_cost' : 'venue',
  };
}

/** A close without a position: the venue's figure if it gives one. */
function leaveUnknown(fill: NettingFill, qty: number, feeUsd: number): NettedClose | NettedUnmatched {
  const profit = fill.venueProfit ?? null;
  if (profit === null) return { kind: 'unmatched', side: closedSide(fill), qty, feeUsd };
  const profitUsd = inUsd(fill, profit);
  return {
    kind: 'close',
    side: closedSide(fill),
    qty,
    profit,
    realizedUsd: profitUsd === null ? null : profitUsd - feeUsd,
    feeUsd,
    entryPrice: null,
    entryTsMs: null,
    entryNotionalUsd: null,
    basis: 'venue',
  };
}

/** In the settlement currency; negative for inverse contracts, so that exit − entry is a long's profit for both. */
function valueOf(fill: NettingFill, qty: number): number {
  const contract = fill.contract ?? LINEAR;
  if (contract.kind === 'inverse') return (-qty * contract.multiplier) / fill.price;
  return contract.kind === 'linear' ? qty * fill.price * contract.multiplier : 0;
}

function inUsd(fill: NettingFill, amount: number): number | null {
  return fill.usdPerUnit === null ? null : amount * (fill.usdPerUnit ?? 1);
}

function closedSide(fill: NettingFill): 'LONG' | 'SHORT' {
  return fill.side === 'SELL' ? 'LONG' : 'SHORT';
}

function reset(position: Position): void {
  position.qty = 0;
  position.cost = 0;
  position.priced = 0;
  position.feesUsd = 0;
  position.entryTsMs = null;
  position.known = true;
  position.peak = 0;
}

function keyOf(symbol: string, account: string, leg: string): string {
  return `${account}\u0000${symbol}\u0000${leg}`;
}
