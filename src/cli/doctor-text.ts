/** A diagnosis for people: each finding with its place and what to do, the gravest first. */
import { bold, dim, type Colouring } from './colour.ts';
import { counted } from './figures.ts';
import { harmless } from './text-width.ts';
import { wrap } from './wrap.ts';
import type { Diagnosis } from '../ops/doctor.ts';
import type { Finding } from '../ops/doctor-table.ts';

export function doctorText(diagnosis: Diagnosis, options: Colouring & { readonly width: number }): string {
  const { findings, store, hashes, executions } = diagnosis;
  const looked =
    store === null
      ? 'Only settings were looked at.'
      : `Looked at ${store}: ${counted(hashes, 'hash').replace(/hashs$/, 'hashes')}, ${counted(executions, 'execution')}, settings and modes.`;
  const sum =
    findings.length === 0
      ? 'Nothing to complain about.'
      : `${counted(diagnosis.problems, 'problem')}, ${counted(diagnosis.warnings, 'warning')}, ${counted(diagnosis.hints, 'hint')}.`;
  return [...findings.map((one) => findingText(one, options)), [looked, sum].join('\n')].join('\n\n');
}

function findingText(
  { severity, id, what, where, remedy }: Finding,
  options: Colouring & { readonly width: number },
): string {
  const line = (text: string): string => wrap(`  ${harmless(text)}`, options.width, 2);
  return [
    `${bold(severity, options)} ${dim(id, options)}`,
    line(`${what}.`),
    line(`where: ${where}`),
    line(`do: ${remedy}.`),
  ].join('\n');
}
