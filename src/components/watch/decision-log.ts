/** The operators' lines of one component: one a decision where it changed, and which symbols a tick is about. */
import { ChangeLog, MAX_LINES_PER_TICK } from '../../runtime/log/change-log.ts';
import {
  allocationLine,
  attributionLine,
  budgetLine,
  efficiencyLine,
  processingLine,
  proposalLine,
} from '../../runtime/log/lines.ts';
import type { TickDecision } from '../../core/decision.ts';
import type { Engine } from '../../core/pipeline/engine.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { TickingComponent } from '../declarations.ts';

type LineOf = (decision: TickDecision) => string;

/** Lines take their own decision; the machine hands each component only its own. */
const LINE_OF: { readonly [Name in TickingComponent]: LineOf } = {
  budget: budgetLine as LineOf,
  attribution: attributionLine as LineOf,
  allocation: allocationLine as LineOf,
  efficiency: efficiencyLine as LineOf,
  proposer: proposalLine as LineOf,
};

/** Lines made in one tick though most are not shown: they tell how many more changed. */
const MAX_MADE_PER_TICK = 5 * MAX_LINES_PER_TICK;
/** Between two lines about the set of symbols, which grows with every entry while a component catches up. */
const SYMBOLS_EVERY_MS = 1000;

export class DecisionLog {
  readonly #log: Log;
  readonly #lineOf: LineOf;
  #changes: ChangeLog;
  #made = 0;
  /** By symbol: a change that may not have been shown yet. */
  #due = new Uint8Array(64);
  /** How many there were when it was said last; none ever goes. */
  #symbols = 0;
  #symbolsAtMs = -Infinity;

  constructor(component: TickingComponent, log: Log) {
    this.#log = log;
    this.#lineOf = LINE_OF[component];
    this.#changes = new ChangeLog(log);
  }

  /** Symbols have other numbers from here on. */
  begin(): void {
    this.#changes = new ChangeLog(this.#log);
    this.#due = new Uint8Array(64);
    this.#made = 0;
    this.#symbols = 0;
  }

  /** A line is made only where it can be another than the last: making ten thousand takes longer than the tick. */
  decided(symbol: number, decision: TickDecision, isNew: boolean): void {
    const isAll = this.#log.isLevelEnabled('debug');
    if (!isAll && !isNew && this.#due[symbol] !== 1) return;
    if (!isAll && this.#made >= MAX_MADE_PER_TICK) {
      this.#setDue(symbol, 1);
      return;
    }
    this.#made++;
    this.#changes.say(symbol, decision, this.#lineOf);
    this.#setDue(symbol, this.#made > MAX_LINES_PER_TICK ? 1 : 0);
  }

  /** Which symbols a tick is about: at info where they are others than before. */
  ticked({ symbols }: Engine, nowMs: number): void {
    const isDebug = this.#log.isLevelEnabled('debug');
    const all = symbols.all();
    const isOther = all.length !== this.#symbols && nowMs - this.#symbolsAtMs >= SYMBOLS_EVERY_MS;
    if ((!isOther && !isDebug) || all.length === 0) return;
    const line = processingLine(Array.from(all, (symbol) => symbols.name(symbol)));
    if (!isOther) {
      this.#log.debug(line);
      return;
    }
    this.#symbols = all.length;
    this.#symbolsAtMs = nowMs;
    this.#log.info(line);
  }

  endTick(): void {
    this.#changes.endTick();
    this.#made = 0;
  }

  #setDue(symbol: number, due: 0 | 1): void {
    if (symbol >= this.#due.length) {
      const grown = new Uint8Array(Math.max(symbol + 1, this.#due.length * 2));
      grown.set(this.#due);
      this.#due = grown;
    }
    this.#due[symbol] = due;
  }
}
