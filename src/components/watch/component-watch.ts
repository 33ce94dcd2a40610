/** One component as it is watched: its metrics, its lines, and what it counted. */
import { KEYS } from '../../contract/keys.ts';
import { MetricBook } from '../../runtime/metrics/book.ts';
import { DECLARATIONS, type TickingComponent } from '../declarations.ts';
import { METRICS_OF } from './component-metrics.ts';
import { DecisionLog } from './decision-log.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { InputEvent } from '../../core/event.ts';
import type { Engine } from '../../core/pipeline/engine.ts';
import type { Round } from '../../runtime/runner-options.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { Member } from '../member.ts';
import type { TradingMachine } from '../machine.ts';
import type { MovedMetrics } from './moved-metrics.ts';

export class ComponentWatch {
  readonly name: TickingComponent;
  readonly log: Log;
  readonly book: MetricBook;
  readonly metrics: MovedMetrics;
  readonly decisions: DecisionLog;
  /** Its streams, as people say them. */
  readonly inputs: readonly string[];
  /** Null: it is not in the machine that runs. */
  member: Member | null = null;
  /** Unix seconds; 0: none yet. */
  lastTick = 0;
  applied = 0;
  duplicates = 0;
  futureTimes = 0;
  readonly rejected = new Map<RejectReason, number>();
  #hasTicked = false;
  #saidMode = '';
  readonly #lag;
  readonly #rejections;
  readonly #storeErrors;

  constructor(name: TickingComponent, log: Log, maxSymbols: number) {
    this.name = name;
    this.log = log;
    this.book = new MetricBook(name, { maxSymbols, nameOf: noSymbols });
    this.metrics = METRICS_OF[name](this.book);
    this.decisions = new DecisionLog(name, log);
    this.inputs = DECLARATIONS[name].inputs.map((key) => KEYS[key].pattern.replace('stream:', ''));
    this.#lag = this.book.gauge('ballast_input_lag_seconds');
    this.#rejections = this.book.counter('ballast_input_rejected_total');
    this.#storeErrors = this.book.counter('ballast_store_errors_total');
  }

  begins(machine: TradingMachine): void {
    const { engine } = machine.live;
    this.member = machine.members.find(({ declaration }) => declaration.name === this.name) ?? null;
    if (this.member === null) return;
    this.book.renumber((symbol) => engine.symbols.name(symbol));
    this.decisions.begin();
    this.metrics.begins?.(engine);
    this.lastTick = Math.max(this.lastTick, this.member.tick);
  }

  apply(engine: Engine, event: InputEvent, isRepeat: boolean): void {
    if (isRepeat) {
      this.duplicates++;
      return;
    }
    this.applied++;
    if (event.type === 'execution') this.metrics.executed?.(engine, engine.symbols.id(event.symbol), event);
  }

  reject(stream: string, reason: RejectReason): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
    this.#rejections.add(stream, reason);
  }

  storeFailed(operation: string): void {
    this.#storeErrors.add(operation);
  }

  ticked(engine: Engine, tick: number, nowMs: number): void {
    this.lastTick = tick;
    this.#hasTicked = true;
    this.metrics.ticked(engine, tick);
    this.decisions.ticked(engine, nowMs);
  }

  /** After its outputs are on their way. */
  round({ cycleSec }: Round): void {
    if (this.#hasTicked && cycleSec !== null) {
      this.metrics.tookSec?.(cycleSec);
      this.#hasTicked = false;
    }
    this.decisions.endTick();
  }

  /** An input that is not in here is not read at present. */
  setLag(lagSec: ReadonlyMap<string, number>): void {
    for (const input of this.inputs) this.#lag.set(input, lagSec.get(input) ?? Number.NaN);
  }

  /** Says the mode where it is another than was said last. */
  sayMode(isChange: boolean): void {
    if (this.member === null) return;
    const { mode, why } = this.member.mode;
    if (this.#saidMode === `${mode} ${why}`) return;
    this.#saidMode = `${mode} ${why}`;
    if (isChange) this.log.warn(`the mode is ${mode} from now on: ${why}`);
    else this.log.info(`the mode is ${mode}: ${why}`);
  }
}

function noSymbols(symbol: number): string {
  throw new RangeError(`symbol ${symbol} was counted before there was a machine`);
}
