/** The governor's own lines: trading state, disarms, executions nobody permitted, and how many plans passed and did not. */
import { Throttled } from './throttled.ts';
import type { BlockDecision, DisarmDecision, PermitDecision } from '../../core/decision.ts';
import type { TradingState } from '../../core/event.ts';
import type { BlockReason } from '../../core/governor/reasons.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { TradingNews } from '../governor/listener.ts';
import type { Unpermitted, UnpermittedReason } from '../governor/reconcile.ts';

const EVERY_MS = 10_000;
/** Names in a line about many symbols. */
const MAX_NAMES = 10;

const STATES: Readonly<Record<TradingState, string>> = {
  ACTIVE: 'ACTIVE: new entries and exits go on',
  REDUCING: 'REDUCING: new entries stop, exits go on',
  HALTED: 'HALTED: every plan is refused, exits too; analytics go on',
};

export class GovernorLog {
  readonly #log: Log;
  readonly #throttled = new Throttled(EVERY_MS);
  #state: TradingState | null = null;
  /** Of those said to be disarmed. */
  #disarmed = new Set<string>();
  readonly #unsaidDisarms: string[] = [];
  /** Since the last summary. */
  #permits = 0;
  #lastPermit: PermitDecision | null = null;
  readonly #blocks = new Map<BlockReason, number>();
  #lastBlock: BlockDecision | null = null;
  #summedUpMs = -Infinity;

  constructor(log: Log) {
    this.#log = log;
  }

  permitted(decision: PermitDecision): void {
    this.#permits++;
    this.#lastPermit = decision;
    if (this.#log.isLevelEnabled('debug')) this.#log.debug(`permitted ${permitText(decision)}`);
  }

  blocked(decision: BlockDecision): void {
    this.#blocks.set(decision.reason, (this.#blocks.get(decision.reason) ?? 0) + 1);
    this.#lastBlock = decision;
    if (this.#log.isLevelEnabled('debug')) this.#log.debug(`blocked ${blockText(decision)}`);
  }

  debug(what: string, planId: string, symbol: string): void {
    if (this.#log.isLevelEnabled('debug')) this.#log.debug(`${what} ${planId}: ${symbol}`);
  }

  disarm({ scope, symbol, reason, plan_id }: DisarmDecision, nowMs: number): void {
    if (scope === 'all') {
      this.#log.warn({ reason }, `all new entries are stopped: ${reason}, at plan ${plan_id} of ${symbol}`);
      return;
    }
    this.#disarmed.add(symbol);
    if (this.#unsaidDisarms.length < MAX_NAMES) this.#unsaidDisarms.push(symbol);
    this.#throttled.say(`disarm ${reason}`, nowMs, (count) => {
      const names = namesOf(this.#unsaidDisarms.splice(0), count);
      this.#log.warn(
        { reason },
        `disarmed ${names} (${reason}): no new entries there until someone re-arms; exits go on`,
      );
    });
  }

  trading({ state, disarmed, why }: TradingNews): void {
    if (state !== this.#state) {
      const again = state === 'ACTIVE' && this.#state !== null ? 're-armed, ' : '';
      const line = `${again}${STATES[state]} (${why})`;
      if (state === 'ACTIVE') this.#log.info(line);
      else this.#log.warn(line);
      this.#state = state;
    }
    const before = this.#disarmed;
    this.#disarmed = new Set(disarmed);
    const added = disarmed.filter((symbol) => !before.has(symbol));
    const gone = [...before].filter((symbol) => !this.#disarmed.has(symbol));
    if (added.length > 0)
      this.#log.warn(`disarmed: ${namesOf(added, added.length)}; no new entries there, exits go on`);
    if (gone.length > 0) this.#log.info(`re-armed: ${namesOf(gone, gone.length)}`);
  }

  unpermitted(found: Unpermitted, nowMs: number): void {
    this.#throttled.say(`unpermitted ${found.reason}`, nowMs, (count) => {
      const { reason, planId, executionId, orderId, bot, symbol } = found;
      const about = { reason, plan_id: planId, symbol, execution_id: executionId, order_id: orderId, bot };
      const what =
        count === 1 ? 'an execution no permit covers' : `${count} executions no permit covers, the last`;
      this.#log.error(about, `${what}: ${symbol}, ${WHY[reason](found)} (${origin(found)})`);
    });
  }

  clockStepped(byMs: number, nowMs: number): void {
    this.#throttled.say('clock', nowMs, (count) => {
      const times = count === 1 ? '' : `, the last of ${count} times`;
      const sec = (byMs / 1000).toFixed(1);
      this.#log.warn(
        `the store's clock was set by ${sec} s${times}: open permits are void, and new entries wait until it is steady for a minute`,
      );
    });
  }

  /** Lines that are due; all there are where `isLast`. */
  flush(nowMs: number, isLast = false): void {
    this.#throttled.flush(isLast ? nowMs + EVERY_MS : nowMs);
    if (isLast) this.#throttled.clear();
    if (!isLast && nowMs - this.#summedUpMs < EVERY_MS) return;
    if (this.#lastPermit === null && this.#lastBlock === null) return;
    this.#summedUpMs = nowMs;
    if (this.#lastPermit !== null)
      this.#log.info(`plans permitted: ${this.#permits}, the last ${permitText(this.#lastPermit)}`);
    if (this.#lastBlock !== null) {
      const byReason = [...this.#blocks].toSorted(([, one], [, other]) => other - one);
      const counts = byReason.map(([reason, count]) => `${reason} ${count}`).join(', ');
      this.#log.info(`plans blocked: ${counts}; the last ${blockText(this.#lastBlock)}`);
    }
    this.#permits = 0;
    this.#lastPermit = null;
    this.#blocks.clear();
    this.#lastBlock = null;
  }

  /** Another copy governs now, or nobody: what holds next is news. */
  forget(): void {
    this.#state = null;
    this.#disarmed = new Set();
  }
}

const WHY: Readonly<Record<UnpermittedReason, (found: Unpermitted) => string>> = {
  no_plan: () => 'it names no plan',
  no_permit: () => 'its plan had no permit',
  not_taken: () => 'nobody took the permit of its plan',
  other_symbol: () => 'the permit of its plan is for another symbol',
  other_side: () => 'the permit of its plan is for the other side',
  exceeded: ({ value, limit }) => `${value} filled in all, ${limit} permitted`,
};

function origin({ planId, executionId, orderId, bot }: Unpermitted): string {
  return `plan ${planId ?? 'none'}, execution ${executionId ?? 'unnamed'}, order ${orderId ?? 'unnamed'}, bot ${bot ?? 'unnamed'}`;
}

function permitText({ plan_id, symbol, action, side }: PermitDecision): string {
  return `${plan_id}: ${symbol} ${action}${side === null ? '' : ` ${side}`}`;
}

function blockText({ plan_id, symbol, reason, value, limit, setting }: BlockDecision): string {
  const compared = value === null ? '' : `, ${value} against ${limit ?? 'nothing'}`;
  return `${plan_id}: ${symbol} ${reason}${compared}${setting === null ? '' : ` (${setting})`}`;
}

function namesOf(names: readonly string[], count: number): string {
  const shown = names.slice(0, MAX_NAMES);
  const more = count - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
