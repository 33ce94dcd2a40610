/**
 * Looks at the store for the doctor: every read is bounded, whatever it holds. It writes nothing of its own; Redis may be
 * given the functions our commits need, as any component would.
 */
import { valueIn } from '../store/fields.ts';
import { statfs } from 'node:fs/promises';
import {
  deadLetterKeyOf,
  KEYS,
  keyOf,
  OWN_KEYS,
  partOfKey,
  withoutShadow,
  type InputStream,
  type KeyName,
} from '../contract/keys.ts';
import { canonicalSymbol } from '../contract/symbol.ts';
import { parseMoment } from '../contract/moment.ts';
import { idMs, StoreError, type HashAnswer, type Store, type StreamEntry } from '../store/store.ts';
import { newestEntries } from './stream-tail.ts';
import { collectComponents, INPUT_STREAMS } from './status-collect.ts';
import {
  aliasesOf,
  type Configured,
  type Disk,
  type NamedHash,
  type SeenExecution,
  type Stored,
  type StreamView,
} from './doctor-situation.ts';

const EXECUTIONS = 2000;
const DEAD_LETTERS = 20;
const WALK_STEPS = 1000;
/** Hashes looked into of each kind. */
const HASHES_A_KIND = 500;
const HASHES_A_READ = 200;
const STRANGERS = 1000;
const FIXED = ['portfolio', 'modes', 'symbolAliases', 'symbolClusters'] as const;

export async function collectStored(
  store: Store,
  { namespace, aliases }: Configured,
  localMs: () => number,
): Promise<Stored> {
  const askedMs = localMs();
  const facts = await store.facts();
  const answeredMs = localMs();
  const { nowMs, components } = await collectComponents(store, namespace);
  const fixedKeys = FIXED.map((name) => keyOf(namespace, name));
  const [portfolio, modes, aliasHash, clusters] = await store.hashes(
    fixedKeys.map((key) => ({ key, fields: null })),
  );
  const names = aliasesOf(aliases, aliasHash ?? null);
  const executions = await newestEntries(store, keyOf(namespace, 'executions'), EXECUTIONS);
  return {
    facts,
    nowSec: nowMs / 1000,
    skewMs: skewOf(facts.nowMs, askedMs, answeredMs),
    functionsError: await functionsError(store),
    components,
    portfolio: portfolio ?? null,
    modes: modes ?? null,
    aliases: aliasHash ?? null,
    clusters: clusters ?? null,
    wrongTypes: await wrongTypes(
      store,
      fixedKeys.filter((_, i) => ([portfolio, modes, aliasHash, clusters][i] ?? null) === null),
    ),
    ...(await walk(store, namespace)),
    streams: await streamViews(store, namespace),
    executions: executions.entries.map((entry) => seenExecution(entry, names)),
    hasOlder: executions.hasOlder,
    knownSymbols: (await store.knownSymbols(0)) ?? [],
  };
}

export async function collectDisk(folder: string): Promise<Disk> {
  const { bavail, bsize } = await statfs(folder);
  return { folder, freeBytes: bavail * bsize };
}

/** The store read its clock somewhere between asking and answer. */
function skewOf(storeMs: number, askedMs: number, answeredMs: number): number {
  if (storeMs < askedMs) return storeMs - askedMs;
  return storeMs > answeredMs ? storeMs - answeredMs : 0;
}

/** Gives up what nobody holds: it changes nothing, and needs the same functions as a commit. */
async function functionsError(store: Store): Promise<string | null> {
  try {
    await store.release('doctor', [{ component: 'budget', epoch: -1 }]);
    return null;
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind === 'unreachable') throw error;
    return error.message;
  }
}

/** Of keys that gave no hash: those that are there all the same. */
async function wrongTypes(store: Store, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const { streams } = await store.read(keys.map((stream) => ({ stream, after: '0-0', count: 1 })));
  return streams.filter(({ facts, error }) => facts !== null || error !== null).map(({ stream }) => stream);
}

const NAMED: readonly KeyName[] = [
  'market',
  'position',
  'clusterStress',
  'attribution',
  'budget',
  'target',
  'efficiency',
  'proposal',
];

