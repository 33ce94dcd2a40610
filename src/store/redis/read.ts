/** Reads: streams, hashes, keys, symbols. Pipelined, and looked at as little as possible: entries come by the ten thousand. */
import { ownKeyOf } from '../../contract/keys.ts';
import type {
  EntryId,
  FlatFields,
  HashAnswer,
  HashRequest,
  Reading,
  StreamAnswer,
  StreamEntry,
  StreamFacts,
  StreamPosition,
} from '../store.ts';
import type { Connection } from './connection.ts';
import {
  codeOf,
  isError,
  isServerWide,
  listOf,
  mapOf,
  numberOf,
  refusal,
  textOf,
  textsOf,
  timeMsOf,
  type Answer,
  type Command,
  type Reply,
} from './reply.ts';

const KEYS_A_STEP = 1000;
/** More at once would wait in memory on both sides, and keep others from being answered. */
const HASHES_A_STEP = 1000;
const SYMBOLS_A_STEP = 1000;

export async function readStreams(
  connection: Connection,
  positions: readonly StreamPosition[],
): Promise<Reading> {
  const commands: Command[] = [['TIME']];
  for (const { stream, after, count } of positions)
    commands.push(['XINFO', 'STREAM', stream], ['XREAD', 'COUNT', String(count), 'STREAMS', stream, after]);
  const answers = await connection.exchange(commands);
  for (const answer of answers)
    if (isError(answer) && (answer === answers[0] || isServerWide(answer)))
      throw refusal(answer, connection.where);
  return {
    nowMs: timeMsOf(answers[0] as Reply),
    streams: positions.map(({ stream }, i) => streamAnswer(stream, answers[2 * i + 1]!, answers[2 * i + 2]!)),
  };
}

export async function readHashes(
  connection: Connection,
  requests: readonly HashRequest[],
): Promise<readonly HashAnswer[]> {
  const answers: HashAnswer[] = [];
  for (let from = 0; from < requests.length; from += HASHES_A_STEP)
    answers.push(...(await readSomeHashes(connection, requests.slice(from, from + HASHES_A_STEP))));
  return answers;
}

async function readSomeHashes(
  connection: Connection,
  requests: readonly HashRequest[],
): Promise<readonly HashAnswer[]> {
  const answers = await connection.exchange(requests.map(hashCommand));
  return answers.map((answer, i) => hashAnswer(connection, requests[i]!, answer));
}

/** One command for each request, even where no field is wanted. */
export function hashCommand({ key, fields }: HashRequest): Command {
  if (fields === null) return ['HGETALL', key];
  return fields.length === 0 ? ['HLEN', key] : ['HMGET', key, ...fields];
}

/** What the command of a request was answered; throws a `StoreError` where it was refused. */
export function hashAnswer(connection: Connection, { fields }: HashRequest, answer: Answer): HashAnswer {
  if (!isError(answer)) return hashOf(fields, answer);
  if (codeOf(answer) === 'WRONGTYPE') return null;
  throw refusal(answer, connection.where);
}

export async function scanKeys(
  connection: Connection,
  prefix: string,
  cursor: string,
): Promise<{ readonly cursor: string; readonly keys: readonly string[] }> {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, String.raw`\$&`)}*`;
  const reply = await connection.call(['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(KEYS_A_STEP)]);
  const [next, keys] = listOf(reply);
  return { cursor: textOf(next), keys: textsOf(keys) };
}

export async function readKnownSymbols(
  connection: Connection,
  namespace: string,
  count: number,
): Promise<readonly string[] | null> {
  const key = ownKeyOf(namespace, 'known');
  if (numberOf(await connection.call(['SCARD', key])) === count) return null;
  const symbols = new Set<string>();
  let cursor = '0';
  do {
    const [next, members] = listOf(
      await connection.call(['SSCAN', key, cursor, 'COUNT', String(SYMBOLS_A_STEP)]),
    );
    for (const symbol of textsOf(members)) symbols.add(symbol);
    cursor = textOf(next);
  } while (cursor !== '0');
  return [...symbols];
}

function streamAnswer(stream: string, info: Answer, read: Answer): StreamAnswer {
  if (isError(read)) return { stream, entries: [], facts: null, error: read.message };
  if (isError(info)) {
    if (!info.message.includes('no such key'))
      return { stream, entries: [], facts: null, error: info.message };
    // It came into being between the two: read as if it had come a moment later.
    return { stream, entries: [], facts: null, error: null };
  }
  return { stream, entries: entriesOf(read), facts: factsOf(info), error: null };
}

function entriesOf(reply: Reply): readonly StreamEntry[] {
  return streamsOf(reply)[0]?.entries ?? [];
}

/** The streams of an answer of `XREAD`, `[[stream, [[id, [name, value, …]], …]], …]`, or null where there is nothing new. */
export function streamsOf(
  reply: Reply,
): { readonly stream: string; readonly entries: readonly StreamEntry[] }[] {
  const streams = (reply ?? []) as readonly (readonly [
    string,
    readonly (readonly [EntryId, FlatFields])[],
  ])[];
  return streams.map(([stream, raw]) => {
    const entries = new Array<StreamEntry>(raw.length);
    for (let i = 0; i < raw.length; i++) {
      const entry = raw[i]!;
      entries[i] = { id: entry[0], fields: entry[1] };
    }
    return { stream, entries };
  });
}

function factsOf(reply: Reply): StreamFacts {
  const flat = listOf(reply);
  const facts = new Map<Reply, Reply>();
  for (let i = 0; i + 1 < flat.length; i += 2) facts.set(flat[i]!, flat[i + 1]!);
  const first = facts.get('first-entry') ?? null;
  return {
    length: numberOf(facts.get('length')),
    added: numberOf(facts.get('entries-added')),
    firstId: first === null ? null : textOf(listOf(first)[0]),
    lastId: textOf(facts.get('last-generated-id')),
  };
}

function hashOf(fields: readonly string[] | null, reply: Reply): HashAnswer {
  if (fields === null) {
    const map = mapOf(reply);
    return map.size === 0 ? null : map;
  }
  if (fields.length === 0) return null;
  const values = listOf(reply);
  const map = new Map<string, string>();
  fields.forEach((field, i) => {
    const value = values[i];
    if (typeof value === 'string') map.set(field, value);
  });
  return map.size === 0 ? null : map;
}
