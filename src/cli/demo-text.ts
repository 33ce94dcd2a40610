/** The demo as people watch it: a screen drawn again and again, plain lines where there is no terminal, and the summary. */
import { bold, dim, signed } from './colour.ts';
import { counted, formatCount, formatPercent, formatRatio, formatUsd } from './figures.ts';
import { renderTable, type Cell, type Column, type TableOptions } from './table.ts';
import { cutToWidth, textWidth } from './text-width.ts';
import { wrap } from './wrap.ts';
import type { DemoNow, DemoResult } from '../demo/run.ts';
import type { Story, StoryEvent, SymbolStory } from '../demo/story.ts';

/** Events on the screen, newest last. */
const SHOWN_EVENTS = 6;
const BAR_WIDTH = 10;
const REASON_WIDTH = 18;
/** A full bar: this share of all targets. */
const BAR_SHARE = 0.3;
/** A share that moved by less of itself stayed where it was. */
const MOVED = 0.25;

export interface DemoHeading {
  readonly seed: number;
  /** As asked for; null: as fast as it goes. */
  readonly speed: number | null;
  /** Null: there is none. */
  readonly dashboard: { readonly address: string; readonly rearmToken: string } | null;
}

/** How the page is reached and what it asks for: the address is never cut where it fits a line of its own. */
export function dashboardLines({ dashboard }: DemoHeading, options: TableOptions): string[] {
  if (dashboard === null) return [];
  const { address, rearmToken } = dashboard;
  const rearm = `re-arm token ${rearmToken}`;
  const label = 'Dashboard  ';
  const room = options.width - textWidth(address);
  const own = room >= label.length ? `${label}${address}` : cutToWidth(address, options.width);
  const both = `${own}  ${rearm}`;
  return textWidth(both) <= options.width
    ? [bold(own, options) + both.slice(own.length)]
    : [bold(own, options), cutToWidth(rearm, options.width)];
}

/** One screen, its lines without breaks: as wide as the terminal at most. */
export function demoScreen(
  { story, reachedSpeed }: DemoNow,
  heading: DemoHeading,
  options: TableOptions,
): string[] {
  const events = shownEvents(story).map((event) => eventLine(event, options));
  return [
    headLine(story, reachedSpeed, heading, options),
    accountLine(story, options),
    '',
    ...symbolTable(story, options).split('\n'),
    '',
    ...events,
    ...Array.from({ length: SHOWN_EVENTS - events.length }, () => ''),
    ...dashboardLines(heading, options),
    dim(
      cutToWidth('A paper exchange: prices and bots are invented. Ctrl-C ends it.', options.width),
      options,
    ),
  ];
}

/** What a program that reads lines gets now and then. */
export function demoLine({ story }: DemoNow): string {
  const shares = [...story.symbols.values()].map(({ bot, share }) => `${bot} ${wholePercent(share)}`);
  return `${clock(story.nowSec)} equity ${usd(story.equityUsd)} USD, trading ${story.tradingState}; capital: ${shares.join(', ')}`;
}

/** An event as one line. */
export function eventLine({ ts, bot, kind, text }: StoryEvent, options: TableOptions): string {
  const line = cutToWidth(`${clock(ts)} ${bot}: ${text}`, options.width);
  if (kind === 'disarmed' || kind === 'unpermitted') return signed(line, -1, options);
  return kind === 'exit_after_disarm' ? bold(line, options) : line;
}

/** Sections, to be set apart by empty lines. */
export function demoSummary(result: DemoResult, heading: DemoHeading, options: TableOptions): string[] {
  const { story } = result;
  const reasons = reasonTable(story, options);
  return [
    `${bold('What happened', options)} in ${duration(story.elapsedSec)} of simulated time (seed ${heading.seed}):`,
    [accountLine(story, options), '', symbolTable(story, options)].join('\n'),
    [...capitalWords(story), ...breakerWords(story), ...permitWords(story)]
      .map((words) => wrap(`- ${words}`, options.width, 2))
      .join('\n'),
    ...(reasons === null ? [] : [reasons]),
    paceWords(result, heading, options),
    nextWords(options),
  ];
}

