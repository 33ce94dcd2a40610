/** `npm run types`: checks the types of everything that runs on Node, then of the dashboard's page, which runs in browsers. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = 'node_modules/typescript/bin/tsc';

const failed = ['tsconfig.json', 'src/dashboard/page/tsconfig.json'].filter(
  (project) =>
    spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' }).status !== 0,
);
for (const project of failed) console.error(`types: ${project} has errors`);
process.exitCode = failed.length === 0 ? 0 : 1;
