/** What README.md says is so: its commands run, its options exist and are all named, its numbers are those of a run. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { makeTrades } from '../examples/make-trades.ts';
import { demoCommand } from '../src/cli/commands/demo.ts';
import { doctorCommand } from '../src/cli/commands/doctor.ts';
import { drillCommand } from '../src/cli/commands/drill.ts';
import { explainCommand } from '../src/cli/commands/explain.ts';
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
import { decodeBlock, encodeBlock } from '../src/contract/governor-records.ts';
import { decodeEntry } from '../src/contract/decode.ts';
import { KEYS } from '../src/contract/keys.ts';
import { ALL_SETTING_NAMES } from '../src/contract/runtime-settings.ts';
import { FORMAT_NAMES } from '../src/replay/formats/choose.ts';
import { DIMENSIONS, parseBy } from '../src/replay/report/breakdown.ts';
import { parseExclude, QUALITY_FLAGS, QUALITY_MEANING } from '../src/replay/report/quality.ts';
import { readSettings } from '../src/runtime/settings/read-settings.ts';
import { clientOn, openClient } from '../src/client/index.ts';
import type { Store } from '../src/store/store.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const EXAMPLE = 'examples/trades.jsonl';

const COMMANDS = new Map([
  ['demo', demoCommand],
  ['replay', replayCommand],
  ['import', importCommand],
  ['kill', killCommand],
  ['rearm', rearmCommand],
  ['flatten', flattenCommand],
  ['drill', drillCommand],
  ['explain', explainCommand],
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
  it('begin with those of the quick start', () => {
    expect(blocks[0]).toEqual({ language: 'sh', lines: ['npm ci', 'npx ballast demo'] });
    expect(blocks[2]).toEqual({ language: 'sh', lines: [`npx ballast replay ${EXAMPLE}`] });
    expect(commands.length).toBeGreaterThan(20);
  });

  it('are all there are', async () => {
    const help = await run(['--help']);
    const listed = [...help.slice(help.indexOf('\nCommands:')).matchAll(/^ {2}([a-z]+) /gm)].map(
      ([, name]) => name!,
    );
    expect(listed.filter((name) => name !== 'help').toSorted()).toEqual([...COMMANDS.keys()].toSorted());
    const named = [...readme.matchAll(/`([a-z]+)(?: [^`]*)?`/g)].map(([, name]) => name);
    expect([...COMMANDS.keys()].filter((name) => !named.includes(name))).toEqual([]);
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

  it('on the example and on the demo run, and print what README.md quotes', async () => {
    const onExample = commands.filter((words) => words.includes(EXAMPLE));
    expect(onExample.length).toBeGreaterThan(2);
    const texts = await Promise.all([...onExample, shortDemo()].map(run));
    const printed = new Set(texts.flatMap((text) => text.split('\n')));
    const quoted = blocks.filter(({ language }) => language === 'text').flatMap(({ lines }) => lines);
    expect(quoted.length).toBeGreaterThan(40);
    expect(quoted.filter((line) => line !== '…' && !printed.has(line))).toEqual([]);
  }, 60_000);

  it.each([
    ['the demo', 1, shortDemo()],
    ['the replay of the example', 3, ['replay', EXAMPLE]],
  ])(
    'show %s in the order it prints, with … where lines are left out',
    async (_what, block, words) => {
      // Where the demo stands is printed every five real seconds: where, depends on the computer.
      const printed = (await run(words))
        .split('\n')
        .filter((line) => line !== '' && !/^\d\d:\d\d:\d\d equity /.test(line));
      const quoted = blocks[block]!.lines.filter((line) => line !== '');
      let at = printed.indexOf(quoted[0]!);
      let isGap = false;
      for (const line of quoted) {
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
    },
    60_000,
  );
});

describe('the options', () => {
  const inCode = optionsIn(readme);
  const existing = [...COMMANDS.values()]
    .flatMap((make) => make(fakeTerminal().terminal).options)
    .map(({ long }) => long!);

  it('of every command are all in README.md', () => {
    expect(existing.length).toBeGreaterThan(40);
    expect(existing.filter((option) => !inCode.includes(option))).toEqual([]);
  });

  it('of a command in the table are in its row, or in the sentence about those that act on a deployment', () => {
    const rows = [...readme.matchAll(/^\| `([a-z]+)[^|]*\| (.*) \|$/gm)].filter(([, name]) =>
      COMMANDS.has(name!),
    );
    const shared = /^`status`, `doctor`(?:.+\n)+/m.exec(readme)![0];
    expect(rows.length).toBeGreaterThan(9);
    for (const [, name = '', row = ''] of rows.filter(([, name]) => name !== 'demo')) {
      const options = commandNamed(name).options.map(({ long }) => long!);
      const said = optionsIn(shared.includes(`\`${name}\``) ? row + shared : row);
      expect([name, options.filter((option) => !said.includes(option))]).toEqual([name, []]);
      expect([name, optionsIn(row).filter((option) => !options.includes(option))]).toEqual([name, []]);
    }
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
      const json = jsonWith('"settings"');
      writeFileSync(join(folder, 'ballast.config.json'), json);
      const resolved = await readSettings({ folder, sets: [], env: {}, modesFrom: 'set' });
      expect(resolved.violations).toEqual([]);
      expect(resolved.settings?.bySymbol.has('SOLUSDT')).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('shows a block as the governor writes it', () => {
    const text = jsonWith('"max_qty"');
    const block = decodeBlock(text)!;
    const advice = { nextEligibleAt: block.next_eligible_at, maxQty: block.max_qty };
    const decision = {
      ...block,
      type: 'block',
      ts: block.timestamp,
      plan_id: '',
      bot: null,
      gates: [],
    } as const;
    expect(encodeBlock(decision, advice)).toBe(text);
    expect(ALL_SETTING_NAMES).toContain(block.setting);
    expect(block.max_qty).toBeCloseTo((block.limit! * 100) / block.value!);
  });

  it('asks for a permit with fields the governor reads, under keys of the contract', () => {
    const calls = blocks
      .flatMap(({ lines }) => lines)
      .filter((line) => line.startsWith('redis-cli '))
      .map(wordsOf);
    const plan = calls.find(([, command, key]) => command === 'XADD' && key === 'quantum:stream:apply.plan')!;
    const fields = new Map(
      plan.slice(4).flatMap((word, i, all) => (i % 2 === 0 ? [[word, all[i + 1]!]] : [])),
    );
    const decoded = decodeEntry('plan', Object.fromEntries(fields), 1_795_000_000, { aliases: new Map() });
    expect(decoded.event).toMatchObject({
      decision: 'EXECUTE',
      planId: 'grid-1',
      symbolValid: true,
      qty: 0.01,
    });
    const prefixes = Object.values(KEYS).map(({ pattern }) => `quantum:${pattern.split('{')[0]}`);
    const keys = calls.map(([, , key]) => key!.replace(':shadow:', ':'));
    expect(keys.length).toBeGreaterThan(4);
    expect(keys.filter((key) => !prefixes.some((prefix) => key.startsWith(prefix)))).toEqual([]);
  });

  it('shows no more of the client than there is', () => {
    const code = blocks.find(({ language }) => language === 'ts')!.lines.join('\n');
    const client = clientOn({} as Store);
    const methods = [...code.matchAll(/\bballast\.(\w+)\(/g)].map(([, name]) => name!);
    expect(methods).toEqual(['requestPermit', 'takePermit']);
    for (const name of methods) expect(client).toHaveProperty(name, expect.any(Function));
    expect(/import \{ (\w+) \} from 'ballast\/client'/.exec(code)?.[1]).toBe(openClient.name);
  });

  it('links to files that are there', () => {
    const files = [...readme.matchAll(/\]\(([\w/.-]+\.md)[)#]/g)].map(([, file]) => file!);
    expect(files).toContain('docs/clients.md');
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
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

/** The demo that README.md shows, as fast as it goes: a simulated minute for each second. */
function shortDemo(): string[] {
  const [, seconds, speed] = /`npx ballast demo --seconds (\d+) --speed (\d+)`/.exec(readme)!;
  return ['demo', '--seconds', String((Number(seconds) * Number(speed)) / 60), '--speed', 'max'];
}

function optionsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
}

/** The JSON block that holds this. */
function jsonWith(part: string): string {
  const found = blocks.filter(({ language }) => language === 'json').map(({ lines }) => lines.join('\n'));
  return found.find((text) => text.includes(part))!;
}

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