async function walk(
  store: Store,
  namespace: string,
): Promise<Pick<Stored, 'hashes' | 'strangers' | 'isWhole'>> {
  const found = new Map<string, Omit<NamedHash, 'fields'>>();
  const strangers = new Set<string>();
  const counts = new Map<KeyName, number>();
  let isWhole = true;
  let cursor = '0';
  for (let step = 0; step === 0 || cursor !== '0'; step++) {
    if (step === WALK_STEPS)
      return { ...(await withFields(store, found)), strangers: [...strangers], isWhole: false };
    const next = await store.scan(`${namespace}:`, cursor);
    for (const key of next.keys) {
      const named = namedKey(namespace, key);
      if (named === null) {
        if (strangers.size < STRANGERS && !isOurs(namespace, key)) strangers.add(key);
      } else if (!found.has(key)) {
        const count = counts.get(named.kind) ?? 0;
        counts.set(named.kind, count + 1);
        if (count < HASHES_A_KIND) found.set(key, named);
        else isWhole = false;
      }
    }
    cursor = next.cursor;
  }
  return { ...(await withFields(store, found)), strangers: [...strangers], isWhole };
}

function namedKey(namespace: string, key: string): Omit<NamedHash, 'fields'> | null {
  const plain = withoutShadow(namespace, key);
  for (const kind of NAMED) {
    // Symbols hold no colon; what does is a symbol in another form.
    const name =
      partOfKey(namespace, kind, plain) ?? (kind === 'target' ? null : looseName(namespace, kind, plain));
    if (name !== null) return { kind, isShadow: plain !== key, key, name };
  }
  return null;
}

function looseName(namespace: string, kind: KeyName, key: string): string | null {
  const prefix = `${namespace}:${KEYS[kind].pattern.split('{')[0]}`;
  return key.startsWith(prefix) && key.length > prefix.length ? key.slice(prefix.length) : null;
}

function isOurs(namespace: string, key: string): boolean {
  const rest = key.slice(namespace.length + 1);
  return (
    rest.startsWith('ballast:') ||
    Object.values(OWN_KEYS).some((pattern) => pattern === rest) ||
    Object.values(KEYS).some(({ pattern }) => {
      const fixed = pattern.split('{')[0]!;
      return pattern === fixed ? rest === fixed || rest === `${fixed}.dlq` : rest.startsWith(fixed);
    })
  );
}

async function withFields(
  store: Store,
  found: ReadonlyMap<string, Omit<NamedHash, 'fields'>>,
): Promise<{ readonly hashes: readonly NamedHash[] }> {
  const all = [...found.values()];
  const answers: HashAnswer[] = [];
  for (let at = 0; at < all.length; at += HASHES_A_READ) {
    const part = all.slice(at, at + HASHES_A_READ);
    answers.push(...(await store.hashes(part.map(({ key }) => ({ key, fields: null })))));
  }
  const empty = all.filter((_, i) => (answers[i] ?? null) === null).map(({ key }) => key);
  const wrong = new Set(await wrongTypes(store, empty));
  const hashes = all.flatMap((named, i): NamedHash[] => {
    const fields = answers[i] ?? null;
    // Gone since it was found: its life was over.
    return fields === null && !wrong.has(named.key) ? [] : [{ ...named, fields }];
  });
  return { hashes };
}

async function streamViews(store: Store, namespace: string): Promise<StreamView[]> {
  const asked = INPUT_STREAMS.map((name) => keyOf(namespace, name));
  const { streams } = await store.read(asked.map((stream) => ({ stream, after: '0-0', count: 1 })));
  return await Promise.all(
    INPUT_STREAMS.map(async (name: InputStream, i): Promise<StreamView> => {
      const { facts, error, stream } = streams[i]!;
      const dead = await newestEntries(store, deadLetterKeyOf(namespace, name), DEAD_LETTERS);
      const input = KEYS[name].pattern.slice('stream:'.length);
      const newestReasons = dead.entries
        .map((entry) => valueIn(entry.fields, 'reason') ?? 'unknown')
        .toReversed();
      return { input, stream, facts, error, deadLetters: dead.facts, newestReasons };
    }),
  );
}

function seenExecution(entry: StreamEntry, aliases: ReadonlyMap<string, string>): SeenExecution {
  const raw = valueIn(entry.fields, 'symbol') ?? '';
  const arrivalSec = idMs(entry.id) / 1000;
  const time = ['timestamp', 'ts', 'ts_ms']
    .map((name) => valueIn(entry.fields, name))
    .find((value) => value !== null);
  const ts = time === undefined ? arrivalSec : (parseMoment(time) ?? arrivalSec);
  return {
    raw,
    symbol: canonicalSymbol(raw, aliases),
    cluster: valueIn(entry.fields, 'cluster'),
    ts: Math.min(ts, arrivalSec + 60),
  };
}
