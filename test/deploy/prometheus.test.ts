/** A real Prometheus with the configuration of deploy/prometheus scrapes the real components and evaluates the rules. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { COMPONENTS } from '../../src/contract/components.ts';
import { exportPages, type ExportedPages } from '../support/deploy-pages.ts';
import { PROMETHEUS_FOLDER } from '../support/deploy-promtool.ts';
import { until } from '../support/live-process.ts';

interface Targets {
  readonly activeTargets: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly health: string;
    readonly lastError: string;
  }[];
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly name: string;
      readonly health: string;
      readonly lastError?: string;
    }[];
  }[];
}
interface Answer {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: [number, string];
  }[];
}

const DEADLINE_MS = 120_000;

it(
  'Prometheus scrapes every component within its limits, and has no trouble with a rule',
  { timeout: DEADLINE_MS },
  async () => {
    const exported = await exportPages();
    onTestFinished(exported.stop);
    const ask = await startPrometheus((config) => atPortsOf(exported, config));
    const components = [...exported.urls.keys()].toSorted();
    await until(
      'every target being up',
      async () => {
        const { activeTargets } = await ask<Targets>('targets');
        return activeTargets.length === components.length &&
          activeTargets.every(({ health }) => health === 'up')
          ? true
          : undefined;
      },
      20_000,
    );
    const { activeTargets } = await ask<Targets>('targets');
    expect(activeTargets.map(({ labels }) => labels['component'] ?? '').toSorted()).toEqual(components);

    const rules = await until(
      'every rule being evaluated',
      async () => {
        const { groups } = await ask<Rules>('rules');
        const all = groups.flatMap((group) => group.rules);
        return all.length > 30 && all.every(({ health }) => health !== 'unknown') ? all : undefined;
      },
      20_000,
    );
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const ticks = await until(
      'ticks being recorded',
      async () => {
        const { result } = await ask<Answer>('query?query=component:ballast_ticks:rate2m');
        return result.length === 5 && result.every(({ value }) => Number(value[1]) > 0) ? result : undefined;
      },
      20_000,
    );
    expect(ticks.map(({ metric }) => metric['component'] ?? '').toSorted()).toEqual(
      components.filter((name) => name !== 'governor'),
    );
  },
);

it('Prometheus refuses a page that is larger than a limit', { timeout: DEADLINE_MS }, async () => {
  const exported = await exportPages();
  onTestFinished(exported.stop);
  const ask = await startPrometheus((config) =>
    atPortsOf(exported, config).replace(/sample_limit: \d+/, 'sample_limit: 30'),
  );
  const refused = await until(
    'a target being down',
    async () => {
      const { activeTargets } = await ask<Targets>('targets');
      return activeTargets.find(
        ({ labels, health }) => labels['component'] === 'governor' && health === 'down',
      );
    },
    20_000,
  );
  expect(refused.lastError).toContain('sample limit exceeded');
});

/** The configuration at the ports of this process, every half second; the dashboard does not run here. */
function atPortsOf({ urls }: ExportedPages, config: string): string {
  let text = config
    .replace(/^ {6}# Where you run no dashboard[^]*$/m, '')
    .replaceAll('interval: 15s', 'interval: 500ms');
  text = text.replace('scrape_timeout: 10s', 'scrape_timeout: 400ms');
  for (const [component, url] of urls)
    text = text.replace(`127.0.0.1:${COMPONENTS[component].metricsPort}`, new URL(url).host);
  return text;
}

type Ask = <T>(path: string) => Promise<T>;

/** Ends with the test. */
async function startPrometheus(change: (config: string) => string): Promise<Ask> {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-prometheus-'));
  for (const file of ['recording.yml', 'alerts.yml'])
    copyFileSync(join(PROMETHEUS_FOLDER, file), join(folder, file));
  const config = readFileSync(join(PROMETHEUS_FOLDER, 'prometheus.yml'), 'utf8');
  writeFileSync(join(folder, 'prometheus.yml'), change(config));
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn(
    'prometheus',
    [
      '--config.file=prometheus.yml',
      `--web.listen-address=${address}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`prometheus cannot be run: install Debian's package prometheus (${error.message})`)),
    );
    server.once('close', () => resolve());
  });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const ready = until(
    'Prometheus being ready',
    async () => {
      if (server.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
      const answer = await fetch(`http://${address}/-/ready`).catch((error: unknown) => String(error));
      return typeof answer !== 'string' && answer.ok ? true : undefined;
    },
    20_000,
    () => `\n${said}`,
  );
  await Promise.race([ready, ended.then(() => ready)]);
  return async <T>(path: string) => {
    const answer = (await (await fetch(`http://${address}/api/v1/${path}`)).json()) as { data: T };
    return answer.data;
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
