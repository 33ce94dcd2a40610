/** A whole process on the memory store, recorded while it runs, stopped and started again: its archive proves it. */
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { Recorder } from '../../src/components/archive/recorder.ts';
import { TradingMachine } from '../../src/components/machine.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { verify } from '../../src/ops/verify.ts';
import { archiveFilesIn } from '../../src/runtime/archive/reader.ts';
import { openArchive } from '../../src/runtime/archive/writer.ts';
import { supervise } from '../../src/runtime/supervisor.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { scratchFolder } from '../support/cli.ts';
import { testSettings } from '../support/engine-run.ts';
import { ALL, entriesOf } from '../support/recorded-run.ts';
import type { Store } from '../../src/store/store.ts';
import type { TickingComponent } from '../../src/components/declarations.ts';

/** 2026-11-20T23:58:00Z. */
const START = 1_795_219_080;
const SETTINGS = testSettings();

/** Time that passes only while somebody waits. */
class World {
  nowMs = START * 1000;
  readonly store: Promise<Store>;
  #next = 0;
  readonly #entries = entriesOf({ seed: 21, startSec: START, spanSec: 240, count: 300 });

  constructor() {
    const nowMs = (): number => this.nowMs;
    this.store = openMemoryStore({ namespace: 'quantum', folder: null, nowMs, monotonicMs: nowMs });
  }

  async advance(ms: number): Promise<void> {
    this.nowMs += ms;
    const store = await this.store;
    while (this.#next < this.#entries.length && this.#entries[this.#next]!.ms <= this.nowMs) {
      const { key, fields } = this.#entries[this.#next++]!;
      await store.append([
        { stream: keyOf('quantum', key), fields: Object.entries(fields).flat(), maxLength: null },
      ]);
      const sec = String(Math.floor(this.nowMs / 1000));
      await store.writeFields('quantum:state:portfolio', [
        ['equity_usd', String(100_000 + this.#next)],
        ['timestamp', sec],
      ]);
      await store.writeFields('quantum:config:mode', [
        ['efficiency', this.#next % 60 < 30 ? 'shadow' : 'enforce'],
      ]);
    }
    await turn();
  }
}

async function runProcess(world: World, folder: string, forSec: number): Promise<void> {
  const until = world.nowMs + forSec * 1000;
  const archive = openArchive({ folder, name: 'up', startedMs: world.nowMs, onChange: () => undefined });
  const modesSet = new Set(['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE']);
  const listener = new Recorder({ archive, namespace: 'quantum', settings: SETTINGS, modesSet });
  const stop = new AbortController();
  const ignore = (): void => undefined;
  await supervise(
    {
      store: await world.store,
      components: ALL,
      owner: `process ${world.nowMs}`,
      clock: {
        monotonicMs: () => world.nowMs,
        breathe: () => turn(),
        sleep: async (ms) => {
          await world.advance(ms);
          if (world.nowMs >= until) stop.abort();
        },
      },
      events: {
        phase: ignore,
        storeFailed: (operation, error) => {
          throw new Error(`${operation}: ${error.message}`);
        },
        gap: ignore,
        inputState: ignore,
        entryAhead: ignore,
        clockSetBack: ignore,
        round: ignore,
        outputRefused: ignore,
      },
      makeMachine: (components) =>
        new TradingMachine({
          components: components as TickingComponent[],
          namespace: 'quantum',
          settings: SETTINGS,
          modesSet,
          aliases: new Map(),
          clusters: new Map(),
          maxSymbols: 100,
          listener,
        }),
    },
    stop.signal,
  );
  await archive.close();
}

it('is proved tick by tick over a restart and midnight', async () => {
  const folder = scratchFolder();
  const world = new World();
  await runProcess(world, folder, 60);
  await world.advance(17_000);
  await runProcess(world, folder, 170);
  const files = archiveFilesIn(folder);
  expect(files).toHaveLength(3);
  const found = await verify([folder]);
  expect(found).toMatchObject({ differences: [], isProved: true });
  expect(found.files.flatMap(({ incomplete }) => incomplete)).toEqual([]);
  // A tick every 5 s for four minutes; those missed while it was down are made up.
  expect(found.ticks).toBeGreaterThan(44);
  expect(found.files.reduce((sum, { inputs }) => sum + inputs, 0)).toBeGreaterThan(280);
  const text = files.map((file) => gunzipSync(readFileSync(file)).toString('utf8')).join('');
  for (const type of ['portfolio', 'rejected', 'mode', 'allocation', 'proposal'])
    expect(text).toContain(`{"type":"${type}"`);
});