/** The summary for programs. */
export function demoReport(result: DemoResult, heading: DemoHeading): unknown {
  const { story } = result;
  return {
    seed: heading.seed,
    ...(heading.dashboard === null ? {} : { dashboard: heading.dashboard.address }),
    simulated_sec: story.elapsedSec,
    reached_speed: result.reachedSpeed,
    equity_usd: story.equityUsd,
    deepest_drawdown: story.deepestDrawdown,
    trading_state: story.tradingState,
    executions: story.executions,
    unpermitted_executions: story.unpermitted,
    symbols: [...story.symbols.values()].map((one) => ({
      symbol: one.symbol,
      bot: one.bot,
      profit_usd: one.profitUsd,
      trades: one.trades,
      efficiency_score: one.efficiency,
      capital_pressure: one.pressure,
      target_usd: one.targetUsd,
      share_at_start: one.startShare,
      share: one.share,
      position_usd: one.positionUsd,
      permits: one.permits,
      exit_permits: one.exits,
      exit_permits_since_disarm: one.exitsSinceDisarm,
      blocks: one.blocks,
      last_block: one.lastBlock,
      disarmed_at: one.disarmedAt,
      disarmed_for: one.disarmedFor,
    })),
    blocks_by_reason: Object.fromEntries(story.blocksByReason),
    events: story.events,
    settings: result.changedSettings,
    decisions: result.decisions,
    decisions_sha256: result.sha256,
  };
}

/** The newest, and before them whatever stopped something: that may not scroll away. */
function shownEvents({ events }: Story): StoryEvent[] {
  const stops = events.filter(({ kind }) => kind === 'disarmed' || kind === 'unpermitted').slice(-2);
  const newest = events.slice(-SHOWN_EVENTS);
  const kept = stops.filter((event) => !newest.includes(event));
  return [...kept, ...newest.slice(kept.length)];
}

function headLine(
  story: Story,
  reachedSpeed: number,
  { seed, speed }: DemoHeading,
  options: TableOptions,
): string {
  const asked = speed ?? Infinity;
  const behind = reachedSpeed < asked * 0.9 && story.elapsedSec > asked ? ' (as fast as it goes)' : '';
  const rest = `${clock(story.nowSec)} simulated, ${Math.round(reachedSpeed)} times real time${behind}, seed ${seed}`;
  return `${bold('Ballast demo', options)}  ${cutToWidth(rest, options.width - 'Ballast demo  '.length)}`;
}

/** What the account is worth, in as many parts as fit. */
function accountLine(story: Story, options: TableOptions): string {
  const profit = [...story.symbols.values()].reduce((sum, { profitUsd }) => sum + profitUsd, 0);
  const deepest = story.deepestDrawdown;
  const isStopped = story.tradingState !== 'ACTIVE';
  const parts: readonly (readonly [text: string, sign: number])[] = [
    [`equity ${usd(story.equityUsd)} USD (${formatUsd(profit)})`, profit],
    [`trading ${story.tradingState}`, isStopped ? -1 : 0],
    [`drawdown ${formatPercent(story.drawdown)}, deepest ${formatPercent(deepest)}`, 0],
  ];
  let line = '';
  let room = options.width;
  for (const [text, sign] of parts) {
    const gap = line === '' ? '' : '   ';
    room -= gap.length + textWidth(text);
    if (room < 0) break;
    line += gap + signed(text, sign, options);
  }
  return line;
}

const COLUMNS: readonly Column[] = [
  { header: 'bot', align: 'left', importance: 10 },
  { header: 'symbol', align: 'left', importance: 9 },
  { header: 'profit', align: 'right', importance: 10 },
  { header: 'score', align: 'right', importance: 3 },
  { header: 'pressure', align: 'right', importance: 5 },
  { header: 'target', align: 'right', importance: 7 },
  { header: 'capital', align: 'right', importance: 6 },
  { header: 'since start', align: 'right', importance: 10 },
  { header: 'position', align: 'right', importance: 2 },
  { header: 'permits', align: 'right', importance: 1 },
  { header: 'blocked', align: 'right', importance: 8 },
  { header: 'last reason', align: 'left', importance: 4 },
];

function symbolTable(story: Story, options: TableOptions): string {
  return renderTable(
    { columns: COLUMNS, rows: [...story.symbols.values()].map((one) => symbolRow(one, options)) },
    options,
  );
}

function symbolRow(one: SymbolStory, options: TableOptions): Cell[] {
  const change = one.share === null || one.startShare === null ? 0 : one.share / one.startShare - 1;
  const shift = `${wholePercent(one.startShare)} ${options.ascii === true ? '->' : '→'} ${wholePercent(one.share)}`;
  return [
    one.bot,
    one.symbol,
    { text: formatUsd(one.profitUsd), sign: one.profitUsd },
    one.efficiency === null ? '-' : formatRatio(one.efficiency),
    {
      text: one.pressure ?? '-',
      sign: one.pressure === 'INCREASE' ? 1 : one.pressure === 'DECREASE' ? -1 : 0,
    },
    one.targetUsd === null ? '-' : wholeUsd(one.targetUsd),
    bar(one.share ?? 0, options),
    { text: shift, sign: Math.abs(change) < MOVED ? 0 : change },
    one.positionUsd === 0
      ? 'flat'
      : `${one.positionUsd > 0 ? '+' : '-'}${wholeUsd(Math.abs(one.positionUsd))}`,
    formatCount(one.permits),
    formatCount(one.blocks),
    { text: cutToWidth(one.lastBlock ?? '', REASON_WIDTH), sign: one.disarmedAt === null ? 0 : -1 },
  ];
}

