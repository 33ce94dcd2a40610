/** The metrics of P3.2. Called for every plan: what it takes is looked up once, calls add to plain fields. */
import { SYMBOL_GRAMMAR } from '../../contract/symbol.ts';
import { MetricBook } from '../../runtime/metrics/book.ts';
import { PermitCounts } from './permit-counts.ts';
import { UNPERMITTED_REASONS, type UnpermittedReason } from '../governor/reconcile.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { BlockDecision, DisarmDecision, GateTrace, PermitDecision } from '../../core/decision.ts';
import type { TradingState } from '../../core/event.ts';

const STATE_VALUES: Readonly<Record<TradingState, number>> = { ACTIVE: 0, REDUCING: 1, HALTED: 2 };

export class GovernorMetrics {
  readonly book: MetricBook;
  readonly #exitsExempt: boolean;
  readonly #counts = new PermitCounts();
  readonly #allowed;
  readonly #blocked;
  readonly #disarms;
  readonly #lastHour;
  readonly #last5Min;
  readonly #targetChecked;
  readonly #targetBlocked;
  readonly #targetMissing;
  readonly #targetStale;
  readonly #hints;
  readonly #factor;
  readonly #latency;
  readonly #unpermitted;
  readonly #wouldBlock;
  readonly #taken;
  readonly #expired;
  readonly #state;
  readonly #disarmed;
  readonly #lag;
  readonly #rejections;
  readonly #storeErrors;

  /** `exitsExempt`: `GOV_EXITS_EXEMPT`; permits that reduce are not counted then. */
  constructor(maxSymbols: number, exitsExempt: boolean) {
    const book = new MetricBook('governor', { maxSymbols, nameOf: (id) => this.#counts.name(id) });
    this.book = book;
    this.#exitsExempt = exitsExempt;
    this.#allowed = book.counter('quantum_govern_allow_total');
    this.#blocked = book.counter('quantum_govern_block_total');
    this.#disarms = book.counter('quantum_govern_disarm_total');
    this.#lastHour = book.gauge('quantum_govern_exec_count_hour');
    this.#last5Min = book.gauge('quantum_govern_exec_count_5min');
    this.#targetChecked = book.counter('gov_p29_checked_total');
    this.#targetBlocked = book.counter('gov_p29_block_total');
    this.#targetMissing = book.counter('gov_p29_missing_total');
    this.#targetStale = book.counter('gov_p29_stale_total');
    this.#hints = book.counter('p32_eff_apply_total');
    this.#factor = book.gauge('p32_eff_factor');
    this.#latency = book.histogram('gov_permit_latency_seconds');
    this.#unpermitted = book.counter('gov_unpermitted_total');
    this.#wouldBlock = book.counter('gov_would_block_total');
    this.#taken = book.counter('gov_permits_taken_total');
    this.#expired = book.counter('gov_permits_expired_total');
    this.#state = book.gauge('gov_trading_state');
    this.#disarmed = book.gauge('gov_disarmed_symbols');
    this.#lag = book.gauge('ballast_input_lag_seconds');
    this.#rejections = book.counter('ballast_input_rejected_total');
    this.#storeErrors = book.counter('ballast_store_errors_total');
    // An alert on a rise sees none in a series that begins with its first count.
    for (const reason of UNPERMITTED_REASONS) this.#unpermitted.add(reason, 0);
  }

  permitted(decision: PermitDecision, latencySec: number, lastHour: number, last5Min: number): void {
    const { symbol, ts, gates } = decision;
    this.#latency.observe(latencySec);
    this.#allowed.add(symbol);
    this.#hints.add(decision.eff_action, decision.eff_reason);
    this.#factor.set(symbol, decision.eff_factor);
    this.#counts.tell(symbol, ts, !decision.reduce_only || !this.#exitsExempt, lastHour, last5Min);
    for (const trace of gates) {
      if (trace.gate === 'allocation') this.#target(symbol, trace);
      if (trace.outcome === 'would_block' && trace.reason !== null) this.#wouldBlock.add(trace.reason);
    }
  }

  blocked(decision: BlockDecision, disarms: readonly DisarmDecision[], latencySec: number): void {
    const { symbol, reason, gates } = decision;
    this.#latency.observe(latencySec);
    // A plan may name anything at all: only what can be a symbol gets a label.
    if (SYMBOL_GRAMMAR.test(symbol)) this.#blocked.add(symbol, reason);
    else this.#blocked.addOther(reason);
    for (const trace of gates) if (trace.gate === 'allocation') this.#target(symbol, trace);
    for (const disarm of disarms) this.#disarms.add(disarm.reason);
  }

  taken(): void {
    this.#taken.add();
  }

  expired(): void {
    this.#expired.add();
  }

  unpermitted(reason: UnpermittedReason): void {
    this.#unpermitted.add(reason);
  }

  trading(state: TradingState, disarmed: number): void {
    this.#state.set(STATE_VALUES[state]);
    this.#disarmed.set(disarmed);
  }

  rejected(stream: string, reason: RejectReason): void {
    this.#rejections.add(stream, reason);
  }

  storeFailed(operation: string): void {
    this.#storeErrors.add(operation);
  }

  /** Seconds behind by input; NaN: it is not read at present. */
  lag(input: string, seconds: number): void {
    this.#lag.set(input, seconds);
  }

  /** What falls as time passes. */
  refresh(nowSec: number): void {
    this.#counts.each(nowSec, (id, lastHour, last5Min) => {
      this.#lastHour.setAt(id, lastHour);
      this.#last5Min.setAt(id, last5Min);
    });
  }

  /** Another copy governs now, or nobody: what is counted and what holds is not known here any more. */
  forget(): void {
    this.#counts.each(0, (id) => {
      this.#lastHour.setAt(id, Number.NaN);
      this.#last5Min.setAt(id, Number.NaN);
    });
    this.#counts.clear();
    this.#state.set(Number.NaN);
    this.#disarmed.set(Number.NaN);
  }

  /** What the gate `allocation` made of a plan; the notes are those of src/core/governor/gates.ts. */
  #target(symbol: string, { outcome, value, note }: GateTrace): void {
    if (outcome === 'block') this.#targetBlocked.add(symbol);
    if (value !== null) this.#targetChecked.add(symbol);
    else if (note === 'no enforced record') this.#targetMissing.add(symbol);
    else if (note === 'record too old' || note === 'record lost') this.#targetStale.add(symbol);
  }
}
