/**
 * Plans that are judged together: what they need is read in one round trip, each verdict is one step, and all steps go out
 * in one. A plan is judged on what the ones before it in the batch do; where the store does not do a step, nothing after
 * it is done, and those plans are judged again on what is there then.
 */
import { encodePermitReply } from '../../contract/governor-records.ts';
import { adviceFor } from '../../core/governor/advice.ts';
import { portfolioRequest, REQUESTS_A_SYMBOL, symbolRequests } from './plan-view.ts';
import { blockStep, GRANTED, issueStep, recordedFields, type Issued, type Sign } from './steps.ts';
import type { GovernorDesk } from './desk.ts';
import type { PlanEvent } from '../../core/event.ts';
import type { Outcome, PipelineView } from '../../core/governor/governor.ts';
import type { PermitRecord } from '../../core/governor/permit-book.ts';
import type { HashRequest } from '../../store/store.ts';
import type { BlockStep, Look, Step, StepsAnswer } from '../../store/permits.ts';

/** A plan as it arrived. */
export interface Arrival {
  readonly entryId: string;
  /** Unix seconds: when the store got it. */
  readonly arrivedSec: number;
  readonly plan: PlanEvent;
}

interface Judged {
  readonly arrival: Arrival;
  readonly outcome: Outcome;
  /** Null: nothing is written for it. */
  readonly step: Step | null;
  readonly issued: Issued | null;
}

export interface Reply {
  readonly planId: string;
  readonly reply: string;
}

/** What a batch came to, once the store answered. */
export interface Settled {
  /** Replies to plans that were dropped. */
  readonly replies: readonly Reply[];
  /** Plans to be judged again. */
  readonly again: readonly Arrival[];
  /** The mirror cannot be set right: begin anew from what is stored. */
  readonly isLost: boolean;
}

/** What is told beside a block takes its time: after so many, everyone else has a turn first. */
const MOST_BLOCKS = 100;

export class Batch {
  readonly #desk: GovernorDesk;
  readonly #sign: Sign;
  readonly #judged: Judged[] = [];
  readonly #views = new Map<string, PipelineView>();
  /** Not judged for now. */
  readonly #left: Arrival[] = [];

  /** Requests for `look`, of the account and every symbol of the plans. */
  static requests(arrivals: readonly Arrival[], namespace: string): readonly HashRequest[] {
    const symbols = symbolsOf(arrivals);
    return [portfolioRequest(namespace), ...symbols.flatMap((symbol) => symbolRequests(namespace, symbol))];
  }

  /** Judges the plans in order, on a look that was made with `requests`. */
  constructor(arrivals: readonly Arrival[], look: Look, desk: GovernorDesk, sign: Sign) {
    this.#desk = desk;
    this.#sign = sign;
    desk.applyPortfolio(look.hashes[0] ?? null);
    const equityUsd = desk.equityUsd;
    symbolsOf(arrivals).forEach((symbol, i) => {
      const id = desk.meet(symbol);
      const first = 1 + i * REQUESTS_A_SYMBOL;
      const answers = look.hashes.slice(first, first + REQUESTS_A_SYMBOL);
      desk.applyPositionHash(id, answers[0] ?? null);
      this.#views.set(symbol, { ...desk.readSymbol(id, answers), equityUsd });
    });
    const judgedOn = { flag: look.trading.flag, revision: look.trading.revision };
    let blocks = 0;
    for (const arrival of arrivals) {
      if (blocks === MOST_BLOCKS) this.#left.push(arrival);
      else if (this.#judge(arrival, judgedOn).kind === 'blocked') blocks++;
    }
  }

  /** Replies to plans that had a permit before: nothing of this batch decides them. */
  get earlyReplies(): readonly Reply[] {
    const { nowSec } = this.#desk;
    return this.#judged.flatMap(({ outcome }) =>
      outcome.kind === 'dropped' && outcome.record.issuedAt !== nowSec
        ? [replyTo(outcome.record, nowSec)]
        : [],
    );
  }

  get steps(): readonly Step[] {
    return this.#judged.flatMap(({ step }) => (step === null ? [] : [step]));
  }

