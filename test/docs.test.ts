/** What README.md says is so: its commands run, its options exist and are all named, its numbers are those of a run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { makeTrades } from '../examples/make-trades.ts';
import { doctorCommand } from '../src/cli/commands/doctor.ts';
import { drillCommand } from '../src/cli/commands/drill.ts';
import { flattenCommand } from '../src/cli/commands/flatten.ts';
import { importCommand } from '../src/cli/commands/import.ts';
import { keysCommand } from '../src/cli/commands/keys.ts';
import { killCommand } from '../src/cli/commands/kill.ts';
import { rearmCommand } from '../src/cli/commands/rearm.ts';
import { replayCommand } from '../src/cli/commands/replay.ts';
import { statusCommand } from '../src/cli/commands/status.ts';
import { runCommand, upCommand } from '../src/cli/commands/up.ts';
import { verifyCommand } from '../src/cli/commands/verify.ts';
import { readFormatOptions, type FormatFlags } from '../src/cli/format-options.ts';
import { runProgram } from '../src/cli/program.ts';
import type { Terminal } from '../src/cli/terminal.ts';
import { ALL_SETTING_NAMES } from '../src/contract/runtime-settings.ts';
import { FORMAT_NAMES } from '../src/replay/formats/choose.ts';
import { DIMENSIONS, parseBy } from '../src/replay/report/breakdown.ts';
import { parseExclude, QUALITY_FLAGS, QUALITY_MEANING } from '../src/replay/report/quality.ts';
import { readSettings } from '../src/runtime/settings/read-settings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const EXAMPLE = 'examples/trades.jsonl';

const COMMANDS = new Map([
  ['replay', replayCommand],
  ['import', importCommand],
  ['kill', killCommand],
  ['rearm', rearmCommand],
  ['flatten', flattenCommand],
  ['drill', drillCommand],
  ['keys', keysCommand],
  ['up', upCommand],
  ['run', runCommand],
  ['status', statusCommand],
  ['doctor', doctorCommand],
  ['verify', verifyCommand],
]);

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}
const blocks: Block[] = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '']) => ({ language, lines: text.split('\n').slice(0, -1) }),
);
/** Command lines of a shell block that call the program, as words after `ballast`. */
const commands: string[][] = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ lines }) => lines)
  .flatMap((line) => line.split(/ \| | && /))
  .map((command) => command.replace(/^(?:[A-Z_]+=\S+ )+/, ''))
  .filter((command) => command.startsWith('npx ballast '))
  .map((command) => wordsOf(command).slice(2));

describe('the commands of README.md', () => {
  it('begin with the two of the quick start', () => {
    expect(blocks[0]).toEqual({ language: 'sh', lines: ['npm ci', `npx ballast replay ${EXAMPLE}`] });
    expect(commands.length).toBeGreaterThan(8);
  });

  it.each(commands.map((words) => [words.join(' '), words] as const))(
    'are ones the program takes: %s',
    (_line, words) => {
      const command = commandNamed(words[0]!);
      const { operands, unknown } = command.parseOptions(words.slice(1));
      expect(unknown).toEqual([]);
      const needed = command.registeredArguments.filter(({ required }) => required);
      expect(operands.length).toBeGreaterThanOrEqual(needed.length);
      const flags = command.opts<FormatFlags & { by?: string; exclude?: string; set?: string[] }>();
      if ('timeZone' in flags) expect(() => readFormatOptions(flags)).not.toThrow();
      if (words[0] === 'replay' && flags.by !== undefined) expect(() => parseBy(flags.by!)).not.toThrow();
      if (flags.exclude !== undefined) expect(() => parseExclude(flags.exclude!)).not.toThrow();
      for (const set of flags.set ?? []) expect(ALL_SETTING_NAMES).toContain(set.split('=')[0]);
    },
  );

  it('on the example run, and print what README.md quotes', async () => {
    const onExample = commands.filter((words) => words.includes(EXAMPLE));
    expect(onExample.length).toBeGreaterThan(2);
    const printed = (await Promise.all(onExample.map(run))).flatMap((text) => text.split('\n'));
    const quoted = blocks.filter(({ language }) => language === 'text').flatMap(({ lines }) => lines);
    expect(quoted.length).toBeGreaterThan(20);
    expect(quoted.filter((line) => line !== '…' && !printed.includes(line))).toEqual([]);
  });

  it('show the first one in the order it prints, with … where lines are left out', async () => {
    const printed = (await run(['replay', EXAMPLE])).split('\n').filter((line) => line !== '');
    let at = printed.indexOf(blocks[1]!.lines[0]!);
    let isGap = false;
    for (const line of blocks[1]!.lines) {
      if (line === '…') {
        isGap = true;
        continue;
      }
      const found = printed.indexOf(line, at);
      expect(found, `${line} is printed, and not before`).toBeGreaterThanOrEqual(0);
      if (!isGap) expect(found, `nothing is left out before ${line} without …`).toBe(at);
      at = found + 1;
      isGap = false;
    }
  });
});

