/** Real trading records that lie beside the project where there are any; they are no part of it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/data', import.meta.url));

export const hasSharedData = existsSync(join(folder, 'executions'));

export function sharedData(...parts: string[]): string {
  return join(folder, ...parts);
}
