/** The settings plans are judged under, kept once in the store under a short name of their own, which every verdict carries. */
import { hash } from 'node:crypto';
import { formatDecimal, parseDecimal } from '../../contract/decimal.ts';
import { ownKeyOf } from '../../contract/keys.ts';
import { decodeSettings, encodeSettings } from '../../contract/settings-text.ts';
import { parseJsonObject } from '../../contract/json-object.ts';
import { StoreError, type Store } from '../../store/store.ts';
import type { Settings } from '../../core/settings.ts';

/** So many of the newest are kept. */
export const MAX_RECORDED = 50;

/** The same for the same settings, whoever computes it. */
export function settingsDigest(settings: Settings): string {
  return hash('sha256', encodeSettings(settings)).slice(0, 16);
}

/** Null: what was recorded under it cannot be read. */
export interface RecordedSettings {
  readonly digest: string;
  /** When a governor last began with them, Unix seconds. */
  readonly at: number;
  readonly settings: Settings | null;
}

/**
 * Writes down what a governor begins with. Returns why the store would not have it; null: it is written. Rejects where the store
 * cannot be reached.
 */
export async function recordSettings(
  store: Store,
  namespace: string,
  settings: Settings,
  nowSec: number,
): Promise<string | null> {
  const digest = settingsDigest(settings);
  const key = ownKeyOf(namespace, 'settings');
  const others = (await readSettings(store, namespace)).filter((one) => one.digest !== digest);
  const text = `{"at":${formatDecimal(nowSec)},"settings":${encodeSettings(settings)}}`;
  const dropped = others.slice(MAX_RECORDED - 1).map((one): [string, null] => [one.digest, null]);
  try {
    await store.writeFields(key, [[digest, text], ...dropped]);
    return null;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'refused') return error.message;
    throw error;
  }
}

/** Newest first. */
export async function readSettings(store: Store, namespace: string): Promise<readonly RecordedSettings[]> {
  const [found] = await store.hashes([{ key: ownKeyOf(namespace, 'settings'), fields: null }]);
  return [...(found ?? [])].map(([digest, text]) => recordOf(digest, text)).toSorted((a, b) => b.at - a.at);
}

function recordOf(digest: string, text: string): RecordedSettings {
  const json = parseJsonObject(text);
  const settings = decodeSettings(JSON.stringify(json?.get('settings')) ?? '');
  return { digest, at: parseDecimal(json?.get('at')) ?? 0, settings };
}