  /** Tells the listener what was done, takes back what was not. */
  settle(answer: StepsAnswer, latencyFromSec: number): Settled {
    const replies: Reply[] = [];
    let left = answer.done;
    let at = 0;
    for (; at < this.#judged.length; at++) {
      const judged = this.#judged[at]!;
      if (judged.step !== null && left-- === 0) break;
      this.#confirm(judged, latencyFromSec, replies);
    }
    const undone = this.#judged.slice(at);
    let isLost = false;
    for (const { outcome } of undone.toReversed()) {
      if (outcome.kind === 'granted') this.#desk.governor.withdraw(outcome);
      else if (outcome.kind === 'blocked' && this.#leavesTraces(outcome)) isLost = true;
    }
    return { replies, again: [...undone.map(({ arrival }) => arrival), ...this.#left], isLost };
  }

  #judge(arrival: Arrival, judgedOn: BlockStep['judgedOn']): Outcome {
    const { governor, nowSec } = this.#desk;
    const { entryId, arrivedSec } = arrival;
    // A plan that waited while nobody judged is as old as it is, also where it does not say when it was made.
    const plan = { ...arrival.plan, ts: nowSec, madeAt: arrival.plan.madeAt ?? Math.min(arrivedSec, nowSec) };
    const view = plan.symbolValid ? this.#views.get(plan.symbol)! : { ...NOTHING, equityUsd: null };
    const symbol = plan.symbolValid ? this.#desk.meet(plan.symbol) : -1;
    const outcome = governor.judge(symbol, plan, view);
    let step: Step | null = null;
    let issued: Issued | null = null;
    if (outcome.kind === 'granted') {
      const recorded = recordedFields(outcome.judgedOn, this.#desk.config);
      issued = issueStep(outcome, entryId, judgedOn, this.#sign, recorded);
      step = issued.step;
    } else if (outcome.kind === 'blocked') {
      const outlook = governor.outlook(symbol, nowSec, view);
      const advice = adviceFor(plan, outcome.verdict, outlook, outcome.settings);
      const recorded = recordedFields(outcome.judgedOn, this.#desk.config);
      step = blockStep(outcome, advice, entryId, judgedOn, recorded);
    }
    this.#judged.push({ arrival, outcome, step, issued });
    return outcome;
  }

  /** Whether the mirror keeps something of a block that was not carried out: a symbol disarmed, an error counted. */
  #leavesTraces({ decision, disarms }: Extract<Outcome, { kind: 'blocked' }>): boolean {
    const { suspended, blind } = this.#desk.governor;
    const isCounted = suspended === null && blind === null;
    return disarms.length > 0 || (decision.reason === 'evaluation_error' && isCounted);
  }

  #confirm({ arrival, outcome, issued }: Judged, latencyFromSec: number, replies: Reply[]): void {
    const { listener } = this.#desk.options;
    const { governor, nowSec, permits } = this.#desk;
    const latencySec = Math.max(0, latencyFromSec - arrival.arrivedSec);
    switch (outcome.kind) {
      case 'ignored':
        return;
      case 'dropped':
        // Whoever had its permit before this batch was answered before it went out.
        if (outcome.record.issuedAt === nowSec) replies.push(replyTo(outcome.record, nowSec));
        return listener.dropped(arrival.plan.planId, arrival.plan.symbol);
      case 'granted':
        permits.add(outcome.record, issued!.extras);
        return listener.permitted(
          outcome.decision,
          latencySec,
          ...governor.counts(outcome.record.symbol, nowSec),
        );
      case 'blocked':
        return listener.blocked(outcome.decision, outcome.disarms, latencySec);
    }
  }
}

const NOTHING: Omit<PipelineView, 'equityUsd'> = {
  markUsd: null,
  budget: { usd: 0, ageSec: Infinity, lifeSec: 0 },
  target: { usd: 0, ageSec: Infinity, lifeSec: 0 },
  efficiency: { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 },
};

/** Each once, in the order they come. */
function symbolsOf(arrivals: readonly Arrival[]): string[] {
  return [...new Set(arrivals.flatMap(({ plan }) => (plan.symbolValid ? [plan.symbol] : [])))];
}

/** What a plan that had a permit is told when it comes again. */
function replyTo({ planId, failed, voided, takenAt, expiresAt }: PermitRecord, nowSec: number): Reply {
  const reason = failed
    ? 'permit_failed'
    : voided
      ? 'permit_voided'
      : takenAt !== null
        ? 'permit_used'
        : nowSec > expiresAt
          ? 'permit_expired'
          : null;
  return { planId, reply: reason === null ? GRANTED : encodePermitReply({ granted: false, reason }) };
}
