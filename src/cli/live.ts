/** Puts a live process together from the command line: store, log, archive, files to follow, and how it is told to stop. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Recorder } from '../components/archive/recorder.ts';
import { follow } from '../components/follow.ts';
import { runProcess } from '../components/process.ts';
import { openArchive } from '../runtime/archive/writer.ts';
import { systemClock } from '../runtime/clock.ts';
import { ListenError } from '../runtime/http/listen.ts';
import { createLogs, type Log } from '../runtime/log/log.ts';
import { InputError } from '../replay/formats/format.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { openRedisStore } from '../store/redis/redis-store.ts';
import { controlDesk } from './control-desk.ts';
import { openSigner, type Signer } from '../signing/signer.ts';
import { stopSignal } from './stop-signal.ts';
import type { LiveComponent } from '../components/declarations.ts';
import type { Settings } from '../core/settings.ts';
import type { RuntimeSettings } from '../contract/runtime-settings.ts';
import type { Archive } from '../runtime/archive/writer.ts';
import type { Store } from '../store/store.ts';
import type { Terminal } from './terminal.ts';

const FIRST_NEWS_MS = 1000;

export interface LiveFlags {
  /** `up`, or the component. */
  readonly name: string;
  readonly components: readonly LiveComponent[];
  readonly hasDashboard: boolean;
  /** Null: the embedded store. */
  readonly url: string | null;
  /** Null: it keeps nothing. */
  readonly dataFolder: string | null;
  readonly archive: string | null;
  readonly follow: readonly string[];
}

export interface LiveSettings {
  readonly settings: Settings;
  readonly runtime: RuntimeSettings;
  readonly aliases: ReadonlyMap<string, string>;
  readonly clusters: ReadonlyMap<string, string>;
  readonly given: ReadonlySet<string>;
}

/** Runs until a signal says stop. */
export async function runLive(flags: LiveFlags, resolved: LiveSettings, terminal: Terminal): Promise<void> {
  const { runtime, settings } = resolved;
  // Whoever runs without it does not load it.
  const dashboards = flags.hasDashboard ? await import('./dashboard.ts') : null;
  dashboards?.mustBeServable(runtime);
  const signer = flags.components.includes('governor') ? signerOf(runtime, terminal.folder) : null;
  const log = createLogs({ level: runtime.BALLAST_LOG_LEVEL, pretty: terminal.isWatched });
  const own = log(flags.name);
  if (signer !== null) {
    own.info({ kid: signer.kid }, `permits are signed with ${signer.algorithm}, key ${signer.kid}`);
    if (signer.warning !== null) own.warn(signer.warning);
  }
  const { signal, dispose } = stopSignal((name) => own.info({ signal: name }, `stopping on ${name}`));
  await using store = await openStore(flags, runtime, terminal.folder, own);
  const archive = flags.archive === null ? null : archiveOf(flags, terminal.folder, own);
  // Whatever ends first ends the rest, so that a failure of one is not the silence of the others.
  const over = new AbortController();
  const running = AbortSignal.any([signal, over.signal]);
  const recorder =
    archive === null
      ? null
      : new Recorder({ archive, namespace: runtime.BALLAST_NAMESPACE, settings, modesSet: resolved.given });
  const storeWhere = flags.url === null ? 'embedded' : withoutSecrets(flags.url);
  const components = runProcess(
    {
      ...resolved,
      components: flags.components,
      store,
      storeWhere,
      owner: `${hostname()}:${pid}:${randomBytes(4).toString('hex')}`,
      log,
      sign: signer === null ? null : (permit) => signer.sign(permit),
      archive: archive === null ? null : () => archive,
      recorder,
    },
    running,
  );
  const followers = flags.follow.map((path) =>
    follow(
      {
        store,
        namespace: runtime.BALLAST_NAMESPACE,
        path: resolve(terminal.folder, path),
        clock: systemClock,
        onState: (what) => own.warn(what),
      },
      running,
    ),
  );
  const desk =
    flags.url === null && flags.dataFolder !== null
      ? controlDesk(store, resolved, resolve(terminal.folder, flags.dataFolder), (what) => own.warn(what))
      : null;
  const control = desk?.run(running);
  const dataFolder = flags.url === null ? (flags.dataFolder ?? undefined) : undefined;
  const dashboard = dashboards?.runLiveDashboard(
    {
      ...{ store, storeWhere, resolved, dataFolder, log: log('dashboard') },
      isAlone: flags.components.length === 0,
    },
    running,
  );
  const parts = [components, control, dashboard, ...followers].filter((part) => part !== undefined);
  try {
    await Promise.all(parts);
  } catch (error) {
    if (error instanceof ListenError) throw new InputError(error.message, { cause: error });
    throw error;
  } finally {
    over.abort();
    await Promise.allSettled(parts);
    await archive?.close();
    dispose();
  }
}

/** Throws `InputError` where the key cannot be used: a governor that should sign must not go on without. */
function signerOf({ GOV_PERMIT_KEY, GOV_PERMIT_SECRET }: RuntimeSettings, folder: string): Signer | null {
  try {
    return openSigner({
      keyFile: GOV_PERMIT_KEY === null ? null : resolve(folder, GOV_PERMIT_KEY),
      secret: GOV_PERMIT_SECRET,
    });
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function openStore(
  { url, dataFolder }: LiveFlags,
  runtime: RuntimeSettings,
  folder: string,
  log: Log,
): Promise<Store> {
  const namespace = runtime.BALLAST_NAMESPACE;
  if (url !== null) return openRedis(url, namespace, log);
  const data = dataFolder === null ? null : resolve(folder, dataFolder);
  const store = await openMemoryStore({
    namespace,
    folder: data,
    onEvent: ({ kind, message }) => (kind === 'snapshot' ? log.debug(message) : log.warn(message)),
  });
  log.info(data === null ? 'embedded store that keeps nothing' : `embedded store in ${data}`);
  return store;
}

/** Waits a moment for the connection: that it is not there yet in the first milliseconds is nothing to report. */
async function openRedis(url: string, namespace: string, log: Log): Promise<Store> {
  let heard = (): void => undefined;
  const firstNews = new Promise<void>((resolve) => (heard = resolve));
  const store = openRedisStore({
    url,
    namespace,
    onEvent: ({ kind, message }) => {
      if (kind === 'connected') log.info(message);
      else log.warn(message);
      heard();
    },
  });
  await Promise.race([firstNews, sleep(FIRST_NEWS_MS)]);
  return store;
}

function archiveOf({ archive, name }: LiveFlags, folder: string, log: Log): Archive {
  return openArchive({
    folder: resolve(folder, archive!),
    name,
    startedMs: Date.now(),
    onChange: ({ state, linesLost, lastError }) => {
      const what = `archive: ${state}, ${linesLost} lines lost${lastError === null ? '' : ` (${lastError})`}`;
      if (state === 'ok') log.info(what);
      else log.warn(what);
    },
  });
}

/** For people and pages: no user, no password. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
