/** `npm run bench`: measures everything and writes bench/results.md. */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { measureLive } from './live.ts';
import { measure, type Measured } from './measure.ts';
import { measurePermits } from './permits.ts';
import { benchTasks } from './tasks.ts';

const ROUNDS = 5;

using tasks = benchTasks(1);
const before = loadavg()[0]!;
const measured: Measured[] = [];
for (const make of tasks.all) {
  const result = measure(make(), ROUNDS);
  measured.push(result);
  console.log(rowOf(result));
}
const live = [...(await measureLive(1)), ...(await measurePermits(1))];
for (const { what, figure, beside } of live) console.log(`| ${what} | ${figure} | ${beside} |`);
const text = `# Benchmark results

Written by \`npm run bench\`. Medians of ${ROUNDS} rounds; a task and its limit take turns, so compare ratios, not absolute
figures. Node ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'},
load before ${before.toFixed(2)}, after ${loadavg()[0]!.toFixed(2)}.

| what | a second | limit measured beside it | ratio | one round | peak memory | goal |
|---|---|---|---|---|---|---|
${measured.map(rowOf).join('\n')}

Live, on a redis-server 7.0 of its own (no persistence, loopback), every component in one process and in enforce:

| what | figure | beside it | goal |
|---|---|---|---|
${live.map(({ what, figure, beside, goal }) => `| ${what} | ${figure} | ${beside} | ${goal} |`).join('\n')}
`;
writeFileSync(fileURLToPath(new URL('results.md', import.meta.url)), text);

function rowOf(result: Measured): string {
  const limit = `${result.limitName}: ${whole(result.limitRate)}`;
  const ratio = result.ratio.toPrecision(2);
  const memory = result.peakMb === null ? '-' : `${whole(result.peakMb)} MB`;
  return `| ${result.name} | ${whole(result.rate)} ${result.unit} | ${limit} | ${ratio} | ${result.seconds.toFixed(3)} s | ${memory} | ${result.goal} |`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
