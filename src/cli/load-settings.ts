/** The settings of a command that reads files, or a usage error with everything that is wrong with them. */
import { readSettings } from '../runtime/settings/read-settings.ts';
import { UsageError } from './usage-error.ts';
import type { Settings } from '../core/settings.ts';
import type { Terminal } from './terminal.ts';

export interface LoadedSettings {
  readonly settings: Settings;
  /** A venue's name → symbol. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Symbol → cluster. */
  readonly clusters: ReadonlyMap<string, string>;
}

/** Throws `UsageError`. Modes are what `--set` says, else `enforce`: there is nobody to protect. */
export async function loadSettings(sets: readonly string[], terminal: Terminal): Promise<LoadedSettings> {
  const resolved = await readSettings({ folder: terminal.folder, sets, env: terminal.env, modesFrom: 'set' });
  if (resolved.settings === null) throw new UsageError(resolved.violations.map(({ message }) => message));
  const { settings, aliases, clusters } = resolved;
  return { settings, aliases, clusters };
}
