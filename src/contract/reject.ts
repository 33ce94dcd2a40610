/**
 * Why an input entry could not be used. A closed list: metric labels, dead letters and reports use these names.
 * `fee_not_usd` is the exception: the fill is used, its fee is not deducted.
 */
export const REJECT_REASONS = [
  'not_json',
  'not_an_object',
  'oversized',
  'unknown_type',
  'missing_symbol',
  'bad_symbol',
  'missing_pnl',
  'missing_time',
  'bad_time',
  'missing_field',
  'bad_number',
  'out_of_range',
  'bad_value',
  'bad_name',
  'not_usd',
  'fee_not_usd',
  'unbalanced_fills',
  'bad_row',
  'too_many_symbols',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];
