/** How good the data is: what could not be used, what was dropped, and what looks wrong but was counted. */
import { markup, NOTHING, type Markup } from './markup.ts';
import { meaningOf, REJECT_MEANING } from './meanings.ts';
import { count, counted, percent, signedUsd } from './numbers.ts';
import { QUALITY_MEANING } from '../report/quality.ts';
import { table, toned } from './table.ts';
import type { Facts } from './facts.ts';

export function dataSection(facts: Facts): Markup {
  const { record, quality, rejectedExamples } = facts.outcome;
  const isClean =
    record.rejected.size === 0 &&
    quality.flags.size === 0 &&
    record.duplicates + record.futureTimes + record.excluded === 0;
  return markup`<section id="data">
<h2>Quality of the data</h2>
${isClean ? markup`<p>Every line could be used, and nothing looks wrong.</p>` : NOTHING}
${droppedList(facts)}
${suspects(facts)}
${rejectedTable(facts)}
${
  rejectedExamples.length === 0
    ? NOTHING
    : table({
        caption: 'Lines that could not be used',
        note: `the first ${count(rejectedExamples.length)}; --out lists every one in rejected.jsonl`,
        columns: [
          { head: 'Place', kind: 'name' },
          { head: 'reason', kind: 'word' },
          { head: 'what was wrong', kind: 'text' },
        ],
        rows: rejectedExamples.map(({ file, line, reason, detail }) => ({
          cells: [`${file === '-' ? 'standard input' : file}:${line}`, reason, detail],
        })),
      })
}
</section>
`;
}

/** One sentence for the head of the page, so that nobody reads the numbers without it; nothing where all is well. */
export function dataWarning({ outcome }: Facts): Markup {
  const { record, quality, excluded } = outcome;
  const included = [...quality.flags].filter(([flag]) => !excluded.has(flag));
  const suspect = included.reduce((sum, [, { count: times, late }]) => sum + times + late.count, 0);
  const rejected = [...record.rejected].reduce((sum, [, lines]) => sum + lines, 0);
  const said = [
    suspect > 0
      ? `${count(suspect)} of ${counted(quality.observed, 'execution')} look wrong and are counted in`
      : '',
    rejected > 0 ? `${counted(rejected, 'line')} could not be used as they are` : '',
  ].filter((text) => text !== '');
  return said.length === 0
    ? NOTHING
    : markup`<p class="warning"><b>▲ Mind the data:</b> ${said.join('; ')}. <a href="#data">Quality of the data</a></p>\n`;
}

function droppedList({ outcome }: Facts): Markup {
  const { record } = outcome;
  const said = [
    record.duplicates > 0
      ? `${counted(record.duplicates, 'repeat')} of an execution id dropped: the first one counts.`
      : '',
    record.futureTimes > 0
      ? `${counted(record.futureTimes, 'time')} more than 60 s after the arrival: the arrival was taken.`
      : '',
    record.excluded > 0
      ? `${counted(record.excluded, 'execution')} left out because --exclude asks for it.`
      : '',
  ].filter((text) => text !== '');
  return said.length === 0 ? NOTHING : markup`<ul>${said.map((text) => markup`<li>${text}</li>`)}</ul>`;
}

function suspects({ outcome }: Facts): Markup {
  const { quality, excluded } = outcome;
  if (quality.flags.size === 0) return NOTHING;
  return table({
    caption: 'Executions that look wrong',
    layout: 'reasons',
    note: `of ${count(quality.observed)} looked at; all that are not left out are counted in, --out lists every one in suspects.jsonl`,
    columns: [
      { head: 'Flag', kind: 'name' },
      { head: 'executions', kind: 'number' },
      { head: 'share', kind: 'number' },
      { head: 'their profit', kind: 'number' },
      { head: 'found later', kind: 'number' },
      { head: 'counted', kind: 'word' },
      { head: 'what it means', kind: 'text' },
    ],
    rows: [...quality.flags].map(([flag, { count: times, pnlMicroUsd, late }]) => ({
      cells: [
        flag,
        count(times),
        percent(quality.observed === 0 ? null : times / quality.observed),
        toned(signedUsd(pnlMicroUsd / 1e6), pnlMicroUsd),
        late.count === 0 ? '' : count(late.count),
        excluded.has(flag) ? 'no, left out' : 'yes',
        QUALITY_MEANING[flag],
      ],
    })),
  });
}

function rejectedTable({ outcome }: Facts): Markup {
  const reasons = [...outcome.record.rejected].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (reasons.length === 0) return NOTHING;
  return table({
    caption: 'Not usable, by reason',
    layout: 'reasons',
    columns: [
      { head: 'Reason', kind: 'name' },
      { head: 'lines', kind: 'number' },
      { head: 'what it means', kind: 'text' },
    ],
    rows: reasons.map(([reason, lines]) => ({
      cells: [reason, count(lines), meaningOf(REJECT_MEANING, reason)],
    })),
  });
}
