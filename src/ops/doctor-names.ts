/** Is what is written read by someone: names, aliases and clusters that match nothing, keys nobody looks for. */
import { keyOf, KEYS, type KeyName } from '../contract/keys.ts';
import { canonicalSymbol, SYMBOL_GRAMMAR } from '../contract/symbol.ts';
import { plain } from '../contract/setting-spec.ts';
import { Groups } from './doctor-groups.ts';
import { finding, listed, type Finding } from './doctor-table.ts';
import { aliasesOf, symbolsSeen, type Situation, type Stored } from './doctor-situation.ts';

export function judgeNames(situation: Situation): Finding[] {
  const { stored } = situation;
  if (stored === null) return [];
  return [
    ...spelling(situation, stored),
    ...strangers(situation, stored),
    ...coverage(situation, stored),
    ...aliasFindings(situation, stored),
    ...clusterFindings(situation, stored),
  ];
}

/** A key by symbol is looked for under the symbol's canonical name only. */
export function isCanonical(name: string): boolean {
  return canonicalSymbol(name, new Map()) === name;
}

function spelling({ aliases, namespace }: Situation, stored: Stored): Finding[] {
  const names = aliasesOf(aliases, stored.aliases);
  const byPattern = new Map<string, { keys: string[]; given: string[]; meant: string[] }>();
  for (const { kind, key, name, isShadow } of stored.hashes) {
    if (kind === 'clusterStress' || isCanonical(name)) continue;
    const pattern = `${namespace}:${isShadow ? 'shadow:' : ''}${KEYS[kind].pattern}`;
    const group = byPattern.get(pattern) ?? { keys: [], given: [], meant: [] };
    byPattern.set(pattern, group);
    group.keys.push(key);
    group.given.push(plain(name));
    const symbol = canonicalSymbol(name, names);
    if (symbol !== null) group.meant.push(symbol);
  }
  return [...byPattern].map(([pattern, { keys, given, meant }]) =>
    finding(
      'symbol-not-canonical',
      listed(keys),
      `nobody looks for ${listed(given)}`,
      meant.length === 0
        ? `write ${pattern} with letters, digits, dots, dashes and underscores only`
        : `write ${pattern} with the canonical symbol, here ${listed(meant)}`,
    ),
  );
}

/** What the names of inputs begin with; others may keep whatever they like beside us. */
const INPUT_BEGINNINGS = [
  'state:',
  'cluster:',
  'config:',
  'position:',
  'stream:execution',
  'stream:apply',
  'stream:regime',
];

function strangers({ namespace }: Situation, stored: Stored): Finding[] {
  const found = stored.strangers.filter((key) => {
    const rest = key.slice(namespace.length + 1);
    return INPUT_BEGINNINGS.some((beginning) => rest.startsWith(beginning));
  });
  if (found.length === 0) return [];
  const what = `${found.length === 1 ? 'this key looks' : `${found.length} keys look`} like an input, and nobody reads ${found.length === 1 ? 'it' : 'them'}`;
  return [finding('key-unread', listed(found), what, 'compare the name with the inputs in spec/contract.md')];
}

function coverage({ namespace }: Situation, stored: Stored): Finding[] {
  if (!stored.isWhole) return [];
  const findings: Finding[] = [];
  const trading = [...new Set(stored.executions.flatMap(({ symbol }) => symbol ?? []))].toSorted();
  for (const [kind, id, what] of [
    ['market', 'symbol-without-market', 'market data'],
    ['position', 'symbol-without-position', 'a position snapshot'],
  ] as const) {
    const names = namesOf(stored, kind);
    const lacking = trading.filter((symbol) => !names.has(symbol));
    if (names.size === 0 || lacking.length === 0) continue;
    findings.push(
      finding(
        id,
        listed(lacking.map((symbol) => keyOf(namespace, kind, symbol))),
        `${listed(lacking)} trade without ${what}, which ${names.size} other symbols have`,
        'write it under the same symbol as the executions, or add an alias',
      ),
    );
  }
  const seen = symbolsSeen(stored);
  const idle = [...namesOf(stored, 'market')].filter((symbol) => isCanonical(symbol) && !seen.has(symbol));
  if (seen.size > 0 && idle.length > 0)
    findings.push(
      finding(
        'market-unread',
        listed(idle.map((symbol) => keyOf(namespace, 'market', symbol))),
        `${listed(idle)} have market data, but never traded and have no position`,
        'nothing, if they will trade; else the executions may use another name',
      ),
    );
  return findings;
}

