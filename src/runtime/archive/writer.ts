/**
 * Lines into compressed daily files, `FOLDER/YYYY-MM-DD/NAME.STARTED[.N].jsonl.gz`, without ever making the caller wait:
 * lines queue in memory and are written beside it. Where the disk cannot keep up, lines past the bound are dropped,
 * counted, and a line says where they are missing.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskFiles, type ArchiveFiles } from './files.ts';
import { GzipFile } from './gzip-file.ts';

/** `waiting`: a write failed and is tried again, nothing is lost yet. `dropping`: the queue is full. */
export type ArchiveState = 'ok' | 'waiting' | 'dropping';

export interface ArchiveStatus {
  readonly state: ArchiveState;
  readonly linesWritten: number;
  readonly linesLost: number;
  readonly queuedBytes: number;
  /** Why the last write failed; null: none did. */
  readonly lastError: string | null;
  /** The newest file; null: none yet. */
  readonly path: string | null;
}

export interface Archive {
  /** Adds a line to the file of a day (`2026-11-21`); another day than the last line's begins a new file. Never throws, never waits. */
  write(day: string, line: string): void;
  readonly linesLost: number;
  readonly state: ArchiveState;
  readonly status: ArchiveStatus;
  /** Writes what is queued, for a second at most. */
  close(): Promise<void>;
}

export interface ArchiveOptions {
  readonly folder: string;
  /** What is recorded: a component, or `up`. */
  readonly name: string;
  /** When the process started, Unix milliseconds: no two of its files share a name. */
  readonly startedMs: number;
  /** Called when `state` changes, not for every line. */
  readonly onChange: (status: ArchiveStatus) => void;
  readonly maxQueuedBytes?: number;
  readonly flushMs?: number;
  readonly files?: ArchiveFiles;
}

export const MISSING_LINE = 'missing';
export const END_LINE = 'end';

const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
const FLUSH_MS = 2000;
const RETRY_MS = 1000;
const CLOSE_MS = 1000;
/** So much is compressed at a time. */
const BATCH_BYTES = 256 * 1024;

export function openArchive(options: ArchiveOptions): Archive {
  return new DailyArchive(options);
}

interface Batch {
  readonly day: string;
  readonly lines: string[];
  bytes: number;
  isStaged: boolean;
}

class DailyArchive implements Archive {
  readonly #options: ArchiveOptions;
  readonly #files: ArchiveFiles;
  readonly #maxBytes: number;
  readonly #batches: Batch[] = [];
  #file: { readonly day: string; readonly gzip: GzipFile; isEnding: boolean } | null = null;
  #path: string | null = null;
  #queuedBytes = 0;
  #linesWritten = 0;
  #linesLost = 0;
  /** Lines dropped since the last one that was taken. */
  #gap = 0;
  #isDropping = false;
  #isFailing = false;
  #isClosed = false;
  #hasGivenUp = false;
  #lastError: string | null = null;
  #said: ArchiveState = 'ok';
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  readonly #closing = new AbortController();

  constructor(options: ArchiveOptions) {
    this.#options = options;
    this.#files = options.files ?? diskFiles;
    this.#maxBytes = options.maxQueuedBytes ?? MAX_QUEUED_BYTES;
  }

  get linesLost(): number {
    return this.#linesLost;
  }

  get state(): ArchiveState {
    return this.#isDropping ? 'dropping' : this.#isFailing ? 'waiting' : 'ok';
  }

  get status(): ArchiveStatus {
    return {
      state: this.state,
      linesWritten: this.#linesWritten,
      linesLost: this.#linesLost,
      queuedBytes: this.#queuedBytes,
      lastError: this.#lastError,
      path: this.#path,
    };
  }

