/** Do hashes hold what their readers need, and how old are they: fields, values and times. */
import { readForeign } from '../components/foreign-records.ts';
import { decodeEntry } from '../contract/decode.ts';
import { keyOf, type KeyName } from '../contract/keys.ts';
import { parseMoment } from '../contract/moment.ts';
import { idMs } from '../store/store.ts';
import { Groups } from './doctor-groups.ts';
import { isCanonical } from './doctor-names.ts';
import { listed, finding, type Finding, type FindingId } from './doctor-table.ts';
import { seconds } from './status.ts';
import type { EventType } from '../core/event.ts';
import type { Ticking } from '../core/pipeline/ticking.ts';
import type { Settings } from '../core/settings.ts';
import type { Situation, Stored } from './doctor-situation.ts';

interface Kind {
  /** Each has to be there; of several in a row one. */
  readonly needs: readonly (readonly string[])[];
  /** The first that is there says when it was written. */
  readonly times: readonly string[];
  /** What it becomes: an event, or a component's record. */
  readonly event: EventType | null;
  readonly record: Ticking | null;
  readonly stale: FindingId;
  readonly limit: keyof Settings;
}

const RECORD_TIMES = ['ts', 'ts_utc', 'timestamp', 'last_update_ts_epoch', 'ts_epoch'];

function input(
  event: EventType,
  stale: FindingId,
  limit: keyof Settings,
  ...needs: (readonly string[])[]
): Kind {
  return { needs, times: ['timestamp'], event, record: null, stale, limit };
}

function record(name: Ticking, limit: keyof Settings, ...needs: (readonly string[])[]): Kind {
  return { needs, times: RECORD_TIMES, event: null, record: name, stale: 'record-stale', limit };
}

const PORTFOLIO = input('portfolio', 'portfolio-stale', 'STALE_DATA_SEC', ['equity_usd']);
const KINDS: ReadonlyMap<KeyName, Kind> = new Map([
  ['market', input('market', 'market-stale', 'STALE_DATA_SEC', ['mark_price', 'vol_regime', 'sigma'])],
  ['position', input('position', 'position-stale', 'GOV_POSITION_STALE_SEC', ['position_amt'])],
  ['clusterStress', input('cluster_stress', 'stress-stale', 'STALE_DATA_SEC', ['stress'])],
  ['attribution', record('attribution', 'P31_STALE_SEC_P30', ['performance_factor'], ['confidence'])],
  ['budget', record('budget', 'STALE_DATA_SEC', ['budget_usd'], ['mode'])],
  ['target', record('allocation', 'P31_STALE_SEC_P29', ['base_target_usd', 'target_usd'], ['confidence'])],
  ['efficiency', record('efficiency', 'P31_STALE_SEC', ['efficiency_score'], ['confidence'])],
  ['proposal', record('proposal', 'P31_STALE_SEC', ['multiplier'], ['reason'])],
]);
const MAX_FUTURE_SEC = 60;

export function judgeRecords(situation: Situation): Finding[] {
  const { stored, namespace, settings } = situation;
  if (stored === null) return [];
  const groups = new Groups();
  for (const key of stored.wrongTypes) addWrongType(groups, key);
  if (stored.portfolio !== null)
    judge(groups, PORTFOLIO, keyOf(namespace, 'portfolio'), '', stored.portfolio, stored, settings);
  for (const { kind, key, name, fields } of stored.hashes) {
    // What nobody looks for need not be right.
    if (kind !== 'clusterStress' && !isCanonical(name)) continue;
    if (fields === null) addWrongType(groups, key);
    else judge(groups, KINDS.get(kind)!, key, name, fields, stored, settings);
  }
  return [...groups.findings(), ...regime(situation, stored)];
}

function addWrongType(groups: Groups, key: string): void {
  groups.add('key-type', key, 'it is no hash', 'delete it, and let its producer write it with HSET');
}

function judge(
  groups: Groups,
  kind: Kind,
  key: string,
  name: string,
  fields: ReadonlyMap<string, string>,
  { nowSec }: Stored,
  settings: Settings,
): void {
  const missing = kind.needs.find((anyOf) => !anyOf.some((field) => fields.has(field)));
  if (missing !== undefined) {
    const has = fields.size === 0 ? '' : ` (it has ${listed([...fields.keys()])})`;
    groups.add(
      'field-missing',
      key,
      `it has no ${missing.join(' or ')}${has}`,
      `write ${missing.join(' or ')}, spelled like that`,
    );
    return;
  }
  const time = kind.times.find((field) => fields.has(field));
  if (time === undefined) {
    groups.add(
      'time-missing',
      key,
      `it has no ${kind.times[0]}`,
      `write ${kind.times[0]} with every update, in Unix seconds`,
    );
    return;
  }
  const ts = parseMoment(fields.get(time));
  const refused = refusal(kind, name, fields, nowSec);
  if (ts !== null && ts > nowSec + MAX_FUTURE_SEC)
    groups.add(
      'time-in-future',
      key,
      `${time} lies in the future`,
      'set the clock of the machine that writes it; times are Unix seconds, UTC',
    );
  else if (ts === null || refused !== null)
    groups.add(
      'value-refused',
      key,
      refused ?? `${time} is no time`,
      'write a value as spec/contract.md says',
    );
  else judgeAge(groups, kind, key, nowSec - ts, settings);
}

/** Why its readers do not use it; null: they do. */
function refusal(
  kind: Kind,
  name: string,
  fields: ReadonlyMap<string, string>,
  nowSec: number,
): string | null {
  if (kind.record !== null) {
    const read = readForeign(kind.record, fields, nowSec);
    return read.ts === null ? read.detail : null;
  }
  const given = { ...Object.fromEntries(fields), symbol: name, cluster: name };
  const decoded = decodeEntry(kind.event!, given, nowSec, { aliases: new Map() });
  return decoded.event === null ? decoded.rejection.detail : null;
}

function judgeAge(
  groups: Groups,
  { stale, limit }: Kind,
  key: string,
  ageSec: number,
  settings: Settings,
): void {
  const limitSec = Number(settings[limit]);
  if (ageSec > limitSec)
    groups.add(
      stale,
      key,
      `it is older than ${limit}=${limitSec} s`,
      'look at the program that writes it; where it writes more rarely, raise the limit',
    );
  else if (stale === 'portfolio-stale' && ageSec > settings.P28_STALE_SEC)
    groups.add(
      'portfolio-late',
      key,
      `it is older than P28_STALE_SEC=${settings.P28_STALE_SEC} s`,
      'write the portfolio more often, or raise P28_STALE_SEC',
    );
}

function regime({ settings }: Situation, { streams, nowSec }: Stored): Finding[] {
  const view = streams.find(({ input: name }) => name === 'regime.state');
  const facts = view?.facts ?? null;
  if (view === undefined || facts === null || facts.added === 0) return [];
  const ageSec = nowSec - idMs(facts.lastId) / 1000;
  if (ageSec <= settings.STALE_DATA_SEC) return [];
  return [
    finding(
      'regime-stale',
      view.stream,
      `the newest regime is ${seconds(ageSec)} old, STALE_DATA_SEC is ${settings.STALE_DATA_SEC}`,
      'add an entry more often than that, even where the regime stays the same',
    ),
  ];
}
