/** Asks the process that has a data folder to do something: a request in its folder, and the answer beside it. */
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { controlPath, fileText, placeFile, unlessGone } from './files.ts';
import type { ControlAnswer, ControlRequest } from './requests.ts';
import type { Clock } from '../../runtime/clock.ts';

export interface AskOptions {
  /** `control` in the data folder. */
  readonly folder: string;
  readonly clock: Clock;
  /** So long the process has to take the request, and then to answer it, milliseconds. */
  readonly takeMs: number;
  readonly answerMs: number;
}

const POLL_MS = 20;

/** Never tries twice. Rejects where the folder cannot be written. */
export async function askProcess(request: ControlRequest, options: AskOptions): Promise<ControlAnswer> {
  const { folder, clock } = options;
  const { signal } = new AbortController();
  const id = randomUUID();
  const [asked, taken, answer] = (['request', 'taken', 'answer'] as const).map((file) =>
    controlPath(folder, id, file),
  ) as [string, string, string];
  // Whoever takes requests makes the folder.
  const isPlaced = await unlessGone(placeFile(asked, JSON.stringify(request)).then(() => true));
  if (isPlaced === null)
    return { done: false, error: 'the process takes no commands, or has only just started' };
  const startMs = clock.monotonicMs();
  let limitMs = options.takeMs;
  let isTaken = false;
  for (;;) {
    const text = await fileText(answer);
    if (text !== null) {
      await rm(answer, { force: true });
      return JSON.parse(text) as ControlAnswer;
    }
    if (clock.monotonicMs() - startMs > limitMs) {
      if (isTaken)
        return { done: false, error: `the process took the request but has not answered in ${limitMs} ms` };
      // Taken back by its name: only one of both can have it.
      const back = await unlessGone(rename(asked, taken).then(() => true));
      if (back === null) {
        isTaken = true;
        limitMs += options.answerMs;
        continue;
      }
      await rm(taken, { force: true });
      return {
        done: false,
        error: `the process did not take the request within ${limitMs} ms; nothing was done`,
      };
    }
    await clock.sleep(POLL_MS, signal);
  }
}
