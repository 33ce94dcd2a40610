/** `ballast up` and `ballast run` as processes of their own, as operators meet them: log lines, pages, signals and their end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE_COMPONENTS, type LiveComponent } from '../../src/components/declarations.ts';
import { parsePrometheus } from './prometheus-text.ts';
import type { ComponentHealth } from '../../src/components/watch/health.ts';

export interface LiveOptions {
  /** The built program (`buildProgram`). */
  readonly main: string;
  /** The command line without settings: `['up']` unless given. */
  readonly words?: readonly string[];
  /** Null or absent: the embedded store. */
  readonly url?: string | null;
  readonly namespace?: string;
  /** Settings; every port is the system's to choose unless one is set here. */
  readonly sets?: Readonly<Record<string, string | number>>;
  /** Where it runs; a folder of its own unless given. */
  readonly folder?: string;
}

export interface LogLine {
  readonly level: string;
  readonly service: string;
  readonly msg: string;
  readonly time: string;
  readonly url?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A tick of every component each second. */
export const EVERY_SECOND = {
  P28_INTERVAL_SEC: 1,
  P29_INTERVAL_SEC: 1,
  P30_INTERVAL_SEC: 1,
  P31_LOOP_SEC: 1,
  LOOP_INTERVAL_SEC: 1,
};
export const ALL_ENFORCE = {
  P28_MODE: 'enforce',
  P29_MODE: 'enforce',
  P30_MODE: 'enforce',
  P31_MODE: 'enforce',
};
const FREE_PORTS = {
  P28_METRICS_PORT: 0,
  P29_METRICS_PORT: 0,
  P30_METRICS_PORT: 0,
  P31_METRICS_PORT: 0,
  PROPOSER_METRICS_PORT: 0,
  GOV_METRICS_PORT: 0,
  DASHBOARD_METRICS_PORT: 0,
};

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts one. What still runs when a file's tests are over is to be ended by `endLives`. */
export function startLive(options: LiveOptions): LiveProcess {
  return new LiveProcess(options);
}

/** For `afterAll`: tests of a file run side by side, so that no end of a test is the end of all processes. */
export async function endLives(): Promise<void> {
  const ends = [...running].map(
    (child) =>
      new Promise((resolve) => {
        child.once('close', resolve);
        child.kill('SIGKILL');
      }),
  );
  await Promise.all(ends);
}

export class LiveProcess {
  readonly lines: LogLine[] = [];
  /** Resolves when it is gone. */
  readonly ended: Promise<Ended>;
  readonly components: readonly LiveComponent[];
  readonly #child: ChildProcess;
  readonly #startedMs = performance.now();
  #errors = '';
  #rest = '';

  constructor({ main, words = ['up'], url = null, namespace, sets = {}, folder }: LiveOptions) {
    const [command, component] = words;
    this.components =
      command === 'run' ? LIVE_COMPONENTS.filter((name) => name === component) : LIVE_COMPONENTS;
    const all = {
      ...FREE_PORTS,
      ...(namespace === undefined ? {} : { BALLAST_NAMESPACE: namespace }),
      ...sets,
    };
    const settings = Object.entries(all).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const cwd = folder ?? newFolder();
    const { PATH } = process.env;
    this.#child = spawn(process.execPath, [main, ...words, ...settings], {
      cwd,
      env: { PATH, ...(url === null ? {} : { REDIS_URL: url }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        running.delete(this.#child);
        if (folder === undefined) rmSync(cwd, { recursive: true, force: true });
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it wrote to standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Sends a signal; waits for the end where it means one. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended> {
    this.#child.kill(signal);
    return this.ended;
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Texts of the lines so far, `level service: message`. */
  said(): string[] {
    return this.lines.map(({ level, service, msg }) => `${level} ${service}: ${msg}`);
  }

  /** The first line that matches, now or later. */
  untilSaid(pattern: RegExp, limitMs = 10_000): Promise<LogLine> {
    return this.#until(`a line like ${String(pattern)}`, limitMs, () =>
      Promise.resolve(this.lines.find(({ msg }) => pattern.test(msg))),
    );
  }

  /** Waits until every component says it is ready; returns how long that took since the process was started. */
  async untilReady(limitMs = 15_000): Promise<number> {
    for (const component of this.components)
      await this.#until(`${component} being ready`, limitMs, async () => {
        const { status } = await this.#fetch(component, 'ready');
        return status === 200 ? true : undefined;
      });
    return performance.now() - this.#startedMs;
  }

  /** Waits until its health is as `isRight` says. */
  untilHealth(
    what: string,
    component: LiveComponent,
    isRight: (health: ComponentHealth) => boolean,
    limitMs = 10_000,
  ): Promise<ComponentHealth> {
    return this.#until(what, limitMs, async () => {
      const health = await this.health(component);
      return isRight(health) ? health : undefined;
    });
  }

  async health(component: LiveComponent): Promise<ComponentHealth> {
    const answer = await this.#fetch(component, 'health');
    return (await answer.json()) as ComponentHealth;
  }

  async isReady(component: LiveComponent): Promise<boolean> {
    return (await this.#fetch(component, 'ready')).status === 200;
  }

  /** The series of one metric: labels as written → value. */
  async metric(component: LiveComponent, name: string): Promise<Map<string, number>> {
    const answer = await this.#fetch(component, 'metrics');
    const series = parsePrometheus(await answer.text()).get(name)?.series ?? new Map<string, number>();
    return new Map([...series].map(([key, value]) => [key.slice(name.length), value]));
  }

  async #fetch(component: LiveComponent, page: string): Promise<Response> {
    const serving = await this.#until(`${component} serving its pages`, 10_000, () =>
      Promise.resolve(
        this.lines.find((line) => line.service === component && line.msg.startsWith('serving http')),
      ),
    );
    return fetch(`${serving.url}/${page}`);
  }

  #until<T>(what: string, limitMs: number, look: () => Promise<T | undefined>): Promise<T> {
    return until(what, look, limitMs, () => {
      if (this.#child.exitCode === null && this.#child.signalCode === null) return this.#account();
      throw new Error(`the process ended while this waited for ${what}${this.#account()}`);
    });
  }

  #account(): string {
    return `\n${this.said().slice(-30).join('\n')}\n${this.#errors}`;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('{')) this.lines.push(JSON.parse(line) as LogLine);
  }
}

/** Looks until there is something; rejects with `account` after `limitMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  limitMs = 10_000,
  account: () => string = () => '',
): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const said = account();
    if (performance.now() - startMs > limitMs)
      throw new Error(`waited ${limitMs} ms in vain for ${what}${said}`);
    await sleep(20);
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ballast-live-'));
}
