/** One bot's dealings with Ballast, as any program that places orders has them: ask, take the permit, trade, report. */
import { rounded, type Instrument, type Quote } from './market.ts';
import type { Bot, Intent } from './bots.ts';
import type { Client } from '../client/client.ts';
import type { Plan } from '../client/plan.ts';
import type { Fill, PaperExchange } from './exchange.ts';
import type { Story } from './story.ts';

export interface TraderOptions {
  readonly bot: Bot;
  readonly instrument: Instrument;
  readonly exchange: PaperExchange;
  readonly client: Client;
  readonly story: Story;
}

/** A target below it is not worth an order. */
const SMALLEST_USD = 10;

export class Trader {
  readonly #options: TraderOptions;
  #plans = 0;

  constructor(options: TraderOptions) {
    this.#options = options;
  }

  /** One second of the bot, counted from the beginning: at most one plan. */
  async act(elapsedSec: number, quote: Quote): Promise<void> {
    const { bot, client, exchange } = this.#options;
    const { symbol, name } = bot.spec;
    const before = exchange.holding(symbol);
    const intent = bot.decide(elapsedSec, quote, before);
    if (intent === null) return;
    const order =
      intent.kind === 'open' ? await this.#opening(intent, quote) : closing(intent, before!.quantity);
    if (order === null) return;
    const planId = `${name}-${++this.#plans}`;
    const answer = await client.requestPermit({ ...order, planId, symbol, bot: name, price: quote.priceUsd });
    if (answer.granted !== true) return;
    const permit = await client.takePermit(planId);
    if (!permit.taken || !permit.isStillGood()) return;
    // Never more than the permit says.
    const quantity = permit.permittedQty ?? 0;
    const fill =
      intent.kind === 'open'
        ? exchange.open(symbol, intent.side, quantity, elapsedSec)
        : exchange.close(symbol, quantity, elapsedSec);
    if (fill !== null && intent.kind === 'open') bot.opened(elapsedSec, before === null);
    if (fill !== null && intent.kind === 'close') bot.closed(elapsedSec);
    await this.#report(planId, intent, fill, quote);
  }

  /** What is held, at the price of now. */
  async publishPosition({ priceUsd }: Quote): Promise<void> {
    const { bot, client, exchange, story } = this.#options;
    const { symbol } = bot.spec;
    const amount = exchange.holding(symbol)?.quantity ?? 0;
    const notionalUsd = rounded(Math.abs(amount) * priceUsd, 2);
    story.of(symbol).positionUsd = Math.sign(amount) * notionalUsd;
    await client.publishPosition({ symbol, amount, markPriceUsd: priceUsd, notionalUsd });
  }

  /** As much of the symbol's target as the bot wants; null: nothing is worth it. */
  async #opening(intent: Extract<Intent, { kind: 'open' }>, { priceUsd }: Quote): Promise<Order | null> {
    const { bot, client, exchange } = this.#options;
    const target = await client.readTarget(bot.spec.symbol);
    if (target === null || target.target_usd < SMALLEST_USD) return null;
    const qty = exchange.roundDown(bot.spec.symbol, (intent.share * target.target_usd) / priceUsd);
    if (!(qty > 0)) return null;
    const { side, killScore, confidence, regimeFlip } = intent;
    return { action: 'OPEN_PROPOSED', side, qty, killScore, confidence, regimeFlip };
  }

  /** The fill, the result of the plan and the position; `fill` null: no order was placed. */
  async #report(planId: string, intent: Intent, fill: Fill | null, quote: Quote): Promise<void> {
    const { bot, client, instrument, story } = this.#options;
    const { symbol, name, signal } = bot.spec;
    if (fill !== null) {
      story.filled(fill);
      await client.publishExecution({
        symbol,
        realizedPnlUsd: fill.realisedUsd,
        executionId: `fill-${planId}`,
        bot: name,
        planId,
        filledQty: fill.quantity,
        side: fill.side,
        price: fill.priceUsd,
        stakeUsd: rounded(fill.quantity * fill.priceUsd, 2),
        regime: quote.regime,
        cluster: instrument.cluster,
        signal,
        exitReason: intent.kind === 'close' ? intent.why : null,
        holdSec: fill.realisedUsd === null ? null : fill.holdSec,
      });
    }
    const error = fill === null ? 'the quantity rounds to nothing' : null;
    await client.publishResult({ planId, symbol, executed: fill !== null, error });
    await this.publishPosition(quote);
  }
}

type Order = Omit<Plan, 'planId' | 'symbol' | 'bot' | 'price'>;

function closing({ action }: Extract<Intent, { kind: 'close' }>, heldQuantity: number): Order {
  return { action, side: heldQuantity > 0 ? 'SELL' : 'BUY', reduceOnly: true };
}
