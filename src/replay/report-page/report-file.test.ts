import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReportFile } from './report-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballast-report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the file of a report', () => {
  it('gets its name when it is written, not before', () => {
    const path = join(folder, 'r.html');
    writeFileSync(path, 'before');
    {
      using file = new ReportFile(path);
      expect(readFileSync(path, 'utf8')).toBe('before');
      file.write('after');
    }
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['after', ['r.html']]);
  });

  it('leaves nothing behind where it is never written', () => {
    {
      using file = new ReportFile(join(folder, 'r.html'));
      expect(file).toBeInstanceOf(ReportFile);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says what is wrong with its place', () => {
    expect(() => new ReportFile(join(folder, 'no', 'r.html'))).toThrow('make it first');
    expect(() => new ReportFile(folder)).toThrow('is a folder');
    expect(() => new ReportFile('/proc/r.html')).toThrow('--report /proc/r.html: cannot be written');
  });
});
