/** `ballast demo` as a newcomer meets it: lines, screen, summary, JSON, a file of decisions, and wrong words. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../support/cli.ts';

const TIMEOUT_MS = 60_000;
/** Ten simulated minutes. */
const QUICK = ['demo', '--seconds', '10', '--speed', 'max'];
const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;

interface Report {
  readonly seed: number;
  readonly simulated_sec: number;
  readonly unpermitted_executions: number;
  readonly symbols: readonly {
    readonly bot: string;
    readonly permits: number;
    readonly target_usd: number;
  }[];
  readonly settings: readonly { readonly name: string }[];
  readonly decisions: number;
  readonly decisions_sha256: string;
}

describe('ballast demo', () => {
  it(
    'says in lines what happens, and at the end in words',
    async () => {
      const { code, out, errors } = await runCli(QUICK);
      expect({ code, errors }).toEqual({ code: 0, errors: [] });
      expect(out).toMatch(/^Dashboard {2}http:\/\/127\.0\.0\.1:\d+\/#token=/);
      expect(out).toMatch(/^\d\d:\d\d:\d\d equity 100,000\.00 USD, trading ACTIVE; capital: momentum/m);
      expect(out).toContain('What happened in 10 minutes of simulated time (seed 1):');
      expect(out).toMatch(
        /- [\d,]+ plans permitted, \d+ blocked; each of [\d,]+ executions had its permit\./,
      );
      expect(out).toContain('ballast replay examples/trades.jsonl');
      expect(out).not.toContain('\u001b');
    },
    TIMEOUT_MS,
  );

  it.each([60, 80, 120, 200])(
    'draws in place on a terminal of %d columns',
    async (width) => {
      const { code, out } = await runCli(QUICK, { isWatched: true, width, colour: true });
      expect(code).toBe(0);
      const lines = out.replaceAll(ESCAPES, '').split('\n');
      const tooLong = lines.filter((line) => line.replace(/\r/g, '').length > width);
      expect(tooLong).toEqual([]);
      expect(lines.some((line) => /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{16}(?: |$)/.test(line))).toBe(
        true,
      );
      expect(lines.some((line) => line.includes('Ballast demo'))).toBe(true);
      expect(lines.some((line) => line.startsWith('runaway'))).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'prints JSON for programs, and writes the decisions its hash is of',
    async () => {
      const folder = scratchFolder();
      const words = [...QUICK, '--seed', '7', '--json', '--decisions', 'decisions.jsonl'];
      const { code, out } = await runCli(words, { folder });
      expect(code).toBe(0);
      const report = JSON.parse(out) as Report;
      const text = readFileSync(join(folder, 'decisions.jsonl'), 'utf8');
      expect(report).toMatchObject({ seed: 7, simulated_sec: 600, unpermitted_executions: 0 });
      expect(createHash('sha256').update(text).digest('hex')).toBe(report.decisions_sha256);
      expect(text.trimEnd().split('\n')).toHaveLength(report.decisions);
      expect(report.symbols).toHaveLength(7);
      expect(report.symbols.every(({ permits, target_usd }) => permits > 0 && target_usd > 0)).toBe(true);
      expect(report.settings.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['APPLY_MODE', 'P29_APPLY_PROPOSED', 'GOV_MAX_EXEC_PER_5MIN']),
      );
    },
    TIMEOUT_MS,
  );

  it('names everything that is wrong with its options', async () => {
    const { code, errors } = await runCli([...['demo', '--seconds', '0', '--speed', 'fast', '--seed', '-1']]);
    expect(code).toBe(2);
    expect(errors).toEqual([
      'ballast: --seed -1: has to be a whole number, 0 or above',
      'ballast: --speed fast: has to be max, or above 0 and at most 10000',
      'ballast: --seconds 0: has to be above 0 and at most 31536000',
    ]);
  });

  it('says where decisions cannot be written', async () => {
    const { code, errors } = await runCli([...QUICK, '--decisions', 'no/such/folder/decisions.jsonl']);
    expect(code).toBe(1);
    expect(errors[0]).toMatch(/decisions\.jsonl cannot be written: ENOENT/);
  });
});
