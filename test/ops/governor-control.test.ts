/** Operators' requests to a process that has its data folder to itself: taken once, never late, never fatal. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askProcess } from '../../src/components/control/ask.ts';
import { cleanText } from '../../src/components/control/clean-text.ts';
import { ControlDesk, REQUEST_MAX_AGE_MS } from '../../src/components/control/desk.ts';
import { CONTROL_FOLDER, controlPath, fileText } from '../../src/components/control/files.ts';
import { parseRequest, type ControlAnswer, type Operation } from '../../src/components/control/requests.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { scratchFolder } from '../support/cli.ts';

const KILL = { command: 'kill', state: 'HALTED', reason: 'x', by: null } as const satisfies Operation;

interface Desk {
  readonly folder: string;
  /** What it was asked to do, in turn. */
  readonly done: Operation[];
  readonly said: string[];
  readonly ask: (operation?: Operation, namespace?: string) => Promise<ControlAnswer>;
  /** Puts a request there by hand and waits for the answer. */
  readonly put: (id: string, text: string, ageMs?: number) => Promise<ControlAnswer>;
  readonly start: () => void;
}

/** Ends with the test. */
function deskIn(perform: (operation: Operation) => Promise<unknown> = async () => 'done'): Desk {
  const folder = join(scratchFolder(), CONTROL_FOLDER);
  const [done, said]: [Operation[], string[]] = [[], []];
  const stop = new AbortController();
  const desk = new ControlDesk({
    folder,
    namespace: 'q',
    clock: systemClock,
    perform: async (operation) => {
      done.push(operation);
      return operation.command === 'trading' ? null : await perform(operation);
    },
    onState: (what) => said.push(what),
  });
  const answerTo = async (id: string): Promise<ControlAnswer> => {
    await expect.poll(() => existsSync(controlPath(folder, id, 'answer')), { timeout: 5000 }).toBe(true);
    return JSON.parse((await fileText(controlPath(folder, id, 'answer')))!) as ControlAnswer;
  };
  return {
    folder,
    done,
    said,
    ask: async (operation = KILL, namespace = 'q') => {
      const options = { folder, clock: systemClock, takeMs: 5000, answerMs: 5000 };
      return await askProcess({ namespace, operation }, options);
    },
    put: async (id, text, ageMs = 0) => {
      mkdirSync(folder, { recursive: true });
      const path = controlPath(folder, id, 'request');
      writeFileSync(`${path}.draft`, text);
      const sec = (Date.now() - ageMs) / 1000;
      utimesSync(`${path}.draft`, sec, sec);
      renameSync(`${path}.draft`, path);
      return await answerTo(id);
    },
    start: () => {
      const running = desk.run(stop.signal);
      onTestFinished(async () => {
        stop.abort();
        await running;
      });
    },
  };
}

async function started(perform?: (operation: Operation) => Promise<unknown>): Promise<Desk> {
  const desk = deskIn(perform);
  desk.start();
  // What comes before it has looked around is not done.
  await expect.poll(async () => (await desk.ask({ command: 'trading' })).done, { timeout: 5000 }).toBe(true);
  desk.done.length = 0;
  return desk;
}

const request = (operation: unknown, namespace = 'q'): string => JSON.stringify({ namespace, operation });

