import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from './formats/format.ts';
import { LineFile, OutputFolder } from './output.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ballast-output-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const contents = (path: string): string => readFileSync(path, 'utf8');

describe('a file of lines', () => {
  it('has its name only when it is whole', () => {
    const path = join(folder, 'lines');
    writeFileSync(path, 'before');
    const file = new LineFile(path);
    file.write('a');
    file.write('é');
    expect(contents(path)).toBe('before');
    file.finish();
    expect(contents(path)).toBe('before');
    file.publish();
    expect(contents(path)).toBe('a\né\n');
    expect(readdirSync(folder)).toEqual(['lines']);
  });

  it('leaves nothing behind when discarded', () => {
    const file = new LineFile(join(folder, 'lines'));
    file.write('a');
    file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps every line in order past its buffer', () => {
    const path = join(folder, 'lines');
    const file = new LineFile(path);
    const lines = Array.from({ length: 3000 }, (_, i) => `${i} ${'ü'.repeat(500)}`);
    for (const line of lines) file.write(line);
    file.finish();
    file.publish();
    expect(contents(path)).toBe(`${lines.join('\n')}\n`);
  });
});

describe('the output folder', () => {
  it('is made with the folders above it, and holds four files at the end', () => {
    const path = join(folder, 'a', 'b');
    const out = new OutputFolder(path);
    out.write('decisions.jsonl', '{}');
    expect(readdirSync(path).every((name) => name.endsWith('.partial'))).toBe(true);
    out.write('final.json', '{"x":1}');
    out.finish();
    out.publish();
    expect(readdirSync(path).sort()).toEqual([
      'decisions.jsonl',
      'final.json',
      'rejected.jsonl',
      'suspects.jsonl',
    ]);
    expect(contents(join(path, 'final.json'))).toBe('{"x":1}\n');
    expect(contents(join(path, 'suspects.jsonl'))).toBe('');
  });

  it('keeps what was there when the run is discarded', () => {
    writeFileSync(join(folder, 'decisions.jsonl'), 'before');
    const out = new OutputFolder(folder);
    out.write('decisions.jsonl', '{}');
    out.discard();
    expect(readdirSync(folder)).toEqual(['decisions.jsonl']);
    expect(contents(join(folder, 'decisions.jsonl'))).toBe('before');
  });

  it('is refused where it cannot be written, without leaving a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new OutputFolder(join(folder, 'file', 'x'))).toThrow(InputError);
    mkdirSync(join(folder, 'out', 'rejected.jsonl.partial'), { recursive: true });
    expect(() => new OutputFolder(join(folder, 'out'))).toThrow(InputError);
    expect(readdirSync(join(folder, 'out'))).toEqual(['rejected.jsonl.partial']);
  });

  it('changes all of its files or none', () => {
    mkdirSync(join(folder, 'final.json'));
    writeFileSync(join(folder, 'decisions.jsonl'), 'before');
    const out = new OutputFolder(folder);
    out.write('decisions.jsonl', '{}');
    expect(() => out.finish()).toThrow(InputError);
    expect(contents(join(folder, 'decisions.jsonl'))).toBe('before');
    expect(existsSync(join(folder, 'rejected.jsonl'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});
