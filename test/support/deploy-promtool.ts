/** promtool on the files of deploy/prometheus, and as a judge of expressions over series that are given. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPONENTS } from '../../src/contract/components.ts';
import type { ExportedPages } from './deploy-pages.ts';

export const PROMETHEUS_FOLDER = fileURLToPath(new URL('../../deploy/prometheus', import.meta.url));

/** Its output; `exit code N: …` where it failed. */
export function promtool(words: readonly string[], cwd = PROMETHEUS_FOLDER): Promise<string> {
  return new Promise((resolve, reject) => {
    const tool = spawn('promtool', words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    tool.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    tool.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    tool.on('error', (error) =>
      reject(new Error(`promtool cannot be run: install Debian's package prometheus (${error.message})`)),
    );
    tool.on('close', (code) => resolve(code === 0 ? output : `exit code ${code}: ${output}`));
  });
}

export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** An expression that has to give something, and each label that every series of it has to have. */
export interface Question {
  readonly expr: string;
  readonly labels: readonly string[];
}

/** Steps of 15 s that every series has. */
const STEPS = 80;
const ASKED_AT = '15m';

/** The exported pages as they would be scraped: gauges stand still, counters go up by one each time. */
export function scraped(pages: ExportedPages['pages']): InputSeries[] {
  return [...pages].flatMap(([component, page]) => {
    const target = `component="${component}",instance="127.0.0.1:${COMPONENTS[component].metricsPort}",job="ballast"`;
    const exported = [...page.values()].flatMap(({ type, series }) =>
      [...series].map(([key, value]) => ({
        series: key.includes('{') ? key.replace('{', `{${target},`) : `${key}{${target}}`,
        values: `${value}+${type === 'counter' || type === 'histogram' ? 1 : 0}x${STEPS}`,
      })),
    );
    return [{ series: `up{${target}}`, values: `1+0x${STEPS}` }, ...exported];
  });
}

/** Empty, or what promtool complains about: expressions that cannot be parsed, give nothing, or lack a label. */
export async function ask(
  questions: readonly Question[],
  input_series: readonly InputSeries[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-promtool-'));
  try {
    const expected = (labels: string) => [{ labels, value: 1 }];
    const promql_expr_test = questions.flatMap(({ expr, labels }) => [
      { expr: `count(${expr}) > bool 0`, eval_time: ASKED_AT, exp_samples: expected('{}') },
      ...labels.map((label) => ({
        // One series where all have the label, another one where some have not.
        expr: `count by (has) (label_replace(${expr}, "has", "it", "${label}", ".+")) > bool 0`,
        eval_time: ASKED_AT,
        exp_samples: expected('{has="it"}'),
      })),
    ]);
    for (const file of ['recording.yml', 'alerts.yml'])
      copyFileSync(join(PROMETHEUS_FOLDER, file), join(folder, file));
    const tests = [{ interval: '15s', input_series, promql_expr_test }];
    const rule_files = ['recording.yml', 'alerts.yml'];
    // JSON is YAML too.
    writeFileSync(
      join(folder, 'test.yml'),
      JSON.stringify({ rule_files, evaluation_interval: '15s', tests }),
    );
    const output = await promtool(['test', 'rules', 'test.yml'], folder);
    return output.startsWith('exit code') ? output : '';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
