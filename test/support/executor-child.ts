/** A process that takes permits over connections of its own; what it is to do stands in its argument (executors.ts). */
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { openClient } from '../../src/client/index.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { StoreError } from '../../src/store/store.ts';
import { seededRandom } from './event-lines.ts';
import { shuffled } from './governor-fleet.ts';
import type { ExecutorReport, ExecutorTask } from './executors.ts';

const task = JSON.parse(process.argv[2]!) as ExecutorTask;
const { url, namespace, lanes, plans, plainLanes = 0, window = 32, seed = 1 } = task;
const taken: string[] = [];
const plain: string[] = [];
const refused: Record<string, number> = {};
let retried = 0;

type Take = (planId: string) => Promise<void>;

function refuse(reason: string): void {
  refused[reason] = (refused[reason] ?? 0) + 1;
}

async function clientLane(): Promise<{ take: Take; close: () => Promise<void> }> {
  // A busy machine is slow; that is not what is tested.
  const client = await openClient({ url, namespace, deadlineMs: 20_000, connectMs: 20_000, marginMs: 0 });
  const take: Take = async (planId) => {
    for (;;) {
      try {
        const result = await client.takePermit(planId);
        if (result.taken) taken.push(planId);
        else refuse(result.reason);
        return;
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'unreachable') throw error;
        retried++;
      }
    }
  };
  return { take, close: () => client.close() };
}

async function plainLane(): Promise<{ take: Take; close: () => Promise<void> }> {
  const client = createClient({ url, RESP: 2, maintNotifications: 'disabled' });
  await client.connect();
  const take: Take = async (planId) => {
    const text = await client.sendCommand(['GETDEL', keyOf(namespace, 'permit', planId)]);
    if (text === null) refuse('gone');
    else plain.push(planId);
  };
  return { take, close: () => client.close() };
}

/** Every plan, some underway at a time. */
async function takeAll(take: Take, planIds: readonly string[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < planIds.length) await take(planIds[next++]!);
  };
  await Promise.all(Array.from({ length: window }, worker));
}

/** Each permit the stream tells of, at once, each by one of the lanes. */
async function followEvents(takes: readonly Take[]): Promise<void> {
  const client = createClient({ url, RESP: 2, maintNotifications: 'disabled' });
  await client.connect();
  const key = keyOf(namespace, 'governorEvents');
  const underway = new Set<Promise<void>>();
  let last = '$';
  let lane = 0;
  const over = new AbortController();
  process.stdin.once('end', () => over.abort());
  while (!over.signal.aborted) {
    const answer = (await client.sendCommand([
      'XREAD',
      'COUNT',
      '500',
      'BLOCK',
      '100',
      'STREAMS',
      key,
      last,
    ])) as [string, [string, string[]][]][] | null;
    for (const [id, fields] of answer?.[0]?.[1] ?? []) {
      last = id;
      if (fields[fields.indexOf('event') + 1] !== 'PERMIT_ISSUED') continue;
      const planId = fields[fields.indexOf('plan_id') + 1]!;
      const taking = takes[lane++ % takes.length]!(planId);
      underway.add(taking);
      void taking.finally(() => underway.delete(taking));
    }
  }
  await Promise.all(underway);
  await client.close();
}

const opened = await Promise.all(
  Array.from({ length: lanes }, (_, i) => (i < lanes - plainLanes ? clientLane() : plainLane())),
);
process.stdin.resume();
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const startMs = performance.now();
if (plans === 'follow') await followEvents(opened.map(({ take }) => take));
else {
  const planIds = Array.from({ length: plans }, (_, i) => `p${i}`);
  await Promise.all(
    opened.map(({ take }, i) => takeAll(take, shuffled(planIds, seededRandom(seed * 100 + i)))),
  );
}
const report: ExecutorReport = { taken, plain, refused, retried, tookMs: performance.now() - startMs };
await Promise.all(opened.map(({ close }) => close()));
process.stdout.write(`report ${JSON.stringify(report)}\n`);
