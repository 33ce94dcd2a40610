/** What the command line says about itself, and to one who calls it wrongly. */
import { describe, expect, it } from 'vitest';
import { runCli, scratchFiles, scratchFolder } from '../support/cli.ts';

const EVENT = '{"ts":1700000000,"symbol":"BTC","pnl":1}\n';
const file = (): string => scratchFiles({ 'ok.jsonl': EVENT })['ok.jsonl'];

describe('the help', () => {
  it('lists the commands', async () => {
    const { code, out, errors } = await runCli(['--help']);
    expect(code).toBe(0);
    expect(errors).toEqual([]);
    expect(out).toMatch(/^Usage: ballast/);
    expect(out).toMatch(/^ {2}replay .*\n(.*\n)* {2}import /m);
  });

  it('of replay names every option and shows examples', async () => {
    const { code, out } = await runCli(['replay', '--help']);
    expect(code).toBe(0);
    for (const option of [
      '--format',
      '--columns',
      '--time-zone',
      '--usd-per',
      '--out',
      '--set',
      '--emit',
      '--by',
    ])
      expect(out).toContain(`  ${option} `);
    for (const option of ['--as-plans', '--exclude', '--strict', '--save', '--load', '--json'])
      expect(out).toContain(`  ${option} `);
    expect(out).toContain('Examples:');
  });

  it('of import names its options', async () => {
    const { code, out } = await runCli(['import', '--help']);
    expect(code).toBe(0);
    for (const option of ['--format', '--columns', '--time-zone', '--usd-per', '--out'])
      expect(out).toContain(`  ${option} `);
  });

  it('goes to standard error, exit 2, where no command is given', async () => {
    const { code, out, errors } = await runCli([]);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(errors.join('\n')).toMatch(/Usage: ballast/);
  });
});

describe('a wrong call', () => {
  it.each([
    ['an unknown command', ['repaly'], 'repaly'],
    ['an unknown option', ['replay', 'FILE', '--jsno'], '--jsno'],
    ['no file', ['replay'], 'files'],
    ['an unknown format', ['replay', 'FILE', '--format', 'parquet'], 'parquet'],
    ['an unknown emit', ['replay', 'FILE', '--emit', 'most'], 'most'],
    ['an unknown dimension', ['replay', 'FILE', '--by', 'colour'], 'colour'],
    ['three dimensions', ['replay', 'FILE', '--by', 'symbol,signal,bot'], 'symbol,signal,bot'],
    ['a dimension twice', ['replay', 'FILE', '--by', 'symbol,symbol'], 'symbol,symbol'],
    ['an unknown flag', ['replay', 'FILE', '--exclude', 'ugly'], 'ugly'],
    ['an empty flag', ['replay', 'FILE', '--exclude', ''], '""'],
    ['an unknown setting', ['replay', 'FILE', '--set', 'P30_WINDOW=5'], 'P30_WINDOW'],
    ['a setting without a value', ['replay', 'FILE', '--set', 'P30_EWMA_ALPHA'], 'P30_EWMA_ALPHA'],
    ['a setting out of range', ['replay', 'FILE', '--set', 'P30_EWMA_ALPHA=2'], 'P30_EWMA_ALPHA="2"'],
    ['a wrong column', ['replay', 'FILE', '--columns', 'time'], 'time'],
    ['a wrong zone', ['replay', 'FILE', '--time-zone', 'Mars/Olympus'], 'Mars/Olympus'],
    ['a wrong rate', ['replay', 'FILE', '--usd-per', 'BTC=free'], 'BTC=free'],
    ['standard input twice', ['replay', '-', '-'], '-'],
    ['an option without its value', ['replay', 'FILE', '--out'], '--out'],
  ])('with %s is exit 2 and one line that names it', async (_what, words, named) => {
    const given = file();
    const { code, out, errors } = await runCli(words.map((word) => (word === 'FILE' ? given : word)));
    expect(code).toBe(2);
    expect(out).toBe('');
    const lines = errors.filter((line) => !line.startsWith('('));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(named);
  });

  it('lists everything that is wrong with the settings, wherever they come from', async () => {
    const { 'ballast.config.json': config, '.env': dotEnv } = scratchFiles({
      'ballast.config.json': '{"settings":{"P31_W_DD":"steep"}}',
      '.env': 'P30_NO_SUCH=1\nMAX_SYMBOL_PCT=lots\n',
    });
    expect(dotEnv).not.toBe('');
    const { code, errors } = await runCli(
      ['replay', file(), '--set', 'P30_EWMA_ALPHA=0', '--set', 'NOPE=1', '--set', 'junk'],
      { folder: config.replace(/\/[^/]*$/, ''), env: { P31_W_VOL: 'wild' } },
    );
    expect(code).toBe(2);
    const text = errors.join('\n');
    for (const name of [
      'P31_W_DD',
      'P30_NO_SUCH',
      'MAX_SYMBOL_PCT',
      'P30_EWMA_ALPHA',
      'NOPE',
      'junk',
      'P31_W_VOL',
    ])
      expect(text).toContain(name);
    expect(errors).toHaveLength(7);
  });

  it('lists the mistakes of the options about files together', async () => {
    const flags = ['--columns', 'x', '--usd-per', 'EUR=0', '--time-zone', 'Nowhere'];
    const { code, errors } = await runCli(['import', file(), ...flags]);
    expect(code).toBe(2);
    expect(errors).toHaveLength(3);
  });

  it('leaves the output folder alone', async () => {
    const out = `${scratchFolder()}/out`;
    const { code } = await runCli(['replay', file(), '--out', out, '--by', 'colour']);
    expect(code).toBe(2);
    expect((await runCli(['replay', `${out}/decisions.jsonl`])).errors[0]).toContain('there is no such file');
  });

  it('refuses --as-plans with --load or --save: trades cut in two would lose their openings', async () => {
    const { code, errors } = await runCli([
      'replay',
      file(),
      '--as-plans',
      '--save',
      `${scratchFolder()}/state`,
    ]);
    expect(code).toBe(2);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/--as-plans.*--save/);
  });
});

describe('settings', () => {
  it('from the environment, .env and the config file are taken, --set before all', async () => {
    const { 'ballast.config.json': config } = scratchFiles({
      'ballast.config.json': '{"settings":{"P31_W_DD":"0.9","P31_W_HOLD":"0.7"}}',
      '.env': 'P31_W_HOLD=0.65\nP31_W_VOL=0.5\n',
    });
    const { code, out } = await runCli(['replay', file(), '--set', 'P30_EWMA_ALPHA=0.25'], {
      folder: config.replace(/\/[^/]*$/, ''),
      env: { P31_W_VOL: '0.4', P30_EWMA_ALPHA: '0.1' },
    });
    expect(code).toBe(0);
    expect(out).toContain('P31_W_DD=0.9');
    expect(out).toContain('P31_W_HOLD=0.65');
    expect(out).toContain('P31_W_VOL=0.4');
    expect(out).toContain('P30_EWMA_ALPHA=0.25');
  });

  it('of the modes are enforce unless --set says otherwise', async () => {
    const env = { P29_MODE: 'shadow' };
    expect((await runCli(['replay', file()], { env })).out).not.toContain('P29_MODE');
    expect((await runCli(['replay', file(), '--set', 'P29_MODE=shadow'])).out).toContain('P29_MODE=shadow');
  });
});