describe('a request', () => {
  it('is done once, answered, and leaves no file', async () => {
    const desk = await started(async ({ command }) => ({ command, voided: 3 }));
    expect(await desk.ask()).toEqual({ done: true, report: { command: 'kill', voided: 3 } });
    expect(desk.done).toEqual([KILL]);
    expect(desk.said).toEqual(['kill: done as an operator asked']);
    await expect.poll(() => readdirSync(desk.folder)).toEqual([]);
  });

  it('that fails is answered in its own words, and the next is done', async () => {
    let isFirst = true;
    const desk = await started(async () => {
      if (!isFirst) return 'well';
      isFirst = false;
      throw new Error('the disk is full');
    });
    expect(await desk.ask()).toEqual({ done: false, error: 'the disk is full' });
    expect(await desk.ask()).toEqual({ done: true, report: 'well' });
  });

  it('that takes long holds up none after it', async () => {
    let finish: (value: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => (finish = resolve));
    const desk = await started(async ({ command }) => (command === 'drill' ? await slow : 'killed'));
    const drilled = desk.ask({ command: 'drill' });
    await expect.poll(() => desk.done.length, { timeout: 5000 }).toBe(1);
    expect(await desk.ask()).toEqual({ done: true, report: 'killed' });
    finish('drilled');
    expect(await drilled).toEqual({ done: true, report: 'drilled' });
  });

  it('of another namespace is not done', async () => {
    const desk = await started();
    expect(await desk.ask(KILL, 'other')).toEqual({
      done: false,
      error: 'the process runs the namespace q, not other',
    });
    expect(desk.done).toEqual([]);
  });

  it.each([
    ['no JSON', '{', 'is no JSON'],
    ['nothing', 'null', 'cannot be read'],
    ['an unknown command', request({ command: 'sell' }), 'cannot be read: operation.command'],
    ['an unknown state', request({ ...KILL, state: 'OFF' }), 'operation.state'],
    ['a field too many', request({ ...KILL, force: true }), 'cannot be read'],
    ['no reason', request({ ...KILL, reason: ' \n' }), 'operation.reason: says nothing'],
    ['no name to re-arm', request({ command: 'rearm', symbol: null, reason: 'x' }), 'operation.by'],
    ['a whole book', request({ ...KILL, reason: 'x'.repeat(20_000) }), 'bytes; nothing was done'],
  ])('that is %s is answered, and nothing is done', async (_what, text, error) => {
    const desk = await started();
    const answer = await desk.put('by-hand', text);
    expect(answer).toEqual({ done: false, error: expect.stringContaining(error) as string });
    expect(desk.done).toEqual([]);
  });

  it.each([REQUEST_MAX_AGE_MS + 5000, -REQUEST_MAX_AGE_MS - 5000])(
    'written %d ms ago is not done any more',
    async (ageMs) => {
      const desk = await started();
      const answer = await desk.put('old', request(KILL), ageMs);
      expect(answer).toEqual({
        done: false,
        error: expect.stringMatching(/s old; nothing was done/) as string,
      });
      expect(desk.done).toEqual([]);
    },
  );

  it('that was there before the process is not done', async () => {
    const desk = deskIn();
    const waiting = desk.put('earlier', request(KILL));
    desk.start();
    expect(await waiting).toEqual({
      done: false,
      error: expect.stringContaining('only just started') as string,
    });
    expect(desk.done).toEqual([]);
  });

  it('has a file nobody else may read, in a folder nobody else may list', async () => {
    const desk = deskIn();
    mkdirSync(desk.folder, { recursive: true });
    chmodSync(desk.folder, 0o777);
    const asked = askProcess(
      { namespace: 'q', operation: KILL },
      { folder: desk.folder, clock: systemClock, takeMs: 200, answerMs: 1 },
    );
    await expect.poll(() => readdirSync(desk.folder).length).toBe(1);
    const [name] = readdirSync(desk.folder);
    expect(statSync(join(desk.folder, name!)).mode & 0o777).toBe(0o600);
    await asked;
    desk.start();
    await expect.poll(() => statSync(desk.folder).mode & 0o777, { timeout: 5000 }).toBe(0o700);
  });

  it('is done again once a folder that went away is there again', async () => {
    const desk = await started();
    rmSync(desk.folder, { recursive: true });
    await expect.poll(async () => (await desk.ask()).done, { timeout: 5000 }).toBe(true);
    expect(desk.said.filter((line) => line.includes('cannot be read')).length).toBeLessThanOrEqual(1);
  });

  it('removes answers nobody fetched, and leaves fresh ones', async () => {
    const desk = deskIn();
    mkdirSync(desk.folder, { recursive: true });
    for (const [id, ageSec] of [
      ['old', 61],
      ['new', 0],
    ] as const) {
      const path = controlPath(desk.folder, id, 'answer');
      writeFileSync(path, '{}');
      utimesSync(path, Date.now() / 1000 - ageSec, Date.now() / 1000 - ageSec);
    }
    desk.start();
    await expect.poll(() => readdirSync(desk.folder), { timeout: 5000 }).toEqual(['new.answer.json']);
  });
});

describe('whoever asks', () => {
  const ask = (folder: string) =>
    askProcess({ namespace: 'q', operation: KILL }, { folder, clock: systemClock, takeMs: 50, answerMs: 50 });

  it('takes the request back where nobody takes it', async () => {
    const folder = scratchFolder();
    expect(await ask(folder)).toEqual({
      done: false,
      error: expect.stringContaining('nothing was done') as string,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says so where the process takes none', async () => {
    expect(await ask(join(scratchFolder(), 'none'))).toMatchObject({ done: false });
  });

  it('does not say that nothing was done where the process took it and fell silent', async () => {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const desk = await started(() => systemClock.sleep(60_000, stop.signal));
    const options = { folder: desk.folder, clock: systemClock, takeMs: 2000, answerMs: 50 };
    expect(await askProcess({ namespace: 'q', operation: KILL }, options)).toEqual({
      done: false,
      error: expect.stringContaining('took the request') as string,
    });
    stop.abort();
  });
});

describe('names and reasons', () => {
  it.each([
    ['  two\n lines\t', 'two lines'],
    ['\u001b[31mred\u0007', '[31mred'],
    ['a\u202eb', 'a b'],
    ['\u0000\n', ''],
    ['x'.repeat(30), 'x'.repeat(20)],
    ['💥'.repeat(30), '💥'.repeat(20)],
  ])('%j is %j', (text, clean) => {
    expect(cleanText(text, 20)).toBe(clean);
  });

  it('are cleaned in a request, whoever wrote it', () => {
    const { request: read } = parseRequest(request({ ...KILL, reason: 'a\u001bb'.repeat(500), by: ' ann ' }));
    expect(read!.operation).toMatchObject({
      by: 'ann',
      reason: expect.stringMatching(/^[ab ]{1,300}$/) as string,
    });
  });
});
