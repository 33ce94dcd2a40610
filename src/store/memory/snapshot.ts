/**
 * Everything the memory store keeps, in one file: what the journals before its generation come to. The copy is made in one
 * go (references only, some milliseconds), the text of it in slices between which others run.
 */
import type { StreamEntry } from '../store.ts';
import { type DataFile, type DataFolder } from './data-folder.ts';
import { damaged, frameOf, headerOf, readFrames } from './frames.ts';
import type { HashValue, StringValue } from './key-space.ts';
import type { LastCommit } from './owners.ts';
import type { MemoryState } from './state.ts';
import { StreamLog, type StreamCopy } from './stream-log.ts';

export interface StateCopy {
  readonly clockMs: number;
  readonly lastCommits: readonly (readonly [component: string, last: LastCommit])[];
  /** Without those that have a life: the journal has not got them either. */
  readonly hashes: readonly (readonly [key: string, flat: readonly string[]])[];
  readonly streams: readonly (readonly [key: string, copy: StreamCopy])[];
  readonly lists: readonly (readonly [key: string, items: readonly string[]])[];
  readonly strings: readonly (readonly [key: string, value: StringValue])[];
  /** When lists are over. */
  readonly ends: readonly (readonly [key: string, expiresMs: number])[];
  readonly sets: readonly (readonly [key: string, members: readonly string[]])[];
}

/** Characters of a frame, and bytes of a write, about: the longest time the loop is held. */
const SLICE = 256 * 1024;

export function copyState(state: MemoryState, clockMs: number): StateCopy {
  const hashes: [string, string[]][] = [];
  const streams: [string, StreamCopy][] = [];
  const lists: [string, string[]][] = [];
  const sets: [string, string[]][] = [];
  const strings: [string, StringValue][] = [];
  const ends: [string, number][] = [];
  for (const [key, value] of state.keys.entries()) {
    if (value.type === 'stream') streams.push([key, value.log.copy()]);
    else if (value.type === 'string') strings.push([key, { ...value }]);
    else if (value.type === 'list') {
      lists.push([key, [...value.items]]);
      if (value.expiresMs !== null) ends.push([key, value.expiresMs]);
    } else if (value.type === 'set') sets.push([key, [...value.members]]);
    else if (value.expiresMs === null) hashes.push([key, flat(value)]);
  }
  return { clockMs, lastCommits: [...state.lastCommits], hashes, streams, lists, sets, strings, ends };
}

/** Complete and on the disk once it resolves, with its bytes; until then under another name. Stops where `isStopped`: null. */
export async function writeSnapshot(
  folder: DataFolder,
  generation: number,
  copy: StateCopy,
  isStopped: () => boolean,
): Promise<number | null> {
  const name = snapshotName(generation);
  const file = await folder.open(`${name}.tmp`);
  let bytes: number | null = null;
  let isWhole = false;
  try {
    await file.truncate(0);
    bytes = await writeFrames(file, generation, copy, isStopped);
    if (bytes !== null) await file.sync();
    isWhole = bytes !== null;
  } finally {
    await file.close();
    if (!isWhole) await folder.remove(`${name}.tmp`);
  }
  if (bytes === null) return null;
  await folder.rename(`${name}.tmp`, name);
  await folder.sync();
  return bytes;
}

/** Puts everything into `state`, which is empty; returns the clock at the time. */
export async function readSnapshot(
  folder: DataFolder,
  generation: number,
  state: MemoryState,
): Promise<number> {
  const name = snapshotName(generation);
  const streams = new Map<string, { added: number; lastId: string; entries: StreamEntry[] }>();
  const end = { count: -1, clockMs: 0 };
  const read = await readFrames(folder, name, 'snapshot', generation, (taken) => {
    const frame = taken as Frame;
    if (frame[0] === 'stream') streams.set(frame[1], { added: frame[2], lastId: frame[3], entries: [] });
    else if (frame[0] === 'entries') streams.get(frame[1])!.entries.push(...frame[2]);
    else if (frame[0] === 'end') Object.assign(end, { count: frame[1], clockMs: frame[2] });
    else restore(state, frame);
  });
  for (const [key, copy] of streams) state.keys.set(key, { type: 'stream', log: new StreamLog(copy) });
  if (read.badBytes > 0 || end.count !== read.count) throw damaged(`${folder.path}/${name}`, read.goodBytes);
  return end.clockMs;
}

