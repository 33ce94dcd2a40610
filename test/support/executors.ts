/** Programs that take permits, as processes of their own: started by `startExecutors`, they do what executor-child.ts says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ExecutorTask {
  readonly url: string;
  readonly namespace: string;
  /** Connections, each of its own client. */
  readonly lanes: number;
  /** `follow`: each permit the stream of events tells of, until it is stopped. A number: permits `p0` to `p{count - 1}` by every lane. */
  readonly plans: 'follow' | number;
  /** Lanes that take with a plain `GETDEL`, counted from the last. */
  readonly plainLanes?: number;
  /** Takes underway at a time on a lane. */
  readonly window?: number;
  readonly seed?: number;
}

export interface ExecutorReport {
  /** Plans whose permit was had, by the lanes of the client and by the plain ones. */
  readonly taken: readonly string[];
  readonly plain: readonly string[];
  /** Refusals by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Takes whose outcome was unknown at first, and were tried again. */
  readonly retried: number;
  readonly tookMs: number;
}

const child = fileURLToPath(new URL('executor-child.ts', import.meta.url));
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const process of running) process.kill('SIGKILL');
});

export class Executor {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(task: ExecutorTask) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', child, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    running.add(this.#child);
    this.#child.once('close', () => running.delete(this.#child));
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Waits until every lane is connected. */
  async ready(): Promise<this> {
    await this.#line('ready');
    return this;
  }

  go(): void {
    this.#child.stdin!.write('go\n');
  }

  /** Ends one that follows; of another, waits for its end. */
  async report(): Promise<ExecutorReport> {
    this.#child.stdin!.end();
    const line = await this.#line('report ');
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    return JSON.parse(line.slice('report '.length)) as ExecutorReport;
  }

  async #line(start: string): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true || !next.value.startsWith(start))
      throw new Error(`an executor said ${String(next.value)} where ${start} was awaited`);
    return next.value;
  }
}

/** Several at once, all connected. */
export async function startExecutors(tasks: readonly ExecutorTask[]): Promise<Executor[]> {
  const executors = tasks.map((task) => new Executor(task));
  return await Promise.all(executors.map((executor) => executor.ready()));
}
