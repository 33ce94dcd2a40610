/** A recorded plan put to the judge again: under what was recorded it has to say the same, and then what would turn it. */
import { changeText } from './change-text.ts';
import { invalidText } from './invalid-plan.ts';
import { flipsFor, type VerdictFlip } from '../../core/governor/flip/flips.ts';
import { judgeOn, type JudgedOn } from '../../core/governor/judged-on.ts';
import type { Value } from '../../core/governor/flip/inputs.ts';
import { readPlan } from '../../core/governor/read-plan.ts';
import { settingsForPlan, type Settings } from '../../core/settings.ts';
import type { RecordedSettings } from '../../components/governor/recorded-settings.ts';
import type { Flip } from './explanation.ts';
import type { Recorded } from './sentence.ts';
import type { VerdictEvent } from './verdict-record.ts';

export interface JudgedAgain {
  readonly flips: readonly Flip[];
  readonly note: string | null;
  /** What the plan asked for, USD; null: not known. */
  readonly notionalUsd: number | null;
  /** What its plan and its settings say of the block. */
  readonly recorded: Recorded;
  /** A quantity that would have passed with few digits, where a smaller one of them passes too. */
  readonly roundedQty: (qty: number) => number;
}

export function flipsOf(
  event: VerdictEvent | null,
  recorded: readonly RecordedSettings[],
  own: Settings,
): JudgedAgain {
  if (event === null || event.judged === null)
    return none('What the plan was judged on is not recorded, so it cannot be judged again.');
  const found = recorded.find(({ digest }) => digest === event.config)?.settings ?? null;
  const { judged } = event;
  const settings = settingsForPlan(found ?? own, judged.plan.symbol, judged.plan.bot);
  const known = {
    notionalUsd: notionalOf(judged, settings),
    recorded: {
      invalid: invalidText(judged, settings),
      maxPriceDeviation: found === null ? null : settings.GOV_MAX_PRICE_DEVIATION_PCT,
    },
    roundedQty: (qty: number): number => roundedQty(qty, judged, settings),
  };
  const verdict = judgeOn(judged, settings);
  const reason = verdict.granted ? null : verdict.reason;
  if (reason !== event.reason)
    return {
      ...none(
        found === null
          ? 'The settings it was judged under are not recorded any more, and under those known here it would be judged otherwise.'
          : `Judged again, it is ${reason === null ? 'permitted' : `blocked (${reason})`}: another version of the program judged it.`,
      ),
      ...known,
    };
  return {
    flips: flipsFor(judged, settings).map(flipFrom),
    note:
      found === null
        ? 'The settings it was judged under are not recorded any more; these hold under those known here, which give the same verdict.'
        : null,
    ...known,
  };
}

function flipFrom({ changes, reason, size }: VerdictFlip): Flip {
  return {
    changes: changes.map((change) => ({
      ...change,
      from: jsonValue(change.from),
      to: jsonValue(change.to),
      text: changeText(change),
    })),
    becomes: reason === null ? 'permitted' : 'blocked',
    reason,
    size,
  };
}

/** JSON has no number that is none, and none that is infinite: never, or unknown. */
function jsonValue(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function none(note: string): JudgedAgain {
  const recorded = { invalid: null, maxPriceDeviation: null };
  return { flips: [], note, notionalUsd: null, recorded, roundedQty: (qty) => qty };
}

/** Nobody types more digits. */
const QTY_DIGITS = 8;

/** Rounded down, if the judge lets that pass; else as it was recorded. */
function roundedQty(qty: number, { plan, view, doubt }: JudgedOn, settings: Settings): number {
  if (!(qty > 0 && qty < Infinity)) return qty;
  const near = Number(qty.toPrecision(QTY_DIGITS));
  const step = 10 ** (Math.floor(Math.log10(qty)) + 1 - QTY_DIGITS);
  const round = near <= qty ? near : Number((qty - step).toPrecision(QTY_DIGITS));
  const asked = { ...plan, qty: round, notionalUsd: null };
  return round > 0 && judgeOn({ plan: asked, view, doubt }, settings).granted ? round : qty;
}

function notionalOf({ plan, view }: JudgedOn, settings: Settings): number | null {
  const { notionalUsd } = readPlan(plan, view, settings);
  return notionalUsd !== null && Number.isFinite(notionalUsd) ? notionalUsd : null;
}
