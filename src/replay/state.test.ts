import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execution, plan, portfolio, T0 } from '../../test/support/engine-events.ts';
import { testSettings } from '../../test/support/engine-run.ts';
import { Pipeline } from '../core/pipeline/pipeline.ts';
import { InputError } from './formats/format.ts';
import { ReplayRecord } from './record.ts';
import { loadState, saveState } from './state.ts';
import type { Settings } from '../core/settings.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ballast-state-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const empty = (settings: Settings): Pipeline => new Pipeline(settings, 'executions', () => undefined);

function save(settings: Settings, path = join(folder, 'state')): string {
  const pipeline = empty(settings);
  pipeline.apply(portfolio(T0, 1000));
  pipeline.apply(execution(T0 + 1, '__PROTO__', 0.1 + 0.2, { signal: '__proto__', executionId: 'e' }));
  pipeline.apply(plan(T0 + 2, 'p', { notionalUsd: 5 }));
  saveState(path, pipeline, new ReplayRecord(), settings);
  return path;
}

describe('the state on disk', () => {
  it('is the same after loading and saving once more', () => {
    const settings = testSettings();
    const path = save(settings);
    const pipeline = empty(settings);
    const record = loadState(path, pipeline, settings);
    saveState(join(folder, 'again'), pipeline, record, settings);
    expect(readFileSync(join(folder, 'again'), 'utf8')).toBe(readFileSync(path, 'utf8'));
    expect(readdirSync(folder).sort()).toEqual(['again', 'state']);
  });

  it('is refused with other settings, each named with both values', () => {
    const path = save(testSettings());
    const other = testSettings({ P31_W_DD: 3, P29_MODE: 'shadow' });
    expect(() => loadState(path, empty(other), other)).toThrow(InputError);
    expect(() => loadState(path, empty(other), other)).toThrow(
      /P29_MODE=enforce \(now shadow\).*P31_W_DD=.*\(now 3\)/,
    );
  });

  it('is refused with other settings for one symbol or one bot', () => {
    const path = save(testSettings());
    const symbol = testSettings({ bySymbol: new Map([['BTC', { P31_W_DD: 3 }]]) });
    expect(() => loadState(path, empty(symbol), symbol)).toThrow(/symbol BTC P31_W_DD= \(now 3\)/);
  });

  it.each(['', 'x', 'null', '[]', '{}', '{"kind":"ballast-replay-state"}'])(
    'is refused where it is %j',
    (text) => {
      const path = join(folder, 'bad');
      writeFileSync(path, text);
      const settings = testSettings();
      expect(() => loadState(path, empty(settings), settings)).toThrow(InputError);
    },
  );

  it('is refused where it is of another version', () => {
    const path = save(testSettings());
    const text = readFileSync(path, 'utf8').replace(/"version":\d+/, '"version":99');
    writeFileSync(path, text);
    expect(() => loadState(path, empty(testSettings()), testSettings())).toThrow(/version 99/);
  });

  it('leaves nothing half-written where it cannot be put in place', () => {
    const inTheWay = join(folder, 'folder');
    save(testSettings());
    rmSync(inTheWay, { recursive: true, force: true });
    expect(() => save(testSettings(), join(folder, 'none', 'state'))).toThrow(InputError);
    expect(readdirSync(folder)).toEqual(['state']);
  });
});
