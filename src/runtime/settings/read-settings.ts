/** Reads the settings as a program is started with them: the files of a folder, the environment and `--set`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  gatherSettings,
  resolveSettings,
  type GatherOptions,
  type ResolvedSettings,
  type SettingSources,
} from './gather.ts';
import type { Violation } from '../../contract/setting-spec.ts';

export interface ReadOptions extends GatherOptions {
  /** Where `.env` and `ballast.config.json` lie: the working directory. */
  readonly folder: string;
  readonly sets: SettingSources['sets'];
  readonly env: SettingSources['env'];
}

/** Never throws over what the files hold or that they cannot be read: that is a violation like any other. */
export async function readSettings(options: ReadOptions): Promise<ResolvedSettings> {
  const violations: Violation[] = [];
  const read = (name: string): Promise<string | null> => readIfThere(options.folder, name, violations);
  const [dotEnvText, configText] = [await read('.env'), await read('ballast.config.json')];
  // The config's validator takes longer to load than all the rest: only where there is something to validate.
  const config = configText === null ? null : (await import('./config-file.ts')).parseConfig(configText);
  const gathered = gatherSettings({ sets: options.sets, env: options.env, dotEnvText, config }, options);
  return resolveSettings({ ...gathered, violations: [...violations, ...gathered.violations] });
}

async function readIfThere(folder: string, name: string, violations: Violation[]): Promise<string | null> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code !== 'ENOENT') violations.push({ setting: name, message: `${name} cannot be read: ${code}` });
    return null;
  }
}
