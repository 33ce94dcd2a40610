/** The head of the page: what it is about, and the answer at a glance. */
import { basename } from 'node:path';
import { createHash } from 'node:crypto';
import { VERSION } from '../../contract/version.ts';
import { finalJson } from '../result.ts';
import { dataWarning } from './data-section.ts';
import { differingSettings } from './differing-settings.ts';
import { markup, NOTHING, type Markup } from './markup.ts';
import { count, counted, fixed, minuteText, percent, signedUsd, usd, UNKNOWN_TEXT } from './numbers.ts';
import type { BreakdownRow } from '../report/breakdown.ts';
import type { Facts } from './facts.ts';

/** The files in a few words: their names, the path left out. */
export function titleOf({ outcome }: Facts): string {
  const names = outcome.files.map(({ name }) => (name === '-' ? 'standard input' : basename(name)));
  const [first = 'no file', ...more] = names;
  return more.length === 0 ? first : `${first} and ${count(more.length)} more`;
}

export function periodOf({ outcome }: Facts): string {
  const { record, pipeline } = outcome;
  return record.firstTs === 0
    ? 'no usable line'
    : `${minuteText(record.firstTs)} to ${minuteText(pipeline.lastEventTs)} UTC`;
}

export function headSection(facts: Facts): Markup {
  return markup`<header>
<p class="brand">Ballast <span>replay report</span></p>
<h1>${titleOf(facts)}</h1>
<p class="period">${periodOf(facts)}</p>
</header>
${glance(facts)}`;
}

/** What the numbers rest on; it stands at the end, where a reader looks for it. */
export function basisSection(facts: Facts): Markup {
  const { outcome, settings } = facts;
  const differing = differingSettings(settings);
  const modes = (['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE', 'APPLY_MODE'] as const).map(
    (name) => `${name}=${settings[name]}`,
  );
  const gates = [...settings.GOV_GATE_MODES].map(([gate, mode]) => `${gate}=${mode}`);
  const files = outcome.files.map(
    ({ name, what }) => markup`<li><b>${name === '-' ? 'standard input' : name}</b> ${what}</li>`,
  );
  // What --out writes as final.json, line break included, so that anybody can compare.
  const digest = createHash('sha256').update(
    `${finalJson(outcome.pipeline, outcome.record, outcome.finished)}\n`,
  );
  return markup`<section id="basis">
<h2>What this rests on</h2>
<dl class="facts">
<dt>Files</dt><dd><ul>${files}</ul></dd>
<dt>Period</dt><dd>${periodOf(facts)}</dd>
<dt>Modes</dt><dd class="code">${[...modes, ...(gates.length > 0 ? [`GOV_GATE_MODES=${gates.join(',')}`] : [])].join(' ')}</dd>
<dt>Settings that differ from their defaults</dt><dd class="code">${
    differing.length === 0 ? 'none' : markup`<ul>${differing.map((text) => markup`<li>${text}</li>`)}</ul>`
  }</dd>
<dt>Left out</dt><dd>${outcome.excluded.size === 0 ? 'nothing was asked to be left out' : markup`<span class="code">--exclude ${[...outcome.excluded].join(',')}</span>`}</dd>
<dt>Made by</dt><dd>Ballast ${VERSION}</dd>
<dt>SHA-256 of the results</dt><dd class="code">${digest.digest('hex')} <span class="note">equals that of final.json, which --out writes: the same files and settings give the same on every machine</span></dd>
</dl>
</section>
`;
}

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly tone?: number;
}

