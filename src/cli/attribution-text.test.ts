import { expect, test } from 'vitest';
import { Names } from '../core/names.ts';
import { breakdown } from '../replay/report/breakdown.ts';
import { PeriodLedger } from '../replay/report/ledger.ts';
import { attributionText } from './attribution-text.ts';

const names = { symbols: new Names(['BTC', 'ETH']), labels: new Names(['UNKNOWN']) };

test('prints a heading, the cells and a total for each breakdown', () => {
  const found = breakdown(ledger(), ['symbol'], names);
  expect(attributionText([found], { width: 100, colour: false })).toEqual([
    [
      'Profit by symbol',
      'symbol  trades  profit   share     won  avg win  avg loss  factor  per trade',
      '──────  ──────  ──────  ──────  ──────  ───────  ────────  ──────  ─────────',
      'BTC          2  +11.00  157.1%  100.0%    +5.50         -       -      +5.50',
      'ETH          1   -4.00  -57.1%    0.0%        -     -4.00    0.00      -4.00',
      '──────  ──────  ──────  ──────  ──────  ───────  ────────  ──────  ─────────',
      'total        3   +7.00  100.0%   66.7%    +5.50     -4.00    2.75      +2.33',
    ].join('\n'),
  ]);
});

test('on a narrow terminal keeps names, profit and factor', () => {
  const found = breakdown(ledger(), ['symbol', 'hour_bucket'], names);
  const [text = ''] = attributionText([found], { width: 36, colour: false });
  expect(text.split('\n').slice(0, 2)).toEqual([
    'Profit by symbol and hours (UTC)',
    'symbol  hours (UTC)  profit  factor',
  ]);
});

test('says when the sums are rounded', () => {
  const made = ledger();
  made.add(0, 0, 0, 0, 0, 0, 0, 0, 1e10);
  const [text = ''] = attributionText([breakdown(made, ['symbol'], names)], { width: 80, colour: false });
  expect(text).toContain('Profit by symbol (rounded: past 9e9 USD)');
});

function ledger(): PeriodLedger {
  const made = new PeriodLedger();
  made.add(0, 0, 0, 0, 0, 0, 0, 0, 10);
  made.add(0, 0, 0, 0, 0, 0, 0, 0, 1);
  made.add(1, 0, 0, 0, 0, 0, 0, 0, -4);
  return made;
}
