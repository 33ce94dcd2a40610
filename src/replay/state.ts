/** `--save STATE` and `--load STATE`: everything a replay holds, as one JSON file. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { formatSetting, SETTING_NAMES } from '../contract/settings.ts';
import { loadPipeline, savePipeline, SNAPSHOT_PARTS, type Snapshot } from '../core/snapshot.ts';
import { InputError } from './formats/format.ts';
import { RECORD_PARTS, ReplayRecord, type RecordState } from './record.ts';
import type { Pipeline } from '../core/pipeline/pipeline.ts';
import type { Settings } from '../core/settings.ts';

const KIND = 'ballast-replay-state';

interface StateFile {
  readonly kind: typeof KIND;
  /** Settings as text: a run may only go on with the ones it began with. */
  readonly settings: Readonly<Record<string, string>>;
  readonly pipeline: Snapshot;
  readonly record: RecordState;
}

/** Throws `InputError` where the file cannot be written. */
export function saveState(path: string, pipeline: Pipeline, record: ReplayRecord, settings: Settings): void {
  const state: StateFile = {
    kind: KIND,
    settings: settingTexts(settings),
    pipeline: savePipeline(pipeline),
    record: record.save(),
  };
  try {
    writeFileSync(`${path}.partial`, JSON.stringify(state));
    renameSync(`${path}.partial`, path);
  } catch (error) {
    if (existsSync(`${path}.partial`)) rmSync(`${path}.partial`);
    throw new InputError(`--save ${path}: cannot be written (${(error as Error).message})`, { cause: error });
  }
}

/** Puts a saved state into a new pipeline. Throws `InputError` where it is none, or was saved with other settings. */
export function loadState(path: string, pipeline: Pipeline, settings: Settings): ReplayRecord {
  const state = readState(path);
  const now = settingTexts(settings);
  const names = new Set([...Object.keys(now), ...Object.keys(state.settings)]);
  const differing = [...names].filter((name) => now[name] !== state.settings[name]);
  if (differing.length > 0) {
    const list = differing
      .map((name) => `${name}=${state.settings[name] ?? ''} (now ${now[name] ?? ''})`)
      .join(', ');
    throw new InputError(`--load ${path}: was saved with other settings: ${list}`);
  }
  try {
    loadPipeline(pipeline, state.pipeline);
    return ReplayRecord.load(state.record);
  } catch (error) {
    throw new InputError(`--load ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function readState(path: string): StateFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${message})`;
    throw new InputError(`--load ${path}: ${what}`, { cause: error });
  }
  try {
    const state = JSON.parse(text) as Partial<StateFile> | null;
    const { kind, settings, pipeline, record } = state ?? {};
    if (kind === KIND && settings !== undefined && pipeline !== undefined && record !== undefined) {
      checkParts(path, pipeline, SNAPSHOT_PARTS);
      checkParts(path, record, RECORD_PARTS);
      return { kind, settings, pipeline, record };
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`--load ${path}: is cut off or damaged; it was not written by --save`, {
      cause: error,
    });
  }
  throw new InputError(`--load ${path}: is no state that --save wrote`);
}

function checkParts(path: string, holder: object, parts: readonly string[]): void {
  const missing = parts.find((part) => !Object.hasOwn(holder, part));
  if (missing !== undefined) throw new InputError(`--load ${path}: is damaged: has no ${missing}`);
}

/** Every setting as text, and what is set for one symbol or bot. */
function settingTexts(settings: Settings): Record<string, string> {
  const texts = Object.fromEntries(SETTING_NAMES.map((name) => [name, formatSetting(name, settings)]));
  for (const [symbol, own] of settings.bySymbol)
    for (const [name, value] of Object.entries(own)) texts[`symbol ${symbol} ${name}`] = String(value);
  for (const [bot, own] of settings.byBot)
    for (const [name, value] of Object.entries(own)) texts[`bot ${bot} ${name}`] = String(value);
  return texts;
}
