/**
 * `--report FILE.html`: a replay as one page that needs nothing else: no script, no network, one style sheet, drawings in
 * the page itself. The same files and settings give the same bytes. Source: spec/replay.md.
 */
import { createHash } from 'node:crypto';
import { attributionSection } from './attribution-section.ts';
import { capitalSection } from './capital-section.ts';
import { dataSection } from './data-section.ts';
import { equitySection } from './equity-section.ts';
import { factsOf } from './facts.ts';
import { governorSection } from './governor-section.ts';
import { basisSection, headSection, titleOf } from './head-section.ts';
import { markup, Markup } from './markup.ts';
import { readingSection } from './reading-section.ts';
import { STYLE } from './style.ts';
import type { Settings } from '../../core/settings.ts';
import type { ReplayOutcome } from '../outcome.ts';

/** Parts of the page by the name of their section, in order. */
const PARTS = [
  ['equity', 'Equity'],
  ['attribution', 'Attribution'],
  ['crossings', 'Two at a time'],
  ['capital', 'Capital'],
  ['governor', 'Permits and blocks'],
  ['data', 'Data'],
  ['reading', 'How to read'],
  ['limits', 'Not judged'],
  ['basis', 'Files and settings'],
] as const;

export function reportPage(outcome: ReplayOutcome, settings: Settings): string {
  const facts = factsOf(outcome, settings);
  const parts = PARTS.filter(([id]) => id !== 'crossings' || facts.total.count > 0);
  const policy = `default-src 'none'; style-src 'sha256-${digestOf(STYLE)}'; base-uri 'none'; form-action 'none'`;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${titleOf(facts)} · Ballast replay report</title>
<style>${sheet()}</style>
</head>
<body>
<main>
${headSection(facts)}
<nav aria-label="Parts of this report">${parts.map(([id, name]) => markup`<a href="#${id}">${name}</a>`)}</nav>
${equitySection(facts)}
${attributionSection(facts)}
${capitalSection(facts)}
${governorSection(facts)}
${dataSection(facts)}
${readingSection(facts)}
${basisSection(facts)}
</main>
</body>
</html>
`;
  return page.text;
}

/** The one text that is no element and holds nothing from outside. */
function sheet(): Markup {
  return Markup.of([STYLE], []);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}
