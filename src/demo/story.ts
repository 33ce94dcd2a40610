/** What happens in the demo, kept for people: by symbol what it earned and has, and the moments worth telling. */
import type { BotSpec } from './bots.ts';
import type { Fill } from './exchange.ts';
import type { BlockReason } from '../core/governor/reasons.ts';
import type {
  BlockDecision,
  CapitalPressure,
  DisarmDecision,
  PermitDecision,
  TickDecision,
} from '../core/decision.ts';

/** A symbol and the bot that trades it. Money in USD. */
export interface SymbolStory {
  readonly symbol: string;
  readonly bot: string;
  profitUsd: number;
  trades: number;
  efficiency: number | null;
  pressure: CapitalPressure | null;
  /** Null: not computed yet. */
  targetUsd: number | null;
  /** Its share of all targets now, and as it was before the trades told anything; fractions. */
  share: number | null;
  startShare: number | null;
  /** Signed. */
  positionUsd: number;
  permits: number;
  /** Permits of plans that reduce, and those among them since the symbol was disarmed. */
  exits: number;
  exitsSinceDisarm: number;
  blocks: number;
  lastBlock: BlockReason | null;
  /** Unix seconds; null: it is armed. */
  disarmedAt: number | null;
  disarmedFor: BlockReason | null;
}

export interface StoryEvent {
  /** Unix seconds. */
  readonly ts: number;
  readonly bot: string;
  readonly symbol: string;
  readonly kind: 'disarmed' | 'exit_after_disarm' | 'pressure' | 'capital' | 'runs_away' | 'unpermitted';
  /** A clause: what the bot did, or what was done to it. */
  readonly text: string;
}

/** The shares of this time, seconds since the beginning, are the start: budgets are there, and no trade counts yet. */
const START_FROM_SEC = 15;
const START_TO_SEC = 90;
/** How often shares are looked at, for news. */
const LOOK_EVERY_SEC = 20;
const MAX_EVENTS = 500;
/** A share that halved or grew by half since it was last spoken of is worth a word. */
const MUCH_LESS = 0.5;
const MUCH_MORE = 1.5;

export class Story {
  readonly symbols: ReadonlyMap<string, SymbolStory>;
  /** The newest, oldest first; and how many there were ever. */
  readonly events: StoryEvent[] = [];
  eventCount = 0;
  readonly blocksByReason = new Map<BlockReason, number>();
  readonly #startSec: number;
  readonly #starts = new Map<string, { sum: number; count: number }>();
  readonly #spokenPressure = new Map<string, CapitalPressure>();
  readonly #spokenShare = new Map<string, number>();
  equityUsd: number;
  peakUsd: number;
  deepestDrawdown = 0;
  nowSec: number;
  executions = 0;
  unpermitted = 0;
  tradingState: 'ACTIVE' | 'HALTED' | 'REDUCING' = 'ACTIVE';

  constructor(bots: readonly BotSpec[], startSec: number, equityUsd: number) {
    this.#startSec = startSec;
    this.nowSec = startSec;
    this.equityUsd = equityUsd;
    this.peakUsd = equityUsd;
    this.symbols = new Map(bots.map(({ name, symbol }) => [symbol, beginning(symbol, name)]));
  }

  /** Seconds since the beginning. */
  get elapsedSec(): number {
    return this.nowSec - this.#startSec;
  }

  get drawdown(): number {
    return this.peakUsd > 0 ? (this.peakUsd - this.equityUsd) / this.peakUsd : 0;
  }

  of(symbol: string): SymbolStory {
    const story = this.symbols.get(symbol);
    if (story === undefined) throw new RangeError(`nobody trades ${symbol}`);
    return story;
  }

  /** A second is over: shares are looked at. */
  passed(): void {
    const { elapsedSec } = this;
    for (const story of this.symbols.values()) {
      if (story.share === null) continue;
      if (elapsedSec >= START_FROM_SEC && elapsedSec <= START_TO_SEC) this.#noteStart(story, story.share);
      else if (elapsedSec > START_TO_SEC && elapsedSec % LOOK_EVERY_SEC === 0)
        this.#compareShare(story, story.share);
    }
  }

