/**
 * The least that can answer a plan over Redis: reads the stream, looks at six hashes, writes one key and the reply. What a
 * governor costs beyond it is what it decides. Argument: the URL of a redis-server.
 */
import { argv } from 'node:process';
import { createClient } from '@redis/client';

const STREAM = 'quantum:stream:apply.plan';
const READ = ['BLOCK', '100', 'COUNT', '1000', 'STREAMS', STREAM];
const HASHES = [
  'state:portfolio',
  'position:snapshot:',
  'state:market:',
  'portfolio:budget:',
  'allocation:target:',
];

const options = { url: argv[2]!, RESP: 2, commandOptions: { timeout: 0 } } as const;
const reader = createClient(options);
const writer = createClient(options);
for (const client of [reader, writer]) client.on('error', () => undefined);
await Promise.all([reader.connect(), writer.connect()]);
process.stdout.write('ready\n');
let after = '0-0';
for (;;) {
  const answer = (await reader.sendCommand(['XREAD', ...READ, after])) as
    [string, [string, string[]][]][] | null;
  for (const [, entries] of answer ?? []) {
    after = entries.at(-1)![0];
    const plans = entries.map(([, fields]) => fields[fields.indexOf('plan_id') + 1]!);
    await Promise.all(
      plans.flatMap((plan) => [
        writer.sendCommand(['GET', 'quantum:kill']),
        ...HASHES.map((key) => writer.sendCommand(['HGETALL', `quantum:${key}${plan}`])),
      ]),
    );
    await Promise.all(
      plans.flatMap((plan) => [
        writer.sendCommand(['SET', `quantum:permit:${plan}`, plan, 'PX', '60000']),
        writer.sendCommand(['RPUSH', `quantum:permit:reply:${plan}`, '{"granted":true,"reason":null}']),
      ]),
    );
  }
}
