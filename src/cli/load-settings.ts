/** The settings of a command: one that reads files, or one of the live system. */
import { readSettings } from '../runtime/settings/read-settings.ts';
import { UsageError } from './usage-error.ts';
import type { ResolvedSettings } from '../runtime/settings/gather.ts';
import type { Settings } from '../core/settings.ts';
import type { Terminal } from './terminal.ts';

export interface LoadedSettings {
  readonly settings: Settings;
  /** A venue's name → symbol. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Symbol → cluster. */
  readonly clusters: ReadonlyMap<string, string>;
}

/** Null where something is wrong with them; each violation is added to `problems`. Modes are what `--set` says, else `enforce`: there is nobody to protect. */
export async function loadSettings(
  sets: readonly string[],
  terminal: Terminal,
  problems: string[],
): Promise<LoadedSettings | null> {
  const resolved = await readSettings({ folder: terminal.folder, sets, env: terminal.env, modesFrom: 'set' });
  problems.push(...resolved.violations.map(({ message }) => message));
  if (resolved.settings === null) return null;
  const { settings, aliases, clusters } = resolved;
  return { settings, aliases, clusters };
}

/** As the live system is started with them; modes are shadow where nothing else is said. Throws `UsageError` with everything that is wrong. */
export async function loadLiveSettings(
  sets: readonly string[] | undefined,
  { folder, env }: Terminal,
): Promise<Extract<ResolvedSettings, { violations: readonly [] }>> {
  const resolved = await readSettings({ folder, sets: sets ?? [], env });
  if (resolved.settings === null) throw new UsageError(resolved.violations.map(({ message }) => message));
  return resolved;
}
