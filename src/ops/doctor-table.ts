/** Every kind of finding `ballast doctor` can make: a closed table with stable ids, so that scripts and documents can name them. */

/** `problem`: something does not work as its operator surely means it. `warning`: it works, but worse. `hint`: worth knowing. */
export type Severity = 'problem' | 'warning' | 'hint';

export interface FindingKind {
  readonly severity: Severity;
  readonly meaning: string;
}

export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly what: string;
  /** The key, setting or file. */
  readonly where: string;
  readonly remedy: string;
}

const problem = (meaning: string): FindingKind => ({ severity: 'problem', meaning });
const warning = (meaning: string): FindingKind => ({ severity: 'warning', meaning });
const hint = (meaning: string): FindingKind => ({ severity: 'hint', meaning });

export const FINDINGS = {
  // Names
  'symbol-not-canonical': problem('A key is named after a symbol in a form nobody looks for.'),
  'field-missing': problem('A hash lacks a field its readers need.'),
  'value-refused': problem('A hash holds a value its readers refuse.'),
  'time-missing': problem('A hash does not say when it was written, so its readers refuse it.'),
  'key-type': problem('A key is of another type than its readers expect.'),
  'key-unread': hint('A key looks like an input, and nobody reads it.'),
  'market-unread': hint('Market data of a symbol that neither trades nor has a position.'),
  'symbol-without-market': warning('A symbol trades without market data while others have it.'),
  'symbol-without-position': hint('A symbol trades without a position snapshot while others have one.'),
  'alias-target': problem('An alias leads to a name outside the grammar of symbols.'),
  'alias-unused': warning('An alias matches no symbol ever seen.'),
  'cluster-unused': warning('A cluster is configured for a symbol never seen.'),
  'override-unused': warning('Settings of its own are configured for a symbol never seen.'),
  'stress-unread': warning('The stress of a cluster no symbol belongs to.'),
  // Freshness
  'portfolio-stale': problem('The fed portfolio is too old for targets.'),
  'portfolio-late': warning('The fed portfolio is older than it should be, and still used.'),
  'market-stale': warning('Market data is too old to be used.'),
  'stress-stale': warning('The stress of a cluster is too old to be used as it is.'),
  'position-stale': warning('A position snapshot is too old to count as known.'),
  'regime-stale': warning('The newest regime is too old to be used as it is.'),
  'record-stale': warning("A component's record is older than its readers take it for fresh."),
  'time-in-future': problem('A time lies in the future: what it belongs to would never grow old.'),
  'executions-silent': warning('No execution came for far longer than usual.'),
  'executions-absent': hint('No execution ever came.'),
  // Modes
  'mode-conflict': warning('The settings and the hash of modes disagree.'),
  'mode-unknown-component': problem('The hash of modes names a component that has no mode.'),
  'mode-unknown-value': problem('The hash of modes holds a value that is no mode.'),
  'mode-differs': hint('A component runs in another mode than the settings here would give it.'),
  'upstream-in-shadow': problem('A component enforces, but what it reads is in shadow: it sees nothing.'),
  'performance-in-shadow': warning('Allocation enforces without the performance factor, which is in shadow.'),
  'gates-in-shadow': warning('In production, but the budget or allocation gate never blocks.'),
  // Settings
  'stale-never-seen': hint('A record is deleted before it could be seen as stale.'),
  'life-below-interval': problem('A record is deleted before the next tick writes it again.'),
  'interval-above-limit': problem('A component ticks more rarely than its readers take it for fresh.'),
  'min-budget-above-cap': warning('The least budget is above the cap of a symbol.'),
  'min-budget-always': warning('Every budget is the least one: stress and equity change nothing.'),
  'max-budget-unreachable': hint('The greatest budget is never reached.'),
  'factors-out-of-order': warning('A deeper drawdown is answered with a larger factor.'),
  'confidence-unreachable': problem('A confidence is asked for that cannot be reached.'),
  'confidence-far': hint('Symbols trade too rarely to reach the confidence asked for within a month.'),
  'multiplier-one-sided': hint('The proposer can only raise, or only lower.'),
  'permit-outlives-reservation': warning('A permit can be taken after its reservation is gone.'),
  'limit-never-binds': hint('A limit can never block, because another always blocks first.'),
  'limit-blocks-all': warning('A limit of 0 blocks every opening.'),
  'permit-signing-twice': hint('Both a key and a secret are set to sign permits.'),
  // Trading
  'hold-penalty': warning('Symbols trade so rarely that the hold penalty caps their score.'),
  // Redis and disk
  'redis-version': problem('Redis is too old.'),
  'redis-functions': problem('Redis does not let us load or call functions.'),
  'redis-persistence-off': problem(
    'Redis writes no append-only file: a restart loses what came since its last snapshot.',
  ),
  'redis-fsync-everysec': hint('A crash of the machine loses up to 2 s of what Redis answered.'),
  'redis-fsync-never': warning('Redis leaves it to the system when to write to the disk.'),
  'redis-fsync-production': warning(
    'Permits for production need every write on the disk before it is answered.',
  ),
  'redis-write-failing': problem('Redis could not write to its disk the last time it tried.'),
  'redis-eviction': problem('Redis may delete keys to make room.'),
  'redis-eviction-latent': warning('Redis would delete keys to make room, had it a limit of memory.'),
  'redis-evicted': problem('Redis has deleted keys to make room.'),
  'redis-memory-near': warning('Redis is near its limit of memory.'),
  'redis-cluster': problem('Redis is a cluster, and the namespace is spread over its nodes.'),
  'redis-replica': problem('This Redis is a replica, which takes no writes.'),
  'redis-replicas-unawaited': hint('Redis has replicas, but answers before any has the write.'),
  'redis-hidden': hint('This user may not see how Redis is set up.'),
  'clock-skew': warning("The store's clock and this machine's differ."),
  'store-ephemeral': warning('The store is gone with its process.'),
  'store-not-read': hint('The store was not looked at.'),
  'disk-full': problem('The disk of the data folder is all but full.'),
  'disk-low': warning('The disk of the data folder is getting full.'),
  'walk-incomplete': hint('There are more keys than were looked at.'),
  // Streams and components
  'stream-trimmed': problem('Entries were removed from a stream before a component read them.'),
  'stream-recreated': problem('A stream was deleted and made anew since a component read it.'),
  'stream-unreadable': problem('A stream cannot be read.'),
  'stream-short': warning('A stream keeps so few entries that a component that pauses misses some.'),
  'stream-behind': warning('A component is behind its input.'),
  'dead-letters': warning('Entries could not be used.'),
  'component-stopped': warning('A component that ran before does not run now, while others do.'),
  'component-degraded': warning('A component says on its port that something is amiss.'),
  'state-unreadable': problem('What a component committed cannot be read.'),
} as const satisfies Record<string, FindingKind>;

export type FindingId = keyof typeof FINDINGS;

export function finding(id: FindingId, where: string, what: string, remedy: string): Finding {
  return { id, severity: FINDINGS[id].severity, what, where, remedy };
}

/** `1 entry`, `2 entries`. */
export function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

const SHOWN = 5;

/** `BTCUSDT, ETHUSDT and 12 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map((name) => (name.length > 80 ? `${name.slice(0, 77)}...` : name));
  return names.length > SHOWN ? `${shown.join(', ')} and ${names.length - SHOWN} more` : shown.join(', ');
}
