import { describe, expect, it } from 'vitest';
import { chooseFormat } from './choose.ts';
import { InputError, type Source } from './format.ts';

function source(text: string): Source {
  return {
    name: 'some file',
    path: null,
    async *bytes() {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}

describe('the format of a file', () => {
  it.each([
    ['{"ts":1,"symbol":"A","pnl":1}\n', 'ballast'],
    ['{"type":"archive","v":1,"kept":1,"program":"0.1.0"}\n', 'archive'],
    ['{"strategy":{"A":{"trades":[],"stake_currency":"USDT"}}}', 'freqtrade'],
    ['time,symbol,side,price,quantity,fee\n2024-01-01,A,BUY,1,1,0\n', 'fills-csv'],
    ['time,symbol,side,profit\n2024-01-01,A,LONG,1\n', 'trades-csv'],
  ])('is seen in its content: %s', async (text, name) => {
    expect((await chooseFormat(source(text), 'auto')).format.name).toBe(name);
  });

  it('is the one named even where the content shows another', async () => {
    const chosen = await chooseFormat(source('{"ts":1}\n'), 'trades-csv');
    expect(chosen).toMatchObject({ format: { name: 'trades-csv' }, what: 'trades-csv, as asked' });
  });

  it('is a refusal where the file is empty or nobody knows it', async () => {
    await expect(chooseFormat(source(''), 'auto')).rejects.toThrow(/^some file: is empty$/);
    await expect(chooseFormat(source(''), 'ballast')).rejects.toThrow(InputError);
    await expect(chooseFormat(source('hello\n'), 'auto')).rejects.toThrow(/in none of the formats/);
  });
});
