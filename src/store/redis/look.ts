/** The trading state and hashes in one round trip, and what the hash of the trading state says. */
import { keyOf, ownKeyOf } from '../../contract/keys.ts';
import type { TradingState } from '../../core/event.ts';
import type { KillFlag, Look } from '../permits.ts';
import { StoreError, type HashRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { hashAnswer, hashCommand } from './read.ts';
import { isError, isServerWide, mapOf, refusal, timeMsOf, type Answer, type Reply } from './reply.ts';

export async function readLook(
  connection: Connection,
  namespace: string,
  requests: readonly HashRequest[],
): Promise<Look> {
  const tradingKey = ownKeyOf(namespace, 'trading');
  const [time, kill, trading, disarmed, ...hashes] = await connection.exchange([
    ['TIME'],
    ['GET', keyOf(namespace, 'kill')],
    ['HGETALL', tradingKey],
    ['HGETALL', keyOf(namespace, 'disarmed')],
    ...requests.map(hashCommand),
  ]);
  const sound = (answer: Answer | undefined): Reply => {
    if (isError(answer!)) throw refusal(answer, connection.where);
    return answer!;
  };
  const nowMs = timeMsOf(sound(time));
  const flag = flagOf(kill!, connection.where);
  const held = mapOf(sound(trading));
  const numberIn = (field: string): number => {
    const number = Number(held.get(field) ?? 0);
    if (Number.isFinite(number)) return number;
    throw new StoreError(
      'unusable',
      'TRADING',
      `${field} of ${tradingKey} is no number: something else wrote it`,
    );
  };
  const noted = held.get('noted');
  return {
    nowMs,
    trading: {
      flag,
      latched: latchedOf(held.get('latched')),
      noted: noted === undefined ? undefined : decodeFlag(noted),
      revision: numberIn('revision'),
      voidAllBelow: numberIn('void_all'),
      voidOpeningsBelow: numberIn('void_openings'),
      disarmed: mapOf(sound(disarmed)),
    },
    hashes: hashes.map((answer, i) => hashAnswer(connection, requests[i]!, answer)),
  };
}

/** A flag as the functions compare it and as `ballast:trading` notes it. */
export function encodeFlag(flag: KillFlag): string {
  if (flag.kind === 'unreadable') return UNREADABLE;
  return flag.text === null ? 'absent' : `=${flag.text}`;
}

const UNREADABLE = '!unreadable';

function decodeFlag(noted: string): KillFlag {
  if (noted === 'absent') return { kind: 'text', text: null };
  return noted.startsWith('=')
    ? { kind: 'text', text: noted.slice(1) }
    : { kind: 'unreadable', error: 'it was unreadable' };
}

function flagOf(answer: Answer, where: string): KillFlag {
  if (!isError(answer)) return { kind: 'text', text: answer === null ? null : String(answer) };
  // Of the server, not of the flag.
  if (isServerWide(answer)) throw refusal(answer, where);
  return { kind: 'unreadable', error: answer.message };
}

/** What is not understood halts. */
function latchedOf(text: string | undefined): TradingState {
  if (text === undefined || text === 'ACTIVE') return 'ACTIVE';
  return text === 'REDUCING' ? 'REDUCING' : 'HALTED';
}
