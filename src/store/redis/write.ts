/** Plain writes: entries as producers add them, fields as operators set them. */
import { StoreError, type AppendRequest, type EntryId } from '../store.ts';
import type { Connection } from './connection.ts';
import { isError, refusal, textOf, type Command, type Reply } from './reply.ts';

export async function appendEntries(
  connection: Connection,
  requests: readonly AppendRequest[],
): Promise<readonly EntryId[]> {
  const answers = await connection.exchange(
    requests.map(({ stream, fields, maxLength }) => [
      'XADD',
      stream,
      ...(maxLength === null ? [] : ['MAXLEN', '~', String(maxLength)]),
      '*',
      ...fields,
    ]),
  );
  const error = answers.find(isError);
  if (error === undefined) return answers.map((answer) => textOf(answer as Reply));
  const refused = refusal(error, connection.where);
  const added = answers.filter((answer) => !isError(answer)).length;
  if (added === 0) throw refused;
  // Each stream is one by itself, so some of it is done.
  throw new StoreError(
    'unreachable',
    refused.code,
    `${refused.message} (${added} of ${requests.length} entries were added)`,
    refused,
  );
}

export async function writeHashFields(
  connection: Connection,
  key: string,
  fields: readonly (readonly [field: string, value: string | null])[],
): Promise<void> {
  const set = fields.flatMap(([field, value]) => (value === null ? [] : [field, value]));
  const removed = fields.flatMap(([field, value]) => (value === null ? [field] : []));
  const writes: Command[] = [];
  if (set.length > 0) writes.push(['HSET', key, ...set]);
  if (removed.length > 0) writes.push(['HDEL', key, ...removed]);
  const commands = writes.length < 2 ? writes : [['MULTI'], ...writes, ['EXEC']];
  const answers = await connection.exchange(commands);
  // Inside EXEC an error is an element of its answer.
  const error = answers.find(isError) ?? answers.flat(1).find(isError);
  if (error !== undefined) throw refusal(error, connection.where);
}

/** Whatever lay under the key before, as `SET` does. */
export async function setString(connection: Connection, key: string, text: string | null): Promise<void> {
  const answers = await connection.exchange([text === null ? ['DEL', key] : ['SET', key, text]]);
  const error = answers.find(isError);
  if (error !== undefined) throw refusal(error, connection.where);
}
