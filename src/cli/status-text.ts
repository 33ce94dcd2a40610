/** A status as tables and sentences. */
import { seconds, type ComponentStatus, type Status } from '../ops/status.ts';
import { PACE_COUNT } from '../ops/status-collect.ts';
import { bold } from './colour.ts';
import { formatCount } from './figures.ts';
import { renderTable, type Column, type TableOptions } from './table.ts';
import { harmless } from './text-width.ts';
import { tradingText } from './trading-text.ts';
import { wrap } from './wrap.ts';

/** Sections, to be set apart by empty lines. */
export function statusText(status: Status, options: TableOptions): string[] {
  const known = status.components.filter(({ state }) => state !== 'absent');
  return [
    tradingSection(status, options),
    runningLine(status),
    ...(known.length === 0 ? [] : [componentTable(known, options)]),
    ...(status.streams.length === 0 ? [] : [streamTable(status, options)]),
    notes(status, options),
    sourceLines(status, options),
  ].filter((section) => section !== '');
}

function tradingSection({ trading, trading_error: error }: Status, options: TableOptions): string {
  if (trading !== null) return tradingText(trading, options);
  return error === null ? '' : wrap(`Trading: not known (${harmless(error)})`, options.width, 2);
}

function runningLine({ running, components, store, trading }: Status): string {
  if (running === 0 && store === null && trading !== null)
    return 'A process runs and says this, but none of its ports answers.';
  if (components.every(({ state }) => state === 'absent'))
    return store === null
      ? 'Nothing runs, as far as the ports tell.'
      : 'Nothing runs, and nothing ever ran here.';
  if (running === 0) return 'Nothing runs.';
  return `${running} of ${components.length} components run.`;
}

const COLUMNS: readonly Column[] = [
  { header: 'component', align: 'left', importance: 9 },
  { header: 'id', align: 'left', importance: 2 },
  { header: 'state', align: 'left', importance: 9 },
  { header: 'mode', align: 'left', importance: 8 },
  { header: 'last tick', align: 'right', importance: 8 },
  { header: 'lag', align: 'right', importance: 8 },
  { header: 'waiting', align: 'right', importance: 5 },
  { header: 'symbols', align: 'right', importance: 6 },
  { header: 'epoch', align: 'right', importance: 4 },
  { header: 'owner', align: 'left', importance: 3 },
];

function componentTable(components: readonly ComponentStatus[], options: TableOptions): string {
  const rows = components.map((one) => [
    one.component,
    one.id ?? '',
    one.state,
    one.mode ?? '-',
    one.tick_age_sec === null ? '-' : `${seconds(one.tick_age_sec)} ago`,
    one.lag_sec === null ? '-' : seconds(one.lag_sec),
    formatCount(one.streams.reduce((sum, { waiting }) => sum + waiting, 0)),
    one.symbols === null ? '-' : formatCount(one.symbols),
    one.epoch === null ? '-' : String(one.epoch),
    one.owner ?? '-',
  ]);
  return renderTable({ columns: COLUMNS, rows }, options);
}

const STREAM_COLUMNS: readonly Column[] = [
  { header: 'stream', align: 'left', importance: 9 },
  { header: 'entries', align: 'right', importance: 8 },
  { header: 'newest', align: 'right', importance: 9 },
  { header: 'in the last minute', align: 'right', importance: 8 },
];

function streamTable({ streams }: Status, options: TableOptions): string {
  const rows = streams.map(({ input, entries, newest_age_sec, per_minute }) => [
    input,
    formatCount(entries),
    `${seconds(newest_age_sec)} ago`,
    per_minute >= PACE_COUNT ? `${formatCount(PACE_COUNT)} or more` : formatCount(per_minute),
  ]);
  return renderTable({ columns: STREAM_COLUMNS, rows }, options);
}

/** Why each mode is what it is, and what is amiss. */
function notes({ components }: Status, options: TableOptions): string {
  const reasons = new Map<string, string[]>();
  for (const { component, state, mode, mode_why } of components) {
    if (state !== 'running' || mode_why === null) continue;
    const reason = `in ${mode ?? 'no mode'}: ${mode_why}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), component]);
  }
  const lines = [
    ...[...reasons].map(([reason, names]) => `${names.join(', ')} ${reason}`),
    ...components.flatMap(({ component, degraded }) =>
      degraded.map((what) => `${component}: ${bold(what, options)}`),
    ),
  ];
  return lines.map((line) => wrap(line, options.width, 2)).join('\n');
}

function sourceLines({ store, store_error, answered }: Status, options: TableOptions): string {
  const bytes = store?.memory_bytes ?? null;
  const memory = bytes === null ? '' : `, ${Math.round(bytes / 2 ** 20)} MiB`;
  const lines = [
    store === null
      ? `Store: not read (${store_error ?? 'unknown'}); what is said here came from the ports`
      : `Store: ${store.kind} ${store.version} at ${store.where}, ${store.persistence}${memory}`,
    answered.length === 0 ? 'No component answers on its port.' : `Answered: ${answered.join(', ')}`,
  ];
  return lines.map((line) => wrap(line, options.width, 2)).join('\n');
}
