/**
 * A commit as a list of small operations for the functions, in chunks of a bounded cost. Own state comes first, what others
 * see after it, in the commit's order. functions/shared.ts does them.
 */
import { createHash, type Hash } from 'node:crypto';
import { ownKeyOf } from '../../contract/keys.ts';
import type { Commit, CommitPart, FlatFields, Output } from '../store.ts';
import { LIST_HEAD_BYTES, Packer } from './pack.ts';

/** The number each operation begins with. */
export const OP = {
  setOwn: 1,
  dropOwn: 2,
  seen: 3,
  put: 4,
  update: 5,
  append: 6,
  remove: 7,
  deadLetter: 8,
  index: 9,
} as const;

export interface Chunk {
  readonly bytes: Buffer;
  /** About so many µs of Redis on a usual machine. */
  readonly cost: number;
}

type Operation = readonly (string | number)[];

/** Fields and members of one operation on our own keys: more are several operations. */
const SLICE = 64;

/**
 * The chunks of a commit, each of at most `costLimit()` (one operation may be more). `digest` is fed what is in them,
 * however they are cut.
 */
export function* chunksOf(
  commit: Commit,
  namespace: string,
  costLimit: () => number,
  digest: Hash,
): Generator<Chunk> {
  const packer = new Packer();
  let cost = 0;
  const take = (): Chunk => {
    const bytes = packer.take();
    digest.update(bytes.subarray(LIST_HEAD_BYTES));
    const chunk = { bytes, cost };
    cost = 0;
    return chunk;
  };
  for (const operation of operationsOf(commit, namespace)) {
    const more = costOf(operation);
    if (cost > 0 && cost + more > costLimit()) yield take();
    cost += more;
    for (const value of operation) {
      if (typeof value === 'number') packer.number(value);
      else packer.text(value);
    }
  }
  yield take();
}

/** A digest for `chunksOf` that tells commits of the same place apart: a commit sent twice has the same. */
export function digestOf(commit: Commit): Hash {
  const digest = createHash('sha1');
  for (const { component, epoch, sequence } of commit.parts)
    digest.update(`${component}:${epoch}:${sequence}\n`);
  return digest;
}

function* operationsOf(commit: Commit, namespace: string): Generator<Operation> {
  for (const part of commit.parts) yield* ownOperations(part, namespace);
  // The only ones of our own that must not be done twice, should a chunk ever fail half-way.
  for (const { component, seen, dropSeen } of commit.parts) {
    if (seen === null && dropSeen === 0) continue;
    const key = ownKeyOf(namespace, 'seen', component);
    yield seen === null ? [OP.seen, key, dropSeen, 0] : [OP.seen, key, dropSeen, 1, seen];
  }
  for (const output of commit.outputs) yield* outputOperations(output, namespace);
}

function* ownOperations(part: CommitPart, namespace: string): Generator<Operation> {
  yield* setOperations(ownKeyOf(namespace, 'meta', part.component), part.meta, false);
  yield* setOperations(ownKeyOf(namespace, 'records', part.component), part.records, true);
}

/** An empty record is none: its field goes. */
function* setOperations(key: string, fields: FlatFields, dropsEmpty: boolean): Generator<Operation> {
  let set: string[] = [];
  let dropped: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (dropsEmpty && fields[i + 1] === '') dropped.push(fields[i]!);
    else set.push(fields[i]!, fields[i + 1]!);
    if (set.length >= SLICE) {
      yield [OP.setOwn, key, set.length, ...set];
      set = [];
    }
    if (dropped.length >= SLICE) {
      yield [OP.dropOwn, key, dropped.length, ...dropped];
      dropped = [];
    }
  }
  if (set.length > 0) yield [OP.setOwn, key, set.length, ...set];
  if (dropped.length > 0) yield [OP.dropOwn, key, dropped.length, ...dropped];
}

function* outputOperations(output: Output, namespace: string): Generator<Operation> {
  switch (output.kind) {
    case 'put':
      yield [OP.put, output.key, lifeMs(output.lifeSec), output.fields.length, ...output.fields];
      return;
    case 'update': {
      const { key, fieldCount, fields } = output;
      yield [OP.update, key, lifeMs(output.lifeSec), fieldCount, fields.length, ...fields];
      return;
    }
    case 'append':
      yield [OP.append, output.key, output.maxLength, output.fields.length, ...output.fields];
      return;
    case 'delete':
      yield [OP.remove, output.key];
      return;
    case 'deadLetter': {
      const { stream, sourceId, key, maxLength, fields } = output;
      const register = ownKeyOf(namespace, 'deadLetters');
      yield [OP.deadLetter, register, stream, sourceId, key, maxLength, fields.length, ...fields];
      return;
    }
    case 'index': {
      const known = ownKeyOf(namespace, 'known');
      for (let from = 0; from < output.symbols.length; from += SLICE) {
        const symbols = output.symbols.slice(from, from + SLICE);
        yield [OP.index, known, symbols.length, ...symbols];
      }
    }
  }
}

function lifeMs(lifeSec: number | null): number {
  return lifeSec === null ? 0 : Math.max(1, Math.round(lifeSec * 1000));
}

/**
 * About the µs it takes on an ordinary machine, as measured: a part for the command, one for each value, one for their
 * length, and one for finding a place in a hash of many fields.
 */
function costOf(operation: Operation): number {
  let bytes = 0;
  for (const value of operation) if (typeof value === 'string') bytes += value.length;
  const isLargeHash = operation[0] === OP.setOwn || operation[0] === OP.dropOwn || operation[0] === OP.index;
  return 1.5 + operation.length * (isLargeHash ? 0.4 : 0.1) + bytes / 2000;
}