function glance(facts: Facts): Markup {
  const { outcome, total } = facts;
  const { record, pipeline } = outcome;
  const { maxUsd, maxUsdSec, maxFraction, maxFractionSec } = record.curve.drawdown();
  const hasAny = total.count > 0;
  const [start] = record.curve.points();
  const equityStart = start?.equityUsd ?? pipeline.engine.equityUsd;
  const figures: Figure[] = [
    {
      name: 'Net profit',
      value: hasAny ? signedUsd(total.profitUsd) : UNKNOWN_TEXT,
      note: !hasAny ? 'nothing was realised' : shareNote(total.profitUsd, equityStart),
      tone: total.profitUsd,
    },
    { name: 'Executions', value: count(record.executions), note: openingsNote(facts) },
    {
      name: 'Won',
      value: hasAny ? percent(total.winRate) : UNKNOWN_TEXT,
      note: hasAny ? `${count(total.wins)} won, ${count(total.losses)} lost${evenNote(total)}` : '',
    },
    { name: 'Profit factor', value: fixed(total.profitFactor, 2), note: factorNote(total) },
    {
      name: 'Expectancy',
      value: hasAny ? signedUsd(total.expectancyUsd) : UNKNOWN_TEXT,
      note: hasAny
        ? `an execution; average win ${signedUsd(total.averageWinUsd)}, loss ${signedUsd(total.averageLossUsd)}`
        : '',
      tone: total.expectancyUsd,
    },
    {
      name: 'Deepest drawdown',
      value: maxUsdSec === null ? (hasAny ? '0.00' : UNKNOWN_TEXT) : signedUsd(-maxUsd),
      note: maxUsdSec === null ? '' : minuteText(maxUsdSec),
      tone: -maxUsd,
    },
    {
      name: 'Deepest, of the peak',
      value: maxFraction === null ? UNKNOWN_TEXT : percent(-maxFraction, 2),
      note: maxFractionSec === null ? '' : minuteText(maxFractionSec),
      tone: -(maxFraction ?? 0),
    },
    {
      name: 'Equity',
      value: usd(pipeline.engine.equityUsd),
      note: `at the end; ${usd(equityStart)} at the start${facts.outcome.pipeline.engine.isFed ? ', as the files say' : ''}`,
    },
    ...symbolFigures(facts),
  ];
  const shown = figures.map(
    ({ name, value, note, tone }) =>
      markup`<div><dt>${name}</dt><dd><span class="${toneOf(tone, value)}">${value}</span>${note === undefined || note === '' ? NOTHING : markup`<small>${note}</small>`}</dd></div>\n`,
  );
  return markup`<section id="glance" aria-labelledby="glance-title">
<h2 id="glance-title" class="quiet">At a glance</h2>
<dl class="glance">
${shown}</dl>
<p class="note">Money in USD, as the files say it: realised profit of closed trades. Times are UTC.</p>
${dataWarning(facts)}</section>
`;
}

function toneOf(tone: number | undefined, value: string): string {
  const isLong = value.length > 10;
  if (isLong && tone === undefined) return 'value long';
  if (tone === undefined || value === UNKNOWN_TEXT || tone === 0) return 'value';
  return tone > 0 ? 'value gain' : 'value loss';
}

function shareNote(profitUsd: number, startUsd: number): string {
  return startUsd > 0 ? `${percent(profitUsd / startUsd, 2)} of the equity at the start` : '';
}

function openingsNote({ outcome }: Facts): string {
  const symbols = counted(outcome.pipeline.engine.symbols.known().length, 'symbol');
  const { openings } = outcome.record;
  return openings > 0 ? `of ${symbols}; ${counted(openings, 'opening fill')} beside` : `of ${symbols}`;
}

function evenNote({ count: all, wins, losses }: BreakdownRow): string {
  return all > wins + losses ? `, ${count(all - wins - losses)} even` : '';
}

function factorNote({ count: all, losses }: BreakdownRow): string {
  if (all === 0) return '';
  return losses === 0 ? 'nothing was lost' : 'won over lost';
}

function symbolFigures({ bySymbol }: Facts): Figure[] {
  const best = bySymbol.rows[0];
  const worst = bySymbol.rows.at(-1);
  if (best === undefined || worst === undefined) return [];
  const figure = (name: string, row: BreakdownRow): Figure => ({
    name,
    value: row.names[0] ?? '',
    note: `${signedUsd(row.profitUsd)} in ${counted(row.count, 'execution')}`,
  });
  return best === worst
    ? [figure('Only symbol', best)]
    : [figure('Best symbol', best), figure('Worst symbol', worst)];
}