function bar(share: number, { ascii }: TableOptions): string {
  const filled = Math.min(BAR_WIDTH, Math.round((share / BAR_SHARE) * BAR_WIDTH));
  return (
    (ascii === true ? '#' : '█').repeat(filled) + (ascii === true ? '.' : '░').repeat(BAR_WIDTH - filled)
  );
}

function capitalWords(story: Story): string[] {
  const moved = [...story.symbols.values()]
    .filter(({ share, startShare }) => share !== null && startShare !== null)
    .map((one) => ({ ...one, change: one.share! / one.startShare! - 1 }))
    .filter(({ change }) => Math.abs(change) >= MOVED)
    .toSorted((a, b) => a.change - b.change);
  if (moved.length === 0)
    return ['Capital is about where it was at the start: run it longer to see it move.'];
  return moved.map(({ bot, symbol, profitUsd, share, startShare, change }) => {
    const earned = `${profitUsd < 0 ? 'lost' : 'earned'} ${usd(Math.abs(profitUsd))} USD`;
    const verb = change < 0 ? 'fell' : 'rose';
    return `${bot} ${earned} on ${symbol}: its share of all targets ${verb} from ${wholePercent(startShare)} to ${wholePercent(share)}.`;
  });
}

function breakerWords(story: Story): string[] {
  return [...story.symbols.values()]
    .filter(({ disarmedAt }) => disarmedAt !== null)
    .map(({ bot, symbol, disarmedAt, exitsSinceDisarm }) => {
      const refused = formatCount(story.blocksByReason.get('symbol_disarmed') ?? 0);
      const exits =
        exitsSinceDisarm === 0
          ? 'It held nothing to close.'
          : `Its exits went on: ${counted(exitsSinceDisarm, 'more permit')} to close.`;
      return `At ${clock(disarmedAt!)} the burst breaker stopped ${bot}: ${symbol} was disarmed, and its openings were blocked from then on (${refused} times). ${exits}`;
    });
}

function permitWords(story: Story): string[] {
  const permits = [...story.symbols.values()].reduce((sum, one) => sum + one.permits, 0);
  const blocks = [...story.symbols.values()].reduce((sum, one) => sum + one.blocks, 0);
  const fills =
    story.unpermitted === 0
      ? `each of ${counted(story.executions, 'execution')} had its permit`
      : `${formatCount(story.unpermitted)} of ${counted(story.executions, 'execution')} had no permit`;
  return [`${counted(permits, 'plan')} permitted, ${formatCount(blocks)} blocked; ${fills}.`];
}

function reasonTable(story: Story, options: TableOptions): string | null {
  if (story.blocksByReason.size === 0) return null;
  const rows = [...story.blocksByReason]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => [reason, formatCount(count)]);
  const columns: readonly Column[] = [
    { header: 'blocked for', align: 'left', importance: 9 },
    { header: 'plans', align: 'right', importance: 9 },
  ];
  return renderTable({ columns, rows }, options);
}

function paceWords(
  { reachedSpeed, decisions, sha256 }: DemoResult,
  { speed }: DemoHeading,
  options: TableOptions,
): string {
  const isSlow = speed !== null && reachedSpeed < speed * 0.9;
  const pace = isSlow ? ` Asked for ${speed} times real time, reached ${reachedSpeed.toFixed(0)}.` : '';
  return wrap(
    `${counted(decisions, 'decision')}, sha256 ${sha256.slice(0, 16)}: the same seed and length give the same again.${pace}`,
    options.width,
  );
}

function nextWords(options: TableOptions): string {
  const rows: readonly (readonly [string, string])[] = [
    ['npx ballast demo --seed 2', 'another market'],
    ['npx ballast replay examples/trades.jsonl', 'the same arithmetic on recorded trades: try your own'],
    ['npx ballast up --ephemeral', 'the components beside your bots'],
  ];
  const room = Math.max(...rows.map(([command]) => command.length));
  const lines = rows.map(([command, what]) =>
    cutToWidth(`  ${command.padEnd(room)}  ${what}`, options.width),
  );
  return [bold('Next', options), ...lines].join('\n');
}

function duration(sec: number): string {
  if (sec < 120) return counted(Math.round(sec), 'second');
  return counted(Math.round(sec / 60), 'minute');
}

function wholePercent(fraction: number | null): string {
  return fraction === null ? '-' : `${(fraction * 100).toFixed(0)}%`;
}

function usd(value: number): string {
  return formatUsd(value).replace(/^\+/, '');
}

function wholeUsd(value: number): string {
  return formatCount(Math.round(value));
}

/** `12:31:05`, UTC. */
function clock(sec: number): string {
  return new Date(sec * 1000).toISOString().slice(11, 19);
}
