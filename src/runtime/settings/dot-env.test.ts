import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDotEnv } from './dot-env.ts';

const values = (file: string): Record<string, string> =>
  Object.fromEntries(parseDotEnv(file).entries.map(({ name, text }) => [name, text]));

describe('parseDotEnv', () => {
  it.each([
    ['A=1', '1'],
    ['A=', ''],
    ['  A = 1  ', '1'],
    ['export A=1', '1'],
    ['A=1 # half', '1'],
    ['A=a#b', 'a#b'],
    ['A=#b', ''],
    ['A="1"', '1'],
    ["A='1'", '1'],
    ['A="a # b" # c', 'a # b'],
    ["A='a # \\n b'", 'a # \\n b'],
    ['A="a\\n\\"b\\"\\\\"', 'a\n"b"\\'],
    ['A=a=b', 'a=b'],
    ['A=$HOME', '$HOME'],
    ["A=it's", "it's"],
    ['\ufeffA=1', '1'],
    ['A=1\nA=2', '2'],
  ])('reads %j as %j', (file, text) => {
    expect(parseDotEnv(file).problems).toEqual([]);
    expect(values(file)).toEqual({ A: text });
  });

  it('counts lines over comments, empty lines and Windows line ends', () => {
    expect(parseDotEnv('# first\r\n\r\nA=1\r\n  # more\r\nB="2"\r\n').entries).toEqual([
      { name: 'A', text: '1', line: 3 },
      { name: 'B', text: '2', line: 5 },
    ]);
  });

  it.each([
    'A',
    'A B=1',
    '=1',
    '1A=1',
    'A-B=1',
    'export A',
    'A: 1',
    'A="1',
    "A='1",
    'A="1"2',
    "A='1' 2",
    '{"A":1}',
  ])('says that the line %j is malformed, and reads the others', (line) => {
    const { entries, problems } = parseDotEnv(`X=1\n${line}\nY=2`);
    expect(problems.map((problem) => problem.line)).toEqual([2]);
    expect(entries.map(({ name }) => name)).toEqual(['X', 'Y']);
  });

  it('shows no value in what it says: it may be a secret', () => {
    const { problems } = parseDotEnv('GOV_PERMIT_SECRET="hunter2');
    expect(problems[0]!.what).toContain('GOV_PERMIT_SECRET');
    expect(problems[0]!.what).not.toContain('hunter2');
  });

  it('never throws, and gives each line that is not empty to one of both lists', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        const file = lines.map((line) => line.replaceAll(/[\r\n\ufeff]/g, '')).join('\n');
        const { entries, problems } = parseDotEnv(file);
        const meant = file.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
        expect(entries.length + problems.length).toBe(meant.length);
      }),
    );
  });
});
