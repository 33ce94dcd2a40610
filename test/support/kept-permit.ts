/** What the governor keeps of a permit, for tests: whole and sound. */
import type { KeptPermit } from '../../src/contract/kept-permit.ts';

export function keptPermit(more: Partial<KeptPermit>): KeptPermit {
  return {
    sequence: 1,
    symbol: 'BTCUSDT',
    side: 'BUY',
    reducing: false,
    issuedAt: 1,
    expiresAt: 61,
    reserveSec: 120,
    qty: 1,
    notionalUsd: 100,
    takeable: true,
    takenAt: null,
    executedAt: null,
    failed: false,
    voided: false,
    counted: true,
    reserved: true,
    filledQty: 0,
    realisedQty: 0,
    epoch: 0,
    digest: '',
    ...more,
  };
}
