/**
 * Changes on their way to the disk. One is carried out only after it is there, in the order they came; those that come
 * while others are written share the next write.
 */
import { StoreError } from '../store.ts';
import { frameOf } from './frames.ts';
import type { JournalFile } from './journal-file.ts';

/** Characters of JSON that share a write, about. */
const BATCH_LENGTH = 4 << 20;

/** A change and whoever waits for its answer. */
interface Call {
  readonly text: string;
  readonly stampMs: number;
  readonly apply: () => void;
  readonly fail: (error: unknown) => void;
  /** `over`: it was answered before its turn came. */
  state: 'waiting' | 'writing' | 'over';
}

export interface JournalOptions {
  readonly file: JournalFile;
  /** A change that is not on the disk by then is answered with an error. */
  readonly deadlineMs: number;
  /** Runs between two writes, when everything written was carried out; may give another file to go on with. */
  readonly between: (file: JournalFile) => Promise<JournalFile>;
}

export class Journal {
  readonly #options: JournalOptions;
  #file: JournalFile;
  #waiting: Call[] = [];
  #writing: readonly Call[] = [];
  #running: Promise<void> | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#file = options.file;
  }

  get file(): JournalFile {
    return this.#file;
  }

  /** The stamp of the oldest change that is not carried out yet; null: all are. */
  get oldestMs(): number | null {
    return (this.#writing[0] ?? this.#waiting[0])?.stampMs ?? null;
  }

  /** Writes `text`, then carries out `apply` and answers with what it returns. */
  async add<Answer>(text: string, stampMs: number, apply: () => Answer): Promise<Answer> {
    return await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => this.#timeOut(call), this.#options.deadlineMs);
      const call: Call = {
        text,
        stampMs,
        state: 'waiting',
        apply: () => {
          clearTimeout(timer);
          try {
            resolve(apply());
          } catch (error) {
            call.fail(error);
          }
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      this.#waiting.push(call);
      this.#running ??= this.#run();
    });
  }

  /** Everything that was added is written or has failed. */
  async close(): Promise<void> {
    await this.#running;
    await this.#file.close();
  }

  async #run(): Promise<void> {
    // Whoever calls in the same turn shares the write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#writing = this.#take();
      await this.#write(this.#writing);
      this.#writing = [];
      this.#file = await this.#options.between(this.#file);
    }
    this.#running = null;
  }

  async #write(calls: readonly Call[]): Promise<void> {
    if (calls.length === 0) return;
    try {
      await this.#file.append(frameOf(`[${calls.map(({ text }) => text).join(',')}]`));
    } catch (error) {
      for (const call of calls) call.fail(error);
      return;
    }
    for (const call of calls) call.apply();
  }

  #take(): Call[] {
    const calls: Call[] = [];
    let length = 0;
    let count = 0;
    for (const call of this.#waiting) {
      if (length > 0 && length + call.text.length > BATCH_LENGTH) break;
      count++;
      if (call.state === 'over') continue;
      call.state = 'writing';
      calls.push(call);
      length += call.text.length;
    }
    this.#waiting = this.#waiting.slice(count);
    return calls;
  }

  /** What is being written may still be done; what was not begun never is. */
  #timeOut(call: Call): void {
    const { deadlineMs } = this.#options;
    if (call.state === 'writing') {
      const text = `the disk did not answer within ${deadlineMs} ms: the change may be done or not`;
      call.fail(new StoreError('unreachable', 'TIMEOUT', text));
      return;
    }
    call.state = 'over';
    const text = `the disk did not answer others within ${deadlineMs} ms: nothing was changed`;
    call.fail(new StoreError('refused', 'TIMEOUT', text));
  }
}
