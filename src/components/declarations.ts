/**
 * The components that tick, each declared as data: what it reads, under which names it publishes, and which saved state
 * is its own. Everything that is the same for all of them is in the other files of this folder.
 */
import {
  encodeAllocationEntry,
  encodeAttribution,
  encodeAttributionEntry,
  encodeBudget,
  encodeEfficiency,
  encodeEfficiencyEntry,
  encodeProposal,
  encodeProposalEntry,
  encodeTarget,
} from '../contract/records.ts';
import type { ComponentName, ModeSetting } from '../contract/components.ts';
import type { InputStream, KeyName } from '../contract/keys.ts';
import type { FieldList } from '../contract/record-codec.ts';
import type { TickDecision } from '../core/decision.ts';
import type { Ticking } from '../core/pipeline/ticking.ts';

export type TickingComponent = Extract<
  ComponentName,
  'budget' | 'attribution' | 'allocation' | 'efficiency' | 'proposer'
>;

export interface Declaration {
  readonly name: TickingComponent;
  /** Its name inside the engine. */
  readonly ticking: Ticking;
  readonly inputs: readonly InputStream[];
  /** Null: always shadow. */
  readonly modeSetting: ModeSetting | null;
  readonly hash: KeyName;
  /** Where its decisions go as entries; null: only on occasion (budget violations). */
  readonly stream: KeyName | null;
  /** Fields that say only when: a record that differs in nothing else has not changed. */
  readonly times: readonly string[];
  readonly encode: (decision: TickDecision) => FieldList;
  readonly encodeEntry: ((decision: TickDecision) => FieldList) | null;
  /** What it needs to go on besides what it keeps by symbol. */
  readonly keepsPortfolio: boolean;
  readonly keepsWorld: boolean;
}

/** Encoders take their own decision; the machine hands each component only its own. */
type Encoder = (decision: TickDecision) => FieldList;

export const DECLARATIONS: { readonly [Name in TickingComponent]: Declaration } = {
  budget: {
    name: 'budget',
    ticking: 'budget',
    inputs: ['executions', 'cashflows'],
    modeSetting: 'P28_MODE',
    hash: 'budget',
    stream: null,
    times: ['timestamp'],
    encode: encodeBudget as Encoder,
    encodeEntry: null,
    keepsPortfolio: true,
    keepsWorld: true,
  },
  attribution: {
    name: 'attribution',
    ticking: 'attribution',
    inputs: ['executions', 'cashflows'],
    modeSetting: 'P30_MODE',
    hash: 'attribution',
    stream: 'attributions',
    times: ['ts_utc', 'ts'],
    encode: encodeAttribution as Encoder,
    encodeEntry: encodeAttributionEntry as Encoder,
    keepsPortfolio: true,
    keepsWorld: false,
  },
  allocation: {
    name: 'allocation',
    ticking: 'allocation',
    inputs: ['executions', 'cashflows', 'regimes'],
    modeSetting: 'P29_MODE',
    hash: 'target',
    stream: 'allocations',
    times: ['timestamp', 'ts'],
    encode: encodeTarget as Encoder,
    encodeEntry: encodeAllocationEntry as Encoder,
    keepsPortfolio: true,
    keepsWorld: true,
  },
  efficiency: {
    name: 'efficiency',
    ticking: 'efficiency',
    inputs: ['executions'],
    modeSetting: 'P31_MODE',
    hash: 'efficiency',
    stream: 'efficiencies',
    times: ['ts'],
    encode: encodeEfficiency as Encoder,
    encodeEntry: encodeEfficiencyEntry as Encoder,
    keepsPortfolio: false,
    keepsWorld: false,
  },
  proposer: {
    name: 'proposer',
    ticking: 'proposal',
    inputs: [],
    modeSetting: null,
    hash: 'proposal',
    stream: 'proposals',
    times: ['ts_epoch', 'last_update_ts_epoch'],
    encode: encodeProposal as Encoder,
    encodeEntry: encodeProposalEntry as Encoder,
    keepsPortfolio: false,
    keepsWorld: false,
  },
};

/** In the order they run within one tick. */
export const TICKING_COMPONENTS: readonly TickingComponent[] = [
  'budget',
  'attribution',
  'allocation',
  'efficiency',
  'proposer',
];

/** What a process can run: the components that tick, and the governor, which judges plans as they come. */
export const LIVE_COMPONENTS = [...TICKING_COMPONENTS, 'governor'] as const;
export type LiveComponent = TickingComponent | 'governor';
