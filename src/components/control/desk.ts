/**
 * Takes operators' requests in a process whose data folder nobody else can open. A request is taken once, by renaming its
 * file; one that was there before the process, or is older than ten seconds, is never done: an old command is no command.
 */
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { controlPath, FOLDER_MODE, fileText, placeFile, requestId, unlessGone } from './files.ts';
import { MAX_REQUEST_BYTES, parseRequest, type ControlAnswer, type Operation } from './requests.ts';
import type { Clock } from '../../runtime/clock.ts';

export interface ControlDeskOptions {
  /** `control` in the data folder; made where it is not there. */
  readonly folder: string;
  readonly namespace: string;
  /** Does what is asked and returns a report that is JSON; what it throws is answered in its own words. */
  readonly perform: (operation: Operation, signal: AbortSignal) => Promise<unknown>;
  readonly clock: Clock;
  /** The wall clock, as files' times are of it. */
  readonly nowMs?: () => number;
  /** A line for the log: what was asked and what became of it, and what is wrong with the folder. */
  readonly onState: (what: string) => void;
}

const POLL_MS = 100;
/** Asked for again and again, and not worth a line. */
const CHANGES_NOTHING: ReadonlySet<Operation['command']> = new Set(['trading', 'explain']);
/** An older request is not done. */
export const REQUEST_MAX_AGE_MS = 10_000;
/** Whoever asked is gone by then. */
const ANSWER_LIFE_MS = 60_000;

export class ControlDesk {
  readonly #options: ControlDeskOptions;
  readonly #nowMs: () => number;
  /** A request that takes long holds up none after it: the kill switch least of all. */
  readonly #underway = new Set<Promise<void>>();
  #trouble = '';

  constructor(options: ControlDeskOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** Runs until `signal` aborts; what is underway then is waited for. */
  async run(signal: AbortSignal): Promise<void> {
    const { folder, clock } = this.#options;
    let isClean = false;
    while (!signal.aborted) {
      try {
        if (!isClean) await this.#begin();
        isClean = true;
        await this.#poll(signal);
        this.#say('');
      } catch (error) {
        isClean = false;
        this.#say(`operators' commands cannot be read from ${folder}: ${textOf(error)}`);
      }
      await clock.sleep(POLL_MS, signal);
    }
    await Promise.all(this.#underway);
  }

  /** What was asked of an earlier process is answered, and not done. */
  async #begin(): Promise<void> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await chmod(folder, FOLDER_MODE);
    for (const name of await readdir(folder)) {
      const id = requestId(name);
      if (id === null) continue;
      await rm(join(folder, name), { force: true });
      await this.#answer(id, refusal('the process has only just started; nothing was done, ask again'));
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { folder } = this.#options;
    for (const name of (await readdir(folder)).toSorted()) {
      const id = requestId(name);
      if (id === null) {
        await this.#removeOld(name);
        continue;
      }
      const taken = controlPath(folder, id, 'taken');
      const found = await unlessGone(stat(join(folder, name)));
      // Whoever asked may take it back: then it was not taken.
      if (found === null || (await unlessGone(rename(join(folder, name), taken).then(() => true))) === null)
        continue;
      const work = this.#handle(id, found.mtimeMs, found.size, signal).finally(() =>
        this.#underway.delete(work),
      );
      this.#underway.add(work);
    }
  }

  /** Never rejects. */
  async #handle(id: string, writtenMs: number, bytes: number, signal: AbortSignal): Promise<void> {
    const taken = controlPath(this.#options.folder, id, 'taken');
    try {
      const answer = await this.#answerTo(taken, writtenMs, bytes, signal);
      await this.#answer(id, answer);
      await rm(taken, { force: true });
    } catch (error) {
      this.#options.onState(`the answer to an operator's command was not written: ${textOf(error)}`);
    }
  }

  async #answerTo(
    taken: string,
    writtenMs: number,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ControlAnswer> {
    const ageMs = this.#nowMs() - writtenMs;
    if (Math.abs(ageMs) > REQUEST_MAX_AGE_MS)
      return refusal(`the request is ${Math.round(ageMs / 1000)} s old; nothing was done, ask again`);
    if (bytes > MAX_REQUEST_BYTES) return refusal(`the request has ${bytes} bytes; nothing was done`);
    const { request, problem } = parseRequest((await fileText(taken)) ?? '');
    if (request === null) return refusal(problem);
    const { namespace, perform, onState } = this.#options;
    if (request.namespace !== namespace)
      return refusal(`the process runs the namespace ${namespace}, not ${request.namespace}`);
    const { command } = request.operation;
    try {
      const report = await perform(request.operation, signal);
      if (!CHANGES_NOTHING.has(command)) onState(`${command}: done as an operator asked`);
      return { done: true, report };
    } catch (error) {
      onState(`${command}: an operator asked for it, and it failed: ${textOf(error)}`);
      return refusal(textOf(error));
    }
  }

  async #answer(id: string, answer: ControlAnswer): Promise<void> {
    await placeFile(controlPath(this.#options.folder, id, 'answer'), JSON.stringify(answer));
  }

  /** Answers nobody fetched, drafts of someone who died. */
  async #removeOld(name: string): Promise<void> {
    const path = join(this.#options.folder, name);
    const found = await unlessGone(stat(path));
    if (found?.isFile() === true && this.#nowMs() - found.mtimeMs >= ANSWER_LIFE_MS)
      await rm(path, { force: true });
  }

  #say(trouble: string): void {
    if (trouble !== this.#trouble && trouble !== '') this.#options.onState(trouble);
    this.#trouble = trouble;
  }
}

function refusal(error: string): ControlAnswer {
  return { done: false, error };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