  decided(decision: TickDecision): void {
    const story = this.of(decision.symbol);
    if (decision.type === 'efficiency') {
      story.efficiency = decision.efficiency_score;
      story.pressure = decision.capital_pressure;
      if (this.#isNews(story.symbol, decision.capital_pressure))
        this.#tell(
          story,
          'pressure',
          `efficiency ${decision.efficiency_score.toFixed(2)}: capital pressure ${decision.capital_pressure}`,
        );
    }
    if (decision.type !== 'allocation') return;
    story.targetUsd = decision.target_usd;
    const all = [...this.symbols.values()];
    if (all.some(({ targetUsd }) => targetUsd === null)) return;
    const total = all.reduce((sum, { targetUsd }) => sum + targetUsd!, 0);
    for (const one of all) one.share = total > 0 ? one.targetUsd! / total : null;
  }

  permitted({ symbol, reduce_only }: PermitDecision): void {
    const story = this.of(symbol);
    story.permits++;
    if (!reduce_only) return;
    story.exits++;
    if (story.disarmedAt === null) return;
    story.exitsSinceDisarm++;
    if (story.exitsSinceDisarm === 1)
      this.#tell(story, 'exit_after_disarm', 'may still close what it holds: exit permitted');
  }

  blocked({ symbol, reason, ts, value, limit }: BlockDecision, disarms: readonly DisarmDecision[]): void {
    const story = this.of(symbol);
    story.blocks++;
    story.lastBlock = reason;
    this.blocksByReason.set(reason, (this.blocksByReason.get(reason) ?? 0) + 1);
    for (const { scope } of disarms) {
      if (scope === 'all') this.tradingState = 'REDUCING';
      else if (story.disarmedAt === null) {
        story.disarmedAt = ts;
        story.disarmedFor = reason;
        const compared =
          value === null || limit === null ? '' : ` (${value} openings in 5 minutes, limit ${limit})`;
        this.#tell(story, 'disarmed', `burst breaker disarmed ${symbol}${compared}`);
      }
    }
  }

  ranAway(symbol: string): void {
    this.#tell(this.of(symbol), 'runs_away', `runs away: opens ${symbol} every few seconds`);
  }

  filled({ symbol, realisedUsd }: Fill): void {
    const story = this.of(symbol);
    this.executions++;
    if (realisedUsd === null) return;
    story.trades++;
    story.profitUsd += realisedUsd;
    this.equityUsd += realisedUsd;
    this.peakUsd = Math.max(this.peakUsd, this.equityUsd);
    this.deepestDrawdown = Math.max(this.deepestDrawdown, this.drawdown);
  }

  executedWithoutPermit(symbol: string, why: string): void {
    this.unpermitted++;
    this.#tell(this.of(symbol), 'unpermitted', `an execution without permit: ${why}`);
  }

  /** A pressure that is not the one spoken of last. Scores near a threshold cross it again and again: holding is no news. */
  #isNews(symbol: string, pressure: CapitalPressure): boolean {
    if (pressure === 'HOLD' || this.#spokenPressure.get(symbol) === pressure) return false;
    this.#spokenPressure.set(symbol, pressure);
    return true;
  }

  #noteStart(story: SymbolStory, share: number): void {
    const start = this.#starts.get(story.symbol) ?? { sum: 0, count: 0 };
    start.sum += share;
    start.count++;
    this.#starts.set(story.symbol, start);
    story.startShare = start.sum / start.count;
  }

  #compareShare(story: SymbolStory, share: number): void {
    const spoken = this.#spokenShare.get(story.symbol) ?? story.startShare;
    if (spoken === null) return;
    const change = share / spoken;
    if (change > MUCH_LESS && change < MUCH_MORE) return;
    this.#spokenShare.set(story.symbol, share);
    const what = change < 1 ? 'loses capital' : 'gets more capital';
    this.#tell(story, 'capital', `${what}: ${percent(spoken)} of all targets is now ${percent(share)}`);
  }

  #tell({ symbol, bot }: SymbolStory, kind: StoryEvent['kind'], text: string): void {
    this.eventCount++;
    this.events.push({ ts: this.nowSec, bot, symbol, kind, text });
    if (this.events.length > MAX_EVENTS) this.events.shift();
  }
}

function beginning(symbol: string, bot: string): SymbolStory {
  return {
    symbol,
    bot,
    profitUsd: 0,
    trades: 0,
    efficiency: null,
    pressure: null,
    targetUsd: null,
    share: null,
    startShare: null,
    positionUsd: 0,
    permits: 0,
    exits: 0,
    exitsSinceDisarm: 0,
    blocks: 0,
    lastBlock: null,
    disarmedAt: null,
    disarmedFor: null,
  };
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(0)}%`;
}
