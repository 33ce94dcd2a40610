/** Commits for tests of the Redis store: a small one that does something of every kind, and a large one in many chunks. */
import type { Commit, CommitPart, Output, Ownership, Store } from '../../src/store/store.ts';

export const COMPONENTS = ['budget', 'attribution'];

/** Claims the components and makes a first commit, which the others change. */
export async function prepared(
  store: Store,
  namespace: string,
  owner = 'one',
): Promise<readonly Ownership[]> {
  const { held } = await store.claim(owner, COMPONENTS);
  const outputs: Output[] = [
    put(`${namespace}:kept`, ['a', '1', 'b', '2']),
    put(`${namespace}:replaced`, ['old', '1']),
    put(`${namespace}:deleted`, ['old', '1']),
  ];
  await store.commit({ owner, parts: parts(held, 0, ['OLD', 'r0', 'GONE', 'r0']), outputs });
  return held;
}

/** The second commit: one operation of every kind. */
export function smallCommit(held: readonly Ownership[], namespace: string, owner = 'one'): Commit {
  const outputs: Output[] = [
    put(`${namespace}:replaced`, ['new', '1'], 3600),
    { kind: 'update', key: `${namespace}:kept`, fields: ['b', '3'], fieldCount: 2, lifeSec: 3600 },
    { kind: 'append', key: `${namespace}:stream`, fields: ['n', '1'], maxLength: 100 },
    { kind: 'delete', key: `${namespace}:deleted` },
    {
      kind: 'deadLetter',
      stream: `${namespace}:input`,
      sourceId: '5-1',
      key: `${namespace}:input.dlq`,
      fields: ['reason', 'bad'],
      maxLength: 100,
    },
    { kind: 'index', symbols: ['BTCUSDT', 'ETHUSDT'] },
  ];
  return { owner, parts: parts(held, 1, ['OLD', 'r1', 'NEW', 'r1', 'GONE', '']), outputs };
}

/** The second commit of components at work on many symbols. */
export function largeCommit(
  held: readonly Ownership[],
  namespace: string,
  symbols: number,
  owner = 'one',
): Commit {
  const small = smallCommit(held, namespace, owner);
  const names = Array.from({ length: symbols }, (_, i) => `S${i}`);
  const records = names.flatMap((name) => [name, `record of ${name}`]);
  const outputs = names.flatMap((name): Output[] => [
    put(`${namespace}:h:${name}`, ['symbol', name, 'value', '1.5'], 3600),
    { kind: 'append', key: `${namespace}:stream`, fields: ['symbol', name], maxLength: 1_000_000 },
  ]);
  return { owner, parts: parts(held, 1, records), outputs: [...small.outputs, ...outputs] };
}

function parts(held: readonly Ownership[], sequence: number, records: readonly string[]): CommitPart[] {
  return held.map(({ component, epoch }) => ({
    component,
    epoch,
    sequence,
    meta: ['position', `${sequence}-0`],
    records: records.map((text, i) => (i % 2 === 1 && text !== '' ? `${text} of ${component}` : text)),
    seen: `seen ${sequence}`,
    dropSeen: sequence > 0 ? 1 : 0,
  }));
}

function put(key: string, fields: readonly string[], lifeSec: number | null = null): Output {
  return { kind: 'put', key, fields, lifeSec };
}
