/** `npx tsx scripts/write-deploy.ts`: writes the dashboards of deploy/grafana/dashboards from the tables in scripts/deploy. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dashboardFiles } from './deploy/files.ts';

const root = new URL('..', import.meta.url);
const files = await dashboardFiles();
for (const [path, text] of files) writeFileSync(fileURLToPath(new URL(path, root)), text);
console.log(`wrote ${[...files.keys()].join(', ')}`);
