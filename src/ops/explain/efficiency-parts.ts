/** What an efficiency score is made of: of a moment from the stream, of now from the hash, live before shadow. */
import { keyOf, shadowKeyOf } from '../../contract/keys.ts';
import { decodeRecord, fieldsOf as namesOf } from '../../contract/record-codec.ts';
import { EFFICIENCY, EFFICIENCY_ENTRY } from '../../contract/records.ts';
import { fieldsOf } from '../governor/verdicts.ts';
import { lookThrough } from './source.ts';
import { clamp01 } from '../../core/num.ts';
import { settingsForSymbol, type Settings } from '../../core/settings.ts';
import type { EfficiencyDecision } from '../../core/decision.ts';
import type { Store } from '../../store/store.ts';
import type { EfficiencyParts } from './explanation.ts';

export interface FoundEfficiency {
  readonly efficiency: EfficiencyParts | null;
  readonly missing: readonly string[];
}

export type EfficiencyRow = Pick<
  EfficiencyDecision,
  | 'efficiency_score'
  | 'efficiency_raw'
  | 'efficiency_ewma'
  | 'capital_pressure'
  | 'reallocation_weight'
  | 'confidence'
  | 'stale_flags'
  | 'p30_perf'
  | 'p29_target_usd'
  | 'volatility_ratio'
  | 'dd_ratio'
  | 'hold_time_penalty'
  | 'ts'
  | 'mode'
>;

/** A stream has an entry of a symbol at least every 60 s. */
const LOOK_BACK_SEC = 120;

/** `at`: when it counted, Unix seconds; null: now. `candidates`: settings it may have been computed under, likeliest first. */
export async function readEfficiency(
  store: Store,
  namespace: string,
  symbol: string,
  at: number | null,
  candidates: readonly Settings[],
): Promise<FoundEfficiency> {
  const row =
    (at === null ? null : await rowOfThen(store, namespace, symbol, at)) ??
    (await rowOfNow(store, namespace, symbol));
  if (row === null)
    return {
      efficiency: null,
      missing: [`No efficiency of ${symbol} is recorded: its record lives for minutes.`],
    };
  const { parts, fits } = efficiencyParts(symbol, row, candidates);
  return {
    efficiency: parts,
    missing: [
      ...(at !== null && row.ts > at
        ? [
            `The efficiency of ${symbol} that counted then is not recorded any more: shown is the one computed ${seconds(row.ts - at)} after the plan was judged.`,
          ]
        : []),
      ...(fits
        ? []
        : [
            `The weights of ${symbol}'s efficiency are not recorded: with those known here its parts do not give the recorded score.`,
          ]),
    ],
  };
}

async function rowOfThen(
  store: Store,
  namespace: string,
  symbol: string,
  at: number,
): Promise<EfficiencyRow | null> {
  const newest = new Map<EfficiencyRow['mode'], EfficiencyRow>();
  await lookThrough(store, keyOf(namespace, 'efficiencies'), (at - LOOK_BACK_SEC) * 1000, (entry) => {
    if (!entry.fields.includes(symbol)) return false;
    const { record } = decodeRecord(EFFICIENCY_ENTRY, fieldsOf(entry.fields), namesOf(EFFICIENCY_ENTRY));
    if (record?.symbol !== symbol) return false;
    if (record.ts <= at) newest.set(record.mode, record);
    return record.ts > at;
  });
  return newest.get('enforce') ?? newest.get('shadow') ?? null;
}

async function rowOfNow(store: Store, namespace: string, symbol: string): Promise<EfficiencyRow | null> {
  const keys = [keyOf(namespace, 'efficiency', symbol), shadowKeyOf(namespace, 'efficiency', symbol)];
  const answers = await store.hashes(keys.map((key) => ({ key, fields: null })));
  for (const answer of answers) {
    const { record } = decodeRecord(EFFICIENCY, answer ?? new Map<string, string>(), namesOf(EFFICIENCY));
    if (record !== null) return record;
  }
  return null;
}

/** Under the first settings with which the parts give the recorded raw score, to the last bit; else under the first, and `fits` is false. */
export function efficiencyParts(
  symbol: string,
  row: EfficiencyRow,
  candidates: readonly Settings[],
): { readonly parts: EfficiencyParts; readonly fits: boolean } {
  const readings = candidates.flatMap((settings) => {
    const own = settingsForSymbol(settings, symbol);
    // Another program's factor may lie in 0..1 whatever the setting says, and the record does not say so.
    const ranges = own.P31_PF_RANGE === '0_1' ? (['0_1', '-1_1'] as const) : (['-1_1', '0_1'] as const);
    return ranges.map((range) => partsUnder(symbol, row, own, range));
  });
  const fitting = readings.find(({ raw }) => raw === row.efficiency_raw);
  return { parts: (fitting ?? readings[0]!).parts, fits: fitting !== undefined };
}

function partsUnder(
  symbol: string,
  row: EfficiencyRow,
  settings: Settings,
  range: Settings['P31_PF_RANGE'],
): { readonly parts: EfficiencyParts; readonly raw: number } {
  const share = range === '0_1' ? clamp01(row.p30_perf) : clamp01((row.p30_perf + 1) / 2);
  const volatility = settings.P31_W_VOL * row.volatility_ratio;
  const drawdown = settings.P31_W_DD * row.dd_ratio;
  const hold = settings.P31_W_HOLD * row.hold_time_penalty;
  return {
    // In the order the component adds them up.
    raw: clamp01(share / (1 + (volatility + drawdown) + hold)),
    parts: {
      symbol,
      ts: row.ts,
      mode: row.mode,
      score: row.efficiency_score,
      raw: row.efficiency_raw,
      ewma: row.efficiency_ewma,
      pressure: row.capital_pressure,
      reallocation_weight: row.reallocation_weight,
      confidence: row.confidence,
      stale_flags: row.stale_flags,
      performance_factor: row.p30_perf,
      performance_share: share,
      target_usd: row.p29_target_usd,
      penalties: [
        { name: 'volatility', ratio: row.volatility_ratio, weight: settings.P31_W_VOL, cost: volatility },
        { name: 'drawdown', ratio: row.dd_ratio, weight: settings.P31_W_DD, cost: drawdown },
        { name: 'hold', ratio: row.hold_time_penalty, weight: settings.P31_W_HOLD, cost: hold },
      ],
    },
  };
}

function seconds(sec: number): string {
  return `${Math.round(sec)} s`;
}
