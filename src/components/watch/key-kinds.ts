/** What kind of key a key is, for labels that must not grow with symbols, and which components read keys of a kind. */
import { KEYS, type KeyName } from '../../contract/keys.ts';
import { DECLARATIONS, TICKING_COMPONENTS, type TickingComponent } from '../declarations.ts';

/** `quantum:state:market:BTCUSDT`, or the same below `shadow:`, is `market`; null where the contract has no such key. */
export function kindOfKey(key: string): KeyName | null {
  const plain = key.slice(key.indexOf(':') + 1).replace(/^shadow:/, '');
  for (const { name, prefix, isWhole } of PREFIXES)
    if (isWhole ? plain === prefix : plain.startsWith(prefix)) return name;
  return null;
}

/** The kind as people read it: `state:market`, `execution.result`. */
export function kindLabel(kind: KeyName | null): string {
  return kind === null ? 'other' : KEYS[kind].pattern.replace(/:?\{.*/, '').replace(/^stream:/, '');
}

/** The components that read such keys. */
export function readersOf(kind: KeyName | null): readonly TickingComponent[] {
  return kind === null ? [] : (READERS[kind] ?? []);
}

/** The component that writes such keys; null: several do, or none. */
export function writerOf(kind: KeyName | null): TickingComponent | null {
  if (kind === 'budgetViolations') return 'budget';
  const writes = (name: TickingComponent): boolean =>
    kind !== null && (DECLARATIONS[name].hash === kind || DECLARATIONS[name].stream === kind);
  return TICKING_COMPONENTS.find(writes) ?? null;
}

/** Longest first: a proposed target is no target. */
const PREFIXES = (Object.keys(KEYS) as KeyName[])
  .map((name) => {
    const [prefix] = KEYS[name].pattern.split('{');
    return { name, prefix: prefix!, isWhole: prefix === KEYS[name].pattern };
  })
  .sort((a, b) => b.prefix.length - a.prefix.length);

/** Hashes; streams are in the declarations. */
const READERS: { readonly [Name in KeyName]?: readonly TickingComponent[] } = {
  portfolio: ['budget', 'attribution', 'allocation'],
  market: ['budget'],
  position: ['budget'],
  clusterStress: ['budget', 'allocation'],
  budget: ['allocation'],
  attribution: ['allocation', 'efficiency'],
  target: ['efficiency', 'proposer'],
  efficiency: ['proposer'],
  proposal: ['allocation'],
};
