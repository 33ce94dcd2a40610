/** A strict reader of the Prometheus text format (0.0.4), and `promtool check metrics`. */
import { spawn } from 'node:child_process';

export interface ParsedMetric {
  readonly type: string;
  readonly help: string;
  /** `name{label="value"}` as written → value. */
  readonly series: Map<string, number>;
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\n]|\\\\|\\n)+)$/;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|untyped)$/;
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n\r]|\\\\|\\"|\\n)+"`;
const SAMPLE = new RegExp(
  String.raw`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{${LABEL}(?:,${LABEL})*\})? (-?[0-9][0-9.e+-]*)$`,
);

/** Metric → its series. Throws where a line is none of the format, or a series comes twice. */
export function parsePrometheus(text: string): Map<string, ParsedMetric> {
  const metrics = new Map<string, ParsedMetric>();
  if (!text.endsWith('\n')) throw new Error('the text does not end with a line end');
  let current: { name: string; metric: ParsedMetric } | null = null;
  let help: RegExpExecArray | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const type = TYPE.exec(line);
    const sample = SAMPLE.exec(line);
    if (HELP.test(line)) help = HELP.exec(line);
    else if (type !== null) {
      if (help?.[1] !== type[1] || metrics.has(type[1]!)) throw new Error(`out of place: ${line}`);
      current = { name: type[1]!, metric: { type: type[2]!, help: help![2]!, series: new Map() } };
      metrics.set(current.name, current.metric);
    } else if (sample !== null) {
      const suffix = current?.metric.type === 'histogram' ? /^_(?:bucket|sum|count)$/ : /^$/;
      if (current === null || !suffix.test(sample[1]!.slice(current.name.length)))
        throw new Error(`out of place: ${line}`);
      const series = sample[1]! + (sample[2] ?? '');
      if (current.metric.series.has(series)) throw new Error(`twice: ${line}`);
      if (!Number.isFinite(Number(sample[3]))) throw new Error(`no number: ${line}`);
      current.metric.series.set(series, Number(sample[3]));
    } else throw new Error(`not of the format: ${JSON.stringify(line)}`);
  }
  return metrics;
}

/** What `promtool check metrics` complains about; empty: nothing. */
export function promtoolCheck(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tool = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    tool.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    tool.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    tool.on('error', (error) =>
      reject(new Error(`promtool cannot be run: install Debian's package prometheus (${error.message})`)),
    );
    tool.on('close', (code) => resolve(code === 0 ? output : `exit code ${code}: ${output}`));
    tool.stdin.on('error', reject);
    tool.stdin.end(text);
  });
}
