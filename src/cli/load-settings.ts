/** The settings of a command that reads files. */
import { readSettings } from '../runtime/settings/read-settings.ts';
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
