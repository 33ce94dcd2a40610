/** The account as the governor keeps it: equity, the profits of the last 24 hours, and the execution ids met. */
import { KeptProfits, sinceSetBack } from './kept-state.ts';
import { isAhead, readPortfolio } from './plan-view.ts';
import { SeenChunks } from '../seen-chunks.ts';
import { KEPT_PREFIX } from '../../contract/kept-permit.ts';
import { SeenIds } from '../../core/pipeline/seen-ids.ts';
import {
  applyCashflow,
  applyPortfolio,
  applyProfit,
  joinFed,
  newPortfolio,
  viewPortfolio,
  type PortfolioState,
} from '../../core/portfolio/portfolio.ts';
import type { CashflowEvent } from '../../core/event.ts';
import type { ComponentChanges } from '../../runtime/machine.ts';
import type { HashAnswer, SavedComponent } from '../../store/store.ts';

/** The equity of a portfolio older than this is unknown to the governor. */
const EQUITY_MAX_AGE_SEC = 900;

export class Ledger {
  #portfolio: PortfolioState;
  readonly #profits = new KeptProfits();
  readonly #seen = new SeenIds();
  readonly #seenChunks = new SeenChunks();
  #newIds: string[] = [];

  constructor(initialEquityUsd: number) {
    this.#portfolio = newPortfolio(initialEquityUsd);
  }

  /** Returns the profits of the last 24 hours, oldest first. Throws `RangeError` where what was committed cannot be used. */
  restore(
    { meta, records, seen }: SavedComponent,
    nowSec: number,
  ): readonly (readonly [arrivalSec: number, pnlUsd: number])[] {
    const portfolio = meta.get('portfolio');
    if (portfolio !== undefined)
      this.#portfolio = joinFed(JSON.parse(portfolio) as PortfolioState, this.#portfolio);
    const { fed } = this.#portfolio;
    if (fed !== null) fed.ts = sinceSetBack(fed.ts, nowSec);
    this.#seen.load(this.#seenChunks.restore(seen));
    return this.#profits.restore([...records].filter(([field]) => field.startsWith(KEPT_PREFIX.profits)));
  }

  /** USD at `nowSec`; null: unknown. */
  equityUsd(nowSec: number): number | null {
    const portfolio = viewPortfolio(this.#portfolio, nowSec);
    return portfolio.ageSec <= EQUITY_MAX_AGE_SEC ? portfolio.equityUsd : null;
  }

  /** The account as another program feeds it. */
  applyFed(answer: HashAnswer, nowSec: number): void {
    const event = readPortfolio(answer, nowSec);
    if (event === null) return;
    const { fed } = this.#portfolio;
    const isSame = fed?.equityUsd === event.equityUsd;
    if (isSame && (event.stateTs === fed.ts || isAhead(answer, nowSec))) return;
    applyPortfolio(this.#portfolio, event);
  }

  applyCashflow(event: CashflowEvent): void {
    applyCashflow(this.#portfolio, event);
  }

  applyProfit(arrivalSec: number, pnlUsd: number): void {
    applyProfit(this.#portfolio, pnlUsd);
    this.#profits.add(arrivalSec, pnlUsd);
  }

  /** Whether an execution was met before; it is remembered. */
  isRepeat(executionId: string | null): boolean {
    if (executionId === null) return false;
    if (!this.#seen.add(executionId)) return true;
    this.#newIds.push(executionId);
    return false;
  }

  /** What is kept besides the records, and the records; taken once. */
  changes(
    nowSec: number,
    forgets: boolean,
  ): { readonly portfolio: PortfolioState } & Pick<ComponentChanges, 'records' | 'seen' | 'dropSeen'> {
    const changes = {
      portfolio: this.#portfolio,
      records: this.#profits.changes(nowSec, forgets),
      ...this.#seenChunks.add(this.#newIds),
    };
    this.#newIds = [];
    return changes;
  }
}