  write(day: string, line: string): void {
    const bytes = line.length + 1;
    if (this.#isClosed || this.#isDropping || this.#queuedBytes + bytes > this.#maxBytes) {
      this.#linesLost++;
      this.#gap++;
      this.#isDropping ||= !this.#isClosed;
      this.#say();
      return;
    }
    this.#pushGap(day);
    this.#push(day, line, bytes);
    this.#schedule();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const last = this.#batches.at(-1)?.day ?? this.#file?.day;
    if (last !== undefined) this.#pushGap(last);
    this.#closing.abort();
    const deadline = new AbortController();
    const isDone = await Promise.race([
      this.#finish(),
      sleep(CLOSE_MS, false, { signal: deadline.signal }).catch(() => false),
    ]);
    deadline.abort();
    this.#hasGivenUp = true;
    if (isDone) return;
    for (const { lines } of this.#batches) this.#linesLost += lines.length;
  }

  #pushGap(day: string): void {
    if (this.#gap === 0) return;
    const line = `{"type":"${MISSING_LINE}","lines":${this.#gap}}`;
    this.#gap = 0;
    this.#push(day, line, line.length + 1);
  }

  #push(day: string, line: string, bytes: number): void {
    this.#queuedBytes += bytes;
    const last = this.#batches.at(-1);
    if (last !== undefined && last.day === day && !last.isStaged && last.bytes < BATCH_BYTES) {
      last.lines.push(line);
      last.bytes += bytes;
    } else this.#batches.push({ day, lines: [line], bytes, isStaged: false });
  }

  #schedule(): void {
    if (this.#running !== null || this.#isClosed) return;
    if (this.#queuedBytes >= BATCH_BYTES) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), this.#options.flushMs ?? FLUSH_MS).unref();
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#batches.length > 0) this.#schedule();
    });
  }

  /** Writes what is queued now; what comes meanwhile waits for the next time. */
  async #run(): Promise<void> {
    for (let left = this.#batches.length; left > 0 && !this.#hasGivenUp; left--) {
      const batch = this.#batches[0]!;
      if (!(await this.#tryUntilDone(() => this.#put(batch)))) return;
      this.#batches.shift();
      this.#queuedBytes -= batch.bytes;
      this.#linesWritten += batch.lines.length;
      if (this.#queuedBytes <= this.#maxBytes / 2) this.#isDropping = false;
      this.#say();
    }
  }

  async #finish(): Promise<boolean> {
    if (this.#running !== null) await this.#running;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#run();
    return this.#tryUntilDone(() => this.#endFile());
  }

  /** Tries again and again; false once it is given up. */
  async #tryUntilDone(work: () => Promise<void>): Promise<boolean> {
    while (!this.#hasGivenUp) {
      try {
        await work();
        this.#isFailing = false;
        return true;
      } catch (error) {
        this.#lastError = (error as Error).message;
        this.#isFailing = true;
        this.#say();
        await this.#pause();
      }
    }
    return false;
  }

  /** Until the next try; a process that stops does not wait for all of it. */
  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) await sleep(RETRY_MS / 10, undefined, { ref: false });
    else await sleep(RETRY_MS, undefined, { ref: false, signal }).catch(() => undefined);
  }

  async #put(batch: Batch): Promise<void> {
    if (this.#file?.day !== batch.day) {
      await this.#endFile();
      this.#file = { day: batch.day, gzip: await this.#create(batch.day), isEnding: false };
    }
    const { gzip } = this.#file;
    if (!batch.isStaged) {
      batch.isStaged = true;
      await gzip.stage(`${batch.lines.join('\n')}\n`);
    }
    await gzip.flush();
  }

  async #endFile(): Promise<void> {
    if (this.#file === null) return;
    const { gzip } = this.#file;
    if (!this.#file.isEnding) {
      this.#file.isEnding = true;
      await gzip.stage(`{"type":"${END_LINE}"}\n`);
      gzip.stageEnd();
    }
    await gzip.flush();
    await gzip.close();
    this.#file = null;
  }

  /** The first name that is free: a day may come again when a clock is set back. */
  async #create(day: string): Promise<GzipFile> {
    const { folder, name, startedMs } = this.#options;
    for (let n = 1; ; n++) {
      const path = join(folder, day, `${name}.${startedMs}${n === 1 ? '' : `.${n}`}.jsonl.gz`);
      try {
        const file = await this.#files.create(path);
        this.#path = path;
        return new GzipFile(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  #say(): void {
    if (this.state === this.#said) return;
    this.#said = this.state;
    this.#options.onChange(this.status);
  }
}
