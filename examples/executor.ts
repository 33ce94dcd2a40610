/**
 * The order loop of a program that trades by Ballast's permits: ask, wait or shrink where it is blocked, take, place, tell.
 * Run it beside `ballast up` on Redis: npx tsx examples/executor.ts redis://127.0.0.1:6379/0
 *
 * In a project of your own the import is from 'ballast/client'.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openClient, type Client, type PermitAnswer, type TakenPermit } from '../src/client/index.ts';

/** What the strategy wants. */
export interface Wish {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  /** In units of the base asset. */
  readonly qty: number;
  readonly price: number;
  readonly bot: string;
}

export interface Order {
  /** Also the order's id at the venue, so that one sent twice is one. */
  readonly planId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly qty: number;
  readonly price: number;
  readonly reduceOnly: boolean;
  /** The order must not be sent later; also the longest it may wait at the venue. */
  readonly timeoutMs: number;
}

export interface Fill {
  readonly executionId: string;
  readonly qty: number;
  readonly price: number;
  /** Signed, after the fill. */
  readonly position: number;
}

/** The venue said no: there is certainly no order. Any other error leaves that open. */
export class OrderRejected extends Error {}

/** Places an order and waits for its fill. */
export type PlaceOrder = (order: Order) => Promise<Fill>;

export type Outcome =
  | { readonly kind: 'filled'; readonly qty: number; readonly nextOpeningAfterSec: number }
  | { readonly kind: 'not_placed'; readonly why: string }
  /** Look at the venue before anything else is done with the symbol. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface Patience {
  /** How often a plan is put forward anew. */
  readonly tries: number;
  /** The longest wait for a moment when it could pass, milliseconds. */
  readonly waitMs: number;
}

/**
 * One wish, from the first plan to the last report. Rejects with `StoreError` where the store is away. Where that was after the
 * order, the reports are missing: publish them again later; ids make a repeat harmless.
 */
export async function trade(
  client: Client,
  placeOrder: PlaceOrder,
  wish: Wish,
  patience: Patience,
): Promise<Outcome> {
  let { qty } = wish;
  let why = 'no try was left';
  for (let left = patience.tries; left > 0; left--) {
    // A new id for each try: an answer to an earlier one, that came late, is none to this one.
    const planId = `${wish.bot}-${randomUUID()}`;
    const plan = { planId, symbol: wish.symbol, action: 'OPEN_PROPOSED', side: wish.side, qty };
    const answer = await client.requestPermit({ ...plan, price: wish.price, bot: wish.bot });
    if (answer.granted === true) return await placeWithPermit(client, placeOrder, wish, planId);
    // Nobody answered: that is no permit. It may still be granted; untaken, it ends by itself.
    if (answer.granted === null) return { kind: 'not_placed', why: answer.reason };
    why = answer.reason;
    const smaller = fittingQty(answer, qty);
    if (smaller !== null) {
      qty = smaller;
      continue;
    }
    const pauseMs = pauseOf(answer);
    if (pauseMs === null || pauseMs > patience.waitMs) break;
    await sleep(pauseMs);
  }
  return { kind: 'not_placed', why };
}

type Blocked = Extract<PermitAnswer, { granted: false }>;

/** The quantity that would pass now, where it is a smaller one. Round it down to the venue's lot size. */
function fittingQty({ block }: Blocked, qty: number): number | null {
  const most = block?.max_qty ?? null;
  return most !== null && most > 0 && most < qty ? most : null;
}

/** How long until it could pass, milliseconds; null: time alone does not help. */
function pauseOf({ block }: Blocked): number | null {
  const at = block?.next_eligible_at ?? null;
  return at === null ? null : Math.max(0, at * 1000 - Date.now());
}

async function placeWithPermit(
  client: Client,
  placeOrder: PlaceOrder,
  wish: Wish,
  planId: string,
): Promise<Outcome> {
  const take = await client.takePermit(planId);
  if (!take.taken) return { kind: 'not_placed', why: `${take.reason}: ${take.detail}` };
  const { permit } = take;
  // An opening of which the permit names no quantity is none we can size.
  const qty = take.permittedQty;
  if (qty === null || permit.side !== wish.side || permit.symbol !== wish.symbol)
    return await notPlaced(client, take, 'the permit is not for what was wished');
  // The last thing before the order: this program may have stood still since the take.
  if (!take.isStillGood()) return await notPlaced(client, take, 'the permit ran out before the order');

  const { symbol, side, price, bot } = wish;
  const order = { planId, symbol, side, qty, price, reduceOnly: permit.reduce_only };
  let fill: Fill;
  try {
    fill = await placeOrder({ ...order, timeoutMs: take.msLeft() });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (error instanceof OrderRejected) return await notPlaced(client, take, said);
    // An order may stand. `executed` false would free what the permit reserved, so it is not said.
    await client.publishResult({ planId, symbol, executed: true, error: `unknown: ${said}` });
    return { kind: 'unknown', why: said };
  }
  await client.publishResult({ planId, symbol, executed: true });
  const { executionId, qty: filledQty, price: filledAt } = fill;
  const stakeUsd = filledQty * filledAt;
  const about = { executionId, symbol, planId, bot, side, filledQty, price: filledAt, stakeUsd };
  await client.publishExecution({ ...about, realizedPnlUsd: null });
  await client.publishPosition({ symbol, amount: fill.position, markPriceUsd: filledAt });
  return { kind: 'filled', qty: filledQty, nextOpeningAfterSec: permit.extra_cooldown_sec };
}

async function notPlaced(client: Client, { permit }: TakenPermit, why: string): Promise<Outcome> {
  await client.publishResult({
    planId: permit.plan_id,
    symbol: permit.symbol,
    executed: false,
    error: why,
  });
  return { kind: 'not_placed', why };
}

/** PUT YOUR EXCHANGE HERE. This one invents a fill of the whole order at its price, and places nothing anywhere. */
export function inventFill({ planId, side, qty, price }: Order): Promise<Fill> {
  const position = side === 'BUY' ? qty : -qty;
  return Promise.resolve({ executionId: `invented-${planId}`, qty, price, position });
}

const isRun = process.argv[1] === fileURLToPath(import.meta.url);
if (isRun) {
  const keyFile = 'permit-key.pub.pem';
  await using client = await openClient({
    url: process.argv[2] ?? 'redis://127.0.0.1:6379/0',
    publicKeys: existsSync(keyFile) ? [readFileSync(keyFile, 'utf8')] : [],
    onEvent: ({ message }) => console.error(message),
  });
  const wish: Wish = { symbol: 'BTCUSDT', side: 'BUY', qty: 0.01, price: 65_000, bot: 'example' };
  console.log(await trade(client, inventFill, wish, { tries: 3, waitMs: 60_000 }));
}