export function snapshotName(generation: number): string {
  return `snapshot-${String(generation).padStart(8, '0')}`;
}

type Texts = readonly string[];
type Frame =
  | readonly [kind: 'commit', component: string, sequence: number, token: string]
  | readonly [kind: 'hash' | 'list' | 'set', key: string, texts: Texts]
  | readonly [kind: 'string', key: string, text: string, expiresMs: number | null]
  | readonly [kind: 'end of list', key: string, expiresMs: number]
  | readonly [kind: 'stream', key: string, added: number, lastId: string]
  | readonly [kind: 'entries', key: string, entries: readonly StreamEntry[]]
  | readonly [kind: 'end', frames: number, clockMs: number];

function* framesOf(copy: StateCopy): Generator<Frame> {
  let count = 1;
  const counted = (frame: Frame): Frame => (count++, frame);
  for (const [component, { sequence, token }] of copy.lastCommits)
    yield counted(['commit', component, sequence, token]);
  for (const [kind, values] of [
    ['hash', copy.hashes],
    ['list', copy.lists],
    ['set', copy.sets],
  ] as const) {
    for (const [key, texts] of values)
      for (const slice of slices(texts, 2, (text) => text.length)) yield counted([kind, key, slice]);
  }
  for (const [key, { text, expiresMs }] of copy.strings) yield counted(['string', key, text, expiresMs]);
  for (const [key, expiresMs] of copy.ends) yield counted(['end of list', key, expiresMs]);
  for (const [key, { added, lastId, entries }] of copy.streams) {
    yield counted(['stream', key, added, lastId]);
    for (const slice of slices(entries, 1, entryLength)) yield counted(['entries', key, slice]);
  }
  yield ['end', count, copy.clockMs];
}

/** Runs of `items` of about `SLICE`, each of a multiple of `unit`. */
function* slices<Item>(
  items: readonly Item[],
  unit: number,
  lengthOf: (item: Item) => number,
): Generator<Item[]> {
  let start = 0;
  let length = 0;
  for (let i = 0; i < items.length; i++) {
    length += lengthOf(items[i]!);
    if (length < SLICE || (i + 1 - start) % unit !== 0) continue;
    yield items.slice(start, i + 1);
    start = i + 1;
    length = 0;
  }
  if (start < items.length) yield items.slice(start);
}

async function writeFrames(
  file: DataFile,
  generation: number,
  copy: StateCopy,
  isStopped: () => boolean,
): Promise<number | null> {
  let waiting: Buffer[] = [headerOf('snapshot', generation)];
  let length = 0;
  let position = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    length = 0;
    await file.write(bytes, position);
    position += bytes.length;
  };
  for (const frame of framesOf(copy)) {
    const bytes = frameOf(JSON.stringify(frame));
    waiting.push(bytes);
    length += bytes.length;
    if (length < SLICE) continue;
    await flush();
    if (isStopped()) return null;
  }
  await flush();
  return position;
}

function restore(
  state: MemoryState,
  frame: Exclude<Frame, readonly ['stream' | 'entries' | 'end', ...unknown[]]>,
): void {
  if (frame[0] === 'commit') {
    state.lastCommits.set(frame[1], { sequence: frame[2], token: frame[3] });
    return;
  }
  if (frame[0] === 'string') {
    state.keys.setText(frame[1], frame[2], frame[3]);
    return;
  }
  if (frame[0] === 'end of list') {
    state.keys.setEnd(frame[1], frame[2]);
    return;
  }
  const [kind, key, texts] = frame;
  if (kind === 'list') state.keys.need(key, 'list', 0).items.push(...texts);
  else if (kind === 'set') {
    const { members } = state.keys.need(key, 'set', 0);
    for (const text of texts) members.add(text);
  } else {
    const { fields } = state.keys.need(key, 'hash', 0);
    for (let i = 0; i < texts.length; i += 2) fields.set(texts[i]!, texts[i + 1]!);
  }
}

function flat({ fields }: HashValue): string[] {
  const texts: string[] = [];
  for (const [name, value] of fields) texts.push(name, value);
  return texts;
}

function entryLength({ id, fields }: StreamEntry): number {
  let length = id.length;
  for (const text of fields) length += text.length;
  return length;
}
