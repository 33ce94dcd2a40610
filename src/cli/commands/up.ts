/** `ballast up` and `ballast run COMPONENT`: the components and the dashboard, until they are told to stop. */
import { Command, Argument, Option } from 'commander';
import { LIVE_COMPONENTS, type LiveComponent } from '../../components/declarations.ts';
import { DEFAULT_DATA } from '../default-data.ts';
import { collect } from '../format-options.ts';
import { loadLiveSettings } from '../load-settings.ts';
import { UsageError } from '../usage-error.ts';
import { InputError } from '../../replay/formats/format.ts';
import { redisUrl } from '../../contract/runtime-settings.ts';
import { StoreError } from '../../store/store.ts';
import type { Terminal } from '../terminal.ts';
import type { LiveFlags } from '../live.ts';

/** What one can run: those that compute, and the one that shows. */
const RUNNABLE = [...LIVE_COMPONENTS, 'dashboard'] as const;
type Runnable = LiveComponent | 'dashboard';

interface Flags {
  readonly set?: readonly string[];
  readonly archive?: string;
  readonly data?: string;
  readonly ephemeral?: true;
  readonly follow?: readonly string[];
  readonly without?: readonly Runnable[];
}

export function upCommand(terminal: Terminal): Command {
  const command = new Command('up')
    .description(
      'run every component and the dashboard in one process: on REDIS_URL or, without one, on the embedded store',
    )
    .option('--data <dir>', `folder of the embedded store (default: ${DEFAULT_DATA})`)
    .option('--ephemeral', 'the embedded store keeps nothing: for trying things out')
    .option(
      '--follow <file>',
      'take the lines of a growing file as input, as replay reads them; repeatable',
      collect,
    )
    .addOption(
      new Option('--without <component>', 'leave out a component that another program provides; repeatable')
        .choices(RUNNABLE)
        .argParser(collectChoice),
    );
  return addShared(command).action((flags: Flags) => {
    const components = RUNNABLE.filter((name) => !(flags.without ?? []).includes(name));
    if (components.length === 0) throw new UsageError(['--without leaves no component to run']);
    return run(components, 'up', flags, terminal);
  });
}

export function runCommand(terminal: Terminal): Command {
  const command = new Command('run')
    .description('run one component on Redis, as systemd or a container does')
    .addArgument(new Argument('<component>', 'which').choices(RUNNABLE));
  return addShared(command).action((component: Runnable, flags: Flags) =>
    run([component], component, flags, terminal),
  );
}

function addShared(command: Command): Command {
  return command
    .option('--set <NAME=VALUE>', 'a setting, before environment and files; repeatable', collect)
    .option('--archive <dir>', 'also write everything that happens to compressed daily files');
}

async function run(
  parts: readonly Runnable[],
  name: string,
  flags: Flags,
  terminal: Terminal,
): Promise<void> {
  const resolved = await loadLiveSettings(flags.set, terminal);
  const url = redisUrl(resolved.runtime);
  if (name !== 'up' && url === null)
    throw new UsageError([
      `run ${name} needs Redis, where it meets the others: set REDIS_URL; without Redis, ballast up runs all in one process`,
    ]);
  if (url !== null && (flags.data !== undefined || flags.ephemeral === true))
    throw new UsageError(['--data and --ephemeral are for the embedded store, but REDIS_URL is set']);
  if (flags.data !== undefined && flags.ephemeral === true)
    throw new UsageError(['--data and --ephemeral exclude each other']);
  const live: LiveFlags = {
    name,
    components: LIVE_COMPONENTS.filter((component) => parts.includes(component)),
    hasDashboard: parts.includes('dashboard'),
    url,
    dataFolder: flags.ephemeral === true ? null : (flags.data ?? DEFAULT_DATA),
    archive: flags.archive ?? null,
    follow: flags.follow ?? [],
  };
  // What runs takes longer to load than what only reads the command line.
  const { runLive } = await import('../live.ts');
  try {
    await runLive(live, resolved, terminal);
  } catch (error) {
    if (error instanceof StoreError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}

function collectChoice(value: string, before: readonly Runnable[] | undefined): Runnable[] {
  const component = RUNNABLE.find((name) => name === value);
  if (component === undefined) throw new UsageError([`--without ${value}: there are ${RUNNABLE.join(', ')}`]);
  return [...(before ?? []), component];
}
