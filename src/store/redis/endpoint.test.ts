import { describe, expect, it } from 'vitest';
import { parseEndpoint } from './endpoint.ts';

describe('a Redis URL', () => {
  it.each([
    ['redis://localhost', 'localhost:6379/0', { host: 'localhost', port: 6379, tls: false }, 0],
    ['redis://10.0.0.1:7000/3', '10.0.0.1:7000/3', { host: '10.0.0.1', port: 7000, tls: false }, 3],
    [
      'rediss://cache.example:6380',
      'cache.example:6380/0',
      { host: 'cache.example', port: 6380, tls: true },
      0,
    ],
    ['redis://[::1]:6379/0', '[::1]:6379/0', { host: '::1', port: 6379, tls: false }, 0],
    ['unix:///run/redis.sock?db=2', 'unix:/run/redis.sock/2', { path: '/run/redis.sock' }, 2],
  ])('%s says where the server is', (url, where, socket, database) => {
    expect(parseEndpoint(url)).toEqual({ where, socket, database, username: undefined, password: undefined });
  });

  it('gives user and password as they are meant, and keeps them out of what is shown', () => {
    const { username, password, where } = parseEndpoint('redis://ap%40p:s%2Fe%25c@db:6379');
    expect([username, password]).toEqual(['ap@p', 's/e%c']);
    expect(where).toBe('db:6379/0');
    expect(parseEndpoint('redis://:word@db')).toMatchObject({ username: undefined, password: 'word' });
  });

  it.each([
    ['no URL', 'secret words', 'it is no URL'],
    ['a port that is none', 'redis://u:secret@host:99999', 'it is no URL'],
    ['another protocol', 'http://u:secret@host', 'begins with http:'],
    ['a database that is none', 'redis://u:secret@host/one', 'is no number'],
    ['a broken escape', 'redis://u:secret%2@host', 'write it %25'],
    ['no path of a socket', 'unix:', 'needs the path'],
  ])('with %s is refused without showing the password', (_name, url, why) => {
    let message = '';
    try {
      parseEndpoint(url);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      message = String(error);
    }
    expect(message).toContain(why);
    expect(message).not.toContain('secret');
  });
});
