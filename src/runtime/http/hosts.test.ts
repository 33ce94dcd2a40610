import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hostCheck } from './hosts.ts';

describe('the host a request names', () => {
  it.each([
    ...[
      'localhost',
      'LOCALHOST:8061',
      'localhost.',
      '127.0.0.1',
      '127.0.0.1:8061',
      '127.1.2.3',
      '[::1]:8061',
    ],
  ])('may be %s', (host) => {
    expect(hostCheck('127.0.0.1')(host)).toBe(true);
  });

  it.each([
    undefined,
    ...[
      '',
      'evil.example',
      'evil.example:8061',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '127.evil.example',
    ],
    ...[
      '10.0.0.5',
      '[fe80::1]',
      'localhost:8061:1',
      'localhost@evil',
      'local host',
      'http://localhost',
      '[::1',
      '*',
    ],
  ])('may not be %s', (host) => {
    expect(hostCheck('127.0.0.1')(host)).toBe(false);
  });

  it('may be the address or name that was bound, or one that is allowed besides', () => {
    expect(hostCheck('10.0.0.5')('10.0.0.5:8061')).toBe(true);
    expect(hostCheck('10.0.0.5')('10.0.0.6')).toBe(false);
    expect(hostCheck('Box.lan')('box.lan:8061')).toBe(true);
    expect(hostCheck('127.0.0.1', ['Metrics.lan'])('metrics.lan')).toBe(true);
  });

  it.each(['0.0.0.0', '::'])('may be any address and the name of the machine where %s was bound', (bound) => {
    const isAllowed = hostCheck(bound);
    expect(['10.0.0.6:80', '[fe80::1]:80', hostname(), 'localhost'].map(isAllowed)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['evil.example', '10.0.0.6.evil.example', '1.2.3.4.5'].map(isAllowed)).toEqual([
      false,
      false,
      false,
    ]);
  });
});
