/** A verdict as the step the store does at once: every text ready, so that the store only has to decide whether it may be done. */
import { hash } from 'node:crypto';
import {
  encodeBlock,
  encodeDisarmed,
  encodePermitReply,
  encodePermitUse,
  governorEntries,
  permitEventFields,
} from '../../contract/governor-records.ts';
import { encodeJudged } from '../../contract/judged-on.ts';
import { encodeKeptPermit, type KeptPermit } from '../../contract/kept-permit.ts';
import { encodePermit, permitOf, type Permit } from '../../contract/permit-record.ts';
import { formatDecimal } from '../../contract/decimal.ts';
import type { BlockAdvice } from '../../contract/governor-records.ts';
import type { JudgedOn } from '../../core/governor/judged-on.ts';
import type { Outcome } from '../../core/governor/governor.ts';
import type { PermitRecord } from '../../core/governor/permit-book.ts';
import type { FlatFields } from '../../store/store.ts';
import type { BlockStep, IssueStep, Trading } from '../../store/permits.ts';

export type Sign = (permit: Permit) => Permit;
type Stance = Pick<Trading, 'flag' | 'revision'>;

/** What the governor keeps of a permit beside its core record. */
export type KeptExtras = Pick<
  KeptPermit,
  'symbol' | 'side' | 'filledQty' | 'realisedQty' | 'epoch' | 'digest'
>;

export interface Issued {
  readonly step: IssueStep;
  readonly extras: KeptExtras;
}

/** What the event of a verdict says besides: all it takes to judge the plan again. */
export function recordedFields(judged: JudgedOn | null, config: string): FlatFields {
  return judged === null ? ['config', config] : ['judged', encodeJudged(judged), 'config', config];
}

/** `recorded`: further fields of the event. */
export function issueStep(
  { decision, record, before }: Omit<Extract<Outcome, { kind: 'granted' }>, 'judgedOn'>,
  entryId: string,
  judgedOn: Stance,
  sign: Sign,
  recorded: FlatFields = [],
): Issued {
  const permit = encodePermit(sign(permitOf(decision, judgedOn.revision)));
  const extras: KeptExtras = {
    symbol: decision.symbol,
    side: decision.side,
    filledQty: 0,
    realisedQty: 0,
    epoch: judgedOn.revision,
    digest: hash('sha1', permit),
  };
  const event = permitEventFields(decision);
  event.push(...recorded);
  const { computed_notional: notional, created_at: at, plan_id: planId } = decision;
  const opens = !decision.reduce_only;
  return {
    extras,
    step: {
      kind: 'issue',
      planId,
      entryId,
      judgedOn,
      reply: GRANTED,
      events: [event],
      symbol: decision.symbol,
      opens,
      permit,
      lifeMs: Math.max(1, Math.round((decision.expires_at - at) * 1000)),
      use: encodePermitUse({ outcome: 'issued', issued_at: at, ended_at: null }),
      kept: encodeKeptPermit(keptOf(record, extras)),
      instead: before === null ? null : before.failed ? 'failed' : 'untaken',
      issuedAt: formatDecimal(at),
      daily: opens && notional !== null ? { day: utcDay(at), notional: formatDecimal(notional) } : null,
    },
  };
}

export function blockStep(
  { decision, disarms }: Extract<Outcome, { kind: 'blocked' }>,
  advice: BlockAdvice,
  entryId: string,
  judgedOn: Stance,
  recorded: FlatFields = [],
): BlockStep {
  const { symbol, reason, ts } = decision;
  const [blocked, ...others] = [decision, ...disarms].flatMap(governorEntries).map(flat);
  const isDisarmed = disarms.some(({ scope }) => scope === 'symbol');
  return {
    kind: 'block',
    planId: decision.plan_id,
    entryId,
    judgedOn,
    reply: encodePermitReply({ granted: false, reason }),
    events: [[...blocked!, ...recorded], ...others],
    block: encodeBlock(decision, advice),
    disarm: isDisarmed ? { symbol, text: encodeDisarmed({ reason, timestamp: ts }) } : null,
    reduces: disarms.some(({ scope }) => scope === 'all'),
  };
}

export const GRANTED = encodePermitReply({ granted: true, reason: null });

export function keptOf(record: PermitRecord, extras: KeptExtras): KeptPermit {
  const { sequence, reducing, issuedAt, expiresAt, reserveSec, qty, notionalUsd, takeable } = record;
  const { takenAt, executedAt, failed, voided, counted, reserved } = record;
  return {
    sequence,
    symbol: extras.symbol,
    side: extras.side,
    reducing,
    issuedAt,
    expiresAt,
    reserveSec,
    qty,
    notionalUsd,
    takeable,
    takenAt,
    executedAt,
    failed,
    voided,
    counted,
    reserved,
    filledQty: extras.filledQty,
    realisedQty: extras.realisedQty,
    epoch: extras.epoch,
    digest: extras.digest,
  };
}

export function flat(fields: Iterable<readonly [string, string]>): FlatFields {
  const texts: string[] = [];
  for (const [name, value] of fields) texts.push(name, value);
  return texts;
}

/** `2026-01-31`, the UTC day of a moment in Unix seconds. */
function utcDay(sec: number): string {
  const day = Math.floor(sec / 86_400);
  if (day !== lastDay) {
    lastDay = day;
    lastDayText = new Date(day * 86_400_000).toISOString().slice(0, 10);
  }
  return lastDayText;
}

let lastDay = -1;
let lastDayText = '';
