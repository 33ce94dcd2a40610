/**
 * An operator's command on whatever holds the deployment: Redis, a data folder nobody has, or the process that has it to
 * itself, which is asked.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askProcess } from '../components/control/ask.ts';
import { CONTROL_FOLDER } from '../components/control/files.ts';
import { OperatorError, type Deployment, type Scratch } from '../ops/governor/operation.ts';
import { perform, type Reports } from '../ops/governor/perform.ts';
import { removeNamespace } from '../ops/governor/drill.ts';
import { systemClock } from '../runtime/clock.ts';
import { redisUrl } from '../contract/runtime-settings.ts';
import { InputError } from '../replay/formats/format.ts';
import { loadLiveSettings } from './load-settings.ts';
import { openReportStore, readingFrom } from './report-store.ts';
import { stopSignal } from './stop-signal.ts';
import type { Operation } from '../components/control/requests.ts';
import type { RuntimeSettings } from '../contract/runtime-settings.ts';
import type { ResolvedSettings } from '../runtime/settings/gather.ts';
import type { Terminal } from './terminal.ts';

export interface OperatorFlags {
  readonly data?: string;
  readonly set?: readonly string[];
  readonly json?: true;
}

export type DeploymentSettings = Pick<
  Extract<ResolvedSettings, { violations: readonly [] }>,
  'settings' | 'runtime' | 'aliases'
>;

/** A process that has the folder to itself looks for requests ten times a second. */
const TAKE_MS = 3000;
/** Longer than any command may wait for the governor. */
const ANSWER_MS: Readonly<Record<Operation['command'], number>> = {
  kill: 3000,
  rearm: 3000,
  flatten: 60_000,
  drill: 60_000,
  trading: 500,
  explain: 10_000,
};

/** Rejects with `InputError`, in one line, where it was not done. */
export async function operate<Command extends keyof Reports>(
  operation: Operation & { readonly command: Command },
  flags: OperatorFlags,
  terminal: Terminal,
): Promise<Reports[Command]> {
  const resolved = await loadLiveSettings(flags.set, terminal);
  const opened = await openReportStore(resolved.runtime, flags.data, terminal.folder);
  if (opened.store === null) {
    if (opened.folder === null) throw new InputError(opened.why);
    const answer = await askFolder(opened.folder, resolved.runtime.BALLAST_NAMESPACE, operation, TAKE_MS);
    if (!answer.done) throw new InputError(`${opened.why}; asked, it says: ${answer.error}`);
    return answer.report as Reports[Command];
  }
  await using store = opened.store;
  const { signal, dispose } = stopSignal(() => undefined);
  try {
    const deployment = { ...deploymentOf(resolved, flags.data), store };
    return (await readingFrom(() => perform(deployment, operation, signal))) as Reports[Command];
  } catch (error) {
    if (error instanceof OperatorError) throw new InputError(error.message, { cause: error });
    throw error;
  } finally {
    dispose();
  }
}

/** What a command works with besides the store; the process that is asked works with its own. */
export function deploymentOf(
  resolved: DeploymentSettings,
  data: string | undefined,
): Omit<Deployment, 'store'> {
  const { settings, runtime, aliases } = resolved;
  return {
    namespace: runtime.BALLAST_NAMESPACE,
    settings,
    aliases,
    openScratch: async (namespace) =>
      redisUrl(runtime) === null || data !== undefined
        ? await scratchFolder(namespace)
        : await scratchOnRedis({ ...runtime, BALLAST_NAMESPACE: namespace }),
  };
}

/** Asks the process that has the folder. Rejects with `InputError` where the folder cannot be written. */
export async function askFolder(
  folder: string,
  namespace: string,
  operation: Operation,
  takeMs: number,
): ReturnType<typeof askProcess> {
  try {
    return await askProcess(
      { namespace, operation },
      {
        folder: join(folder, CONTROL_FOLDER),
        clock: systemClock,
        takeMs,
        answerMs: ANSWER_MS[operation.command],
      },
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new InputError(
      `the process that has ${folder} cannot be asked: ${(error as Error).message}; run this as the user it runs as`,
      { cause: error },
    );
  }
}

async function scratchOnRedis(runtime: RuntimeSettings): Promise<Scratch> {
  const { store, why } = await openReportStore(runtime, undefined, '');
  if (store === null) throw new OperatorError(why);
  const namespace = runtime.BALLAST_NAMESPACE;
  return {
    namespace,
    store,
    remove: async () => {
      await using closed = store;
      return await removeNamespace(closed, namespace);
    },
  };
}

/** With a journal on a disk, as the real one has. */
async function scratchFolder(namespace: string): Promise<Scratch> {
  const { openMemoryStore } = await import('../store/memory/memory-store.ts');
  const folder = await mkdtemp(join(tmpdir(), 'ballast-drill-'));
  const store = await openMemoryStore({ namespace, folder });
  return {
    namespace,
    store,
    remove: async () => {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
      return 0;
    },
  };
}
