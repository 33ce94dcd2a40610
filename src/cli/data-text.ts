/** What a replay says about its data and settings, as text. */
import { differingSettings } from '../replay/report-page/differing-settings.ts';
import { QUALITY_MEANING } from '../replay/report/quality.ts';
import { bold, dim } from './colour.ts';
import { counted, formatCount, formatUsd } from './figures.ts';
import { harmless } from './text-width.ts';
import { wrap } from './wrap.ts';
import type { TableOptions } from './table.ts';
import type { Settings } from '../core/settings.ts';
import type { ReplayOutcome } from '../replay/outcome.ts';

/** What could not be used, was dropped, or looks wrong; empty where there is nothing to say. */
export function qualitySection(outcome: ReplayOutcome, options: TableOptions): string {
  const { record, quality, excluded, rejectedExamples } = outcome;
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(wrap(text, options.width, 2));
  const whisper = (text: string): void => void lines.push(dim(wrap(text, options.width, 4), options));
  const rejected = [...record.rejected]
    .filter(([reason]) => reason !== 'fee_not_usd')
    .sort((a, b) => b[1] - a[1]);
  const fees = record.rejected.get('fee_not_usd') ?? 0;
  if (rejected.length > 0) {
    say(`not usable: ${rejected.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')}`);
    for (const { file, line, reason, detail } of rejectedExamples.slice(0, 5))
      whisper(`  ${harmless(`${file}:${line}: ${reason}: ${detail}`)}`);
  }
  if (fees > 0)
    say(
      `${counted(fees, 'fill')} used without deducting a fee in a currency that is no dollar: give --usd-per`,
    );
  if (record.duplicates > 0) say(`${counted(record.duplicates, 'repeat')} of an execution id dropped`);
  if (record.futureTimes > 0)
    say(`${counted(record.futureTimes, 'time')} more than 60 s after the arrival; the arrival was taken`);
  if (record.excluded > 0) say(`${counted(record.excluded, 'execution')} left out by --exclude`);
  const { flags } = quality;
  for (const [flag, { count, pnlMicroUsd, late }] of flags) {
    const lateText =
      late.count > 0 ? ` (and ${formatCount(late.count)} earlier ones, known only afterwards)` : '';
    say(
      `${formatCount(count)} ${flag}${lateText}, ${formatUsd(pnlMicroUsd / 1e6)} USD${excluded.has(flag) ? ', left out' : ''}: ${QUALITY_MEANING[flag]}`,
    );
  }
  if (flags.size > 0)
    whisper(
      `${excluded.size > 0 ? 'Those not left out' : 'Such rows'} are counted in; --exclude FLAG,... leaves them out, --out DIR lists every one in suspects.jsonl.`,
    );
  return lines.length === 0 ? '' : [bold('Data', options), ...lines].join('\n');
}

/** The settings a reader of the numbers has to know of; empty where all are at their defaults. */
export function settingsSection(settings: Settings, options: TableOptions): string {
  const differing = differingSettings(settings);
  if (differing.length === 0) return '';
  return wrap(`Settings that differ from their defaults: ${differing.join(', ')}`, options.width, 2);
}