function namesOf({ hashes }: Stored, kind: KeyName): Set<string> {
  return new Set(hashes.filter((one) => one.kind === kind).map(({ name }) => name));
}

function aliasFindings({ aliases, namespace }: Situation, stored: Stored): Finding[] {
  const findings: Finding[] = [];
  const hashKey = keyOf(namespace, 'symbolAliases');
  for (const [name, target] of stored.aliases ?? []) {
    if (SYMBOL_GRAMMAR.test(target)) continue;
    const canonical = canonicalSymbol(target, new Map());
    findings.push(
      finding(
        'alias-target',
        `${hashKey}, field ${plain(name)}`,
        `it leads to ${plain(target)}, which is no symbol: every execution under ${plain(name)} is refused`,
        canonical === null ? 'set it to a symbol such as BTCUSDT' : `set it to ${canonical}`,
      ),
    );
  }
  if (stored.executions.length === 0) return findings;
  const seen = symbolsSeen(stored);
  const raws = new Set(
    stored.executions.flatMap(({ raw }) => [raw, raw.toUpperCase(), canonicalSymbol(raw, new Map()) ?? raw]),
  );
  for (const [name, target] of aliasesOf(aliases, stored.aliases)) {
    if (raws.has(name) || seen.has(target) || !SYMBOL_GRAMMAR.test(target)) continue;
    const where =
      stored.aliases?.has(name) === true
        ? `${hashKey}, field ${plain(name)}`
        : `ballast.config.json: aliases.${plain(name)}`;
    findings.push(
      finding(
        'alias-unused',
        where,
        `no execution is of ${plain(name)}, and ${target} was never seen`,
        'compare it, letter by letter, with the symbol in the executions',
      ),
    );
  }
  return findings;
}

function clusterFindings({ clusters, namespace, settings }: Situation, stored: Stored): Finding[] {
  const groups = new Groups();
  const seen = symbolsSeen(stored);
  const hashKey = keyOf(namespace, 'symbolClusters');
  const all = new Map([...clusters, ...(stored.clusters ?? [])]);
  if (seen.size > 0)
    for (const symbol of all.keys()) {
      if (seen.has(symbol)) continue;
      const canonical = canonicalSymbol(symbol, new Map());
      groups.add(
        'cluster-unused',
        `${stored.clusters?.has(symbol) === true ? hashKey : 'ballast.config.json: clusters'}, ${plain(symbol)}`,
        'a cluster is configured for a symbol never seen',
        canonical === null || canonical === symbol
          ? 'compare it with the symbols of the executions'
          : `name the symbol in canonical form: ${canonical}`,
      );
    }
  if (seen.size > 0)
    for (const symbol of settings.bySymbol.keys())
      if (!seen.has(symbol))
        groups.add(
          'override-unused',
          `ballast.config.json: symbols.${plain(symbol)}`,
          'settings are configured for a symbol never seen',
          'compare it with the symbols of the executions',
        );
  const used = new Set(all.values());
  for (const { cluster } of stored.executions) if (cluster !== null) used.add(cluster);
  for (const { kind, fields } of stored.hashes)
    if (kind === 'target') used.add(fields?.get('cluster_id') ?? '');
  if (seen.size > 0 && stored.isWhole)
    for (const { kind, name, key } of stored.hashes)
      if (kind === 'clusterStress' && !used.has(name))
        groups.add(
          'stress-unread',
          key,
          'no symbol belongs to this cluster',
          `name the clusters of symbols in ${hashKey}, ballast.config.json or the executions`,
        );
  return groups.findings();
}
