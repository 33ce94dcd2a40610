/** The governor of a deployment on a store of its own, as operators' commands meet it; ends with the test. */
import { onTestFinished } from 'vitest';
import { runGovernor } from '../../src/components/governor/run.ts';
import { keyOf, type KeyName } from '../../src/contract/keys.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { testSettings } from './engine-run.ts';
import type { GovernorListener } from '../../src/components/governor/listener.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Deployment } from '../../src/ops/governor/operation.ts';
import type { Store } from '../../src/store/store.ts';

export const NAMESPACE = 'quantum';

/** A deployment on a memory store that keeps nothing, without a governor. */
export async function deployed(changed: Partial<Settings> = {}, given?: Store): Promise<Deployment> {
  const store = given ?? (await openMemoryStore({ namespace: NAMESPACE, folder: null }));
  return {
    store,
    namespace: NAMESPACE,
    settings: testSettings(changed),
    aliases: new Map(),
    openScratch: async (namespace) => {
      const scratch = await openMemoryStore({ namespace, folder: null });
      return {
        namespace,
        store: scratch,
        remove: async () => {
          await scratch[Symbol.asyncDispose]();
          return 0;
        },
      };
    },
  };
}

/** Starts the governor and waits until it has the component. */
export async function startGovernor({ store, namespace, settings }: Deployment): Promise<void> {
  const stop = new AbortController();
  let begun: () => void = () => undefined;
  const isActive = new Promise<void>((resolve) => (begun = resolve));
  const heard = { round: () => begun() } as Partial<GovernorListener>;
  const running = runGovernor(
    {
      store,
      namespace,
      settings,
      aliases: new Map(),
      maxSymbols: 100,
      owner: 'host-1',
      clock: systemClock,
      sign: null,
      // What else it tells nobody listens to here.
      listener: new Proxy(heard as GovernorListener, {
        get: (target, name): unknown => (Reflect.get(target, name) as unknown) ?? (() => undefined),
      }),
    },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  await Promise.race([isActive, running]);
}

/** Writes fields of a hash as another program does. */
export async function put(
  store: Store,
  name: Extract<KeyName, 'position' | 'market'>,
  symbol: string,
  fields: Readonly<Record<string, string | number>>,
): Promise<void> {
  const texts = Object.entries(fields).map(([field, value]): [string, string] => [field, String(value)]);
  await store.writeFields(keyOf(NAMESPACE, name, symbol), texts);
}

/** An object whose other methods are its own. */
export function withOther<Whole extends object>(whole: Whole, other: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get: (target, name) => {
      if (Object.hasOwn(other, name)) return Reflect.get(other, name) as unknown;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
