/** The desk at which a process that has its data folder to itself takes operators' commands. */
import { join } from 'node:path';
import { ControlDesk } from '../components/control/desk.ts';
import { CONTROL_FOLDER } from '../components/control/files.ts';
import { perform } from '../ops/governor/perform.ts';
import { systemClock } from '../runtime/clock.ts';
import { deploymentOf, type DeploymentSettings } from './operator.ts';
import type { Store } from '../store/store.ts';

/** `dataFolder` is the store's, whole; `onState` gets a line for the log. */
export function controlDesk(
  store: Store,
  resolved: DeploymentSettings,
  dataFolder: string,
  onState: (what: string) => void,
): ControlDesk {
  const deployment = { ...deploymentOf(resolved, dataFolder), store };
  return new ControlDesk({
    folder: join(dataFolder, CONTROL_FOLDER),
    namespace: deployment.namespace,
    perform: async (operation, signal) => await perform(deployment, operation, signal),
    clock: systemClock,
    onState,
  });
}
