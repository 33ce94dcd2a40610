/** A process of its own with the memory store: adds entries and commits, and prints what was acknowledged, until it is killed. */
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';

const [folder, start, snapshotBytes] = process.argv.slice(2);
const store = await openMemoryStore({
  namespace: 'test',
  folder: folder!,
  snapshotBytes: Number(snapshotBytes),
});
const { held } = await store.claim(`child ${process.pid}`, ['budget']);
let sequence = (await store.load('budget'))?.sequence ?? 0;

/** Four entries at a time, so that some share a write. */
for (let n = Number(start); ; n += 4) {
  const numbers = [n, n + 1, n + 2, n + 3];
  const adding = numbers.map(async (number) => {
    const [id] = await store.append([
      { stream: 'test:s', fields: ['text', String(number), 'fill', 'x'.repeat(300)], maxLength: null },
    ]);
    process.stdout.write(`entry ${number} ${id}\n`);
  });
  const result = await store.commit({
    owner: `child ${process.pid}`,
    parts: [
      { ...held[0]!, sequence, meta: ['n', String(n)], records: ['S', String(n)], seen: null, dropSeen: 0 },
    ],
    outputs: [
      { kind: 'append', key: 'test:out', fields: ['sequence', String(sequence)], maxLength: 1_000_000 },
    ],
  });
  process.stdout.write(`${result.outcome} ${sequence++} ${n}\n`);
  await Promise.all(adding);
}