describe('the options', () => {
  const inCode = [...readme.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
  const existing = [...COMMANDS.values()]
    .flatMap((make) => make(fakeTerminal().terminal).options)
    .map(({ long }) => long!);

  it('of every command are all in README.md', () => {
    expect(existing.length).toBeGreaterThan(12);
    expect(existing.filter((option) => !inCode.includes(option))).toEqual([]);
  });

  it('that README.md names exist', () => {
    expect(inCode.filter((option) => ![...existing, '--help'].includes(option))).toEqual([]);
  });

  it('--by, --format and --exclude take what README.md lists, no more and no less', () => {
    const by = /^`--by` takes one or two of ([^.]*)\.$/m.exec(readme)?.[1];
    expect(ticked(by)).toEqual(DIMENSIONS);
    const formats = /`--format` \(([^)]*)\)/.exec(readme)?.[1];
    expect(ticked(formats)).toEqual(['auto', ...FORMAT_NAMES]);
    const flags = [...readme.matchAll(/^\| `([a-z_]+)` \| (.*) \|$/gm)]
      .map(([, flag, meaning]) => [flag, meaning])
      .filter(([flag]) => QUALITY_FLAGS.some((known) => known === flag) || flag?.includes('_'));
    expect(flags).toEqual(Object.entries(QUALITY_MEANING));
  });
});

describe('the rest of README.md', () => {
  it('names settings that exist', () => {
    const names = [...readme.matchAll(/\b(?:P\d\d|GOV|BALLAST|INITIAL|APPLY)_[A-Z0-9_]+\b/g)].map(([n]) => n);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !ALL_SETTING_NAMES.some((known) => known === name))).toEqual([]);
  });

  it('shows a ballast.config.json that is read without a complaint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-docs-'));
    try {
      const json = blocks.find(({ language }) => language === 'json')!.lines.join('\n');
      writeFileSync(join(folder, 'ballast.config.json'), json);
      const resolved = await readSettings({ folder, sets: [], env: {}, modesFrom: 'set' });
      expect(resolved.violations).toEqual([]);
      expect(resolved.settings?.bySymbol.has('SOLUSDT')).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('links to headings of the specification that are there', () => {
    const links = [...readme.matchAll(/\]\((spec\/\w+\.md)(?:#([\w-]+))?\)/g)];
    expect(links.length).toBeGreaterThan(5);
    const missing = links.filter(([, file = '', anchor]) => {
      const text = readFileSync(join(root, file), 'utf8');
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      return anchor !== undefined && !anchors.includes(anchor);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});

describe('the example', () => {
  it('is what its script writes', () => {
    expect(readFileSync(join(root, EXAMPLE), 'utf8')).toBe(makeTrades());
  });

  it('shows permits, a downsize, blocks, two refused lines and a repeat', async () => {
    const result = JSON.parse(await run(['replay', EXAMPLE, '--json'])) as Record<string, unknown>;
    expect(result).toMatchObject({
      executions: 241,
      rejected: { bad_number: 1, not_json: 1 },
      duplicates: 1,
      permits: 4,
      downsized: 1,
      trading_state: 'ACTIVE',
    });
    expect(Object.keys(result['blocks'] as object)).toHaveLength(4);
  });
});

async function run(words: readonly string[]): Promise<string> {
  const { terminal, printed, errors } = fakeTerminal();
  expect(await runProgram(words, terminal), errors.join('\n')).toBe(0);
  return printed.join('');
}

function commandNamed(name: string): Command {
  const make = COMMANDS.get(name);
  if (make === undefined) throw new Error(`README.md calls ${name}, which is no command`);
  return make(fakeTerminal().terminal).exitOverride();
}

function fakeTerminal(): { terminal: Terminal; printed: string[]; errors: string[] } {
  const printed: string[] = [];
  const errors: string[] = [];
  const terminal: Terminal = {
    out: (text) => void printed.push(text),
    error: (line) => void errors.push(line),
    showsProgress: false,
    ascii: false,
    progress: () => undefined,
    colour: false,
    isWatched: false,
    width: Infinity,
    env: {},
    folder: root,
  };
  return { terminal, printed, errors };
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function ticked(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}
