/** A thousand symbols on a store: each with an execution, a budget, a target in shadow and some live, a score, a position. */
import { keyOf, shadowKeyOf } from '../../src/contract/keys.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Store } from '../../src/store/store.ts';

const NAMESPACE = 'quantum';
const PRESSURES = ['INCREASE', 'HOLD', 'DECREASE'];
const CLUSTERS = ['majors', 'platforms', 'memes', 'payments'];

/** In their order: the last is the last of the table too. */
export const manySymbols = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `S${String(i).padStart(4, '0')}USDT`);

export async function storeOfMany(count: number): Promise<Store> {
  const store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
  const nowSec = Date.now() / 1000;
  for (const [i, symbol] of manySymbols(count).entries()) {
    const put = async (key: string, fields: Record<string, string | number>): Promise<void> => {
      await store.writeFields(
        key,
        Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
      );
    };
    const targetUsd = 500 + ((i * 7919) % 4000);
    const common = { timestamp: nowSec.toFixed(3), confidence: '0.82' };
    await put(keyOf(NAMESPACE, 'budget', symbol), { ...common, budget_usd: 5000 });
    // Every third acts, the others are decided in shadow.
    if (i % 3 === 0)
      await put(keyOf(NAMESPACE, 'target', symbol), { ...common, target_usd: targetUsd, mode: 'enforce' });
    await put(shadowKeyOf(NAMESPACE, 'target', symbol), {
      ...common,
      ...{ target_usd: targetUsd * (0.8 + (i % 9) / 20), base_target_usd: targetUsd, mode: 'shadow' },
    });
    await put(keyOf(NAMESPACE, 'efficiency', symbol), {
      ...common,
      efficiency_score: ((i * 31) % 100) / 100,
      efficiency_ewma: 0.5,
      capital_pressure: PRESSURES[i % 3]!,
      reallocation_weight: 1,
      mode: 'enforce',
    });
    await put(keyOf(NAMESPACE, 'position', symbol), {
      position_amt: (i % 2 === 0 ? 1 : -1) * 2,
      mark_price: 300,
      timestamp: common.timestamp,
    });
  }
  await store.append(
    manySymbols(count).map((symbol, i) => ({
      stream: keyOf(NAMESPACE, 'executions'),
      fields: Object.entries({
        ...{ symbol, realized_pnl: ((i * 53) % 401) - 200, cluster: CLUSTERS[i % 4]!, signal: 'breakout' },
        timestamp: nowSec.toFixed(3),
      }).flatMap(([name, value]) => [name, String(value)]),
      maxLength: null,
    })),
  );
  return store;
}
