/** A process of its own that runs machines one after the other, records them, and says so, until it is killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Recorder } from '../../src/components/archive/recorder.ts';
import { openArchive } from '../../src/runtime/archive/writer.ts';
import { testSettings } from '../support/engine-run.ts';
import { ALL, drive, entriesOf } from '../support/recorded-run.ts';
import type { SavedComponent } from '../../src/store/store.ts';

const [folder] = process.argv.slice(2);
const START = 1_795_132_800;
const settings = testSettings();
const archive = openArchive({
  folder: folder!,
  name: 'up',
  startedMs: START * 1000,
  flushMs: 50,
  onChange: () => undefined,
});
const listener = new Recorder({ archive, namespace: 'quantum', settings, modesSet: new Set() });
const saved = new Map<string, SavedComponent>();
for (let part = 0; ; part++) {
  const startSec = START + part * 300;
  const entries = entriesOf({ seed: part, startSec, spanSec: 300, count: 100 });
  drive({ components: ALL, settings, listener, entries, untilSec: startSec + 300, saved });
  await sleep(10);
  process.stdout.write(`${part + 1}\n`);
}
