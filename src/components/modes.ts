/** Shadow or enforce: the more cautious of what the process was started with and what the operators' hash says. */
import type { Mode } from '../core/settings.ts';

export interface EffectiveMode {
  readonly mode: Mode;
  /** For people. */
  readonly why: string;
}

/** `started`: as set by environment, file or `--set`; null: not set. `switched`: the hash's entry; null: none. */
export function effectiveMode(started: Mode | null, switched: string | null): EffectiveMode {
  if (switched !== null && switched !== 'enforce' && switched !== 'shadow')
    return {
      mode: 'shadow',
      why: `config:mode says ${JSON.stringify(switched.slice(0, 40))}, which is neither`,
    };
  if (started === null && switched === null) return { mode: 'shadow', why: 'neither set nor switched' };
  if (switched === null) return { mode: started!, why: `the settings say ${started}` };
  if (started === null) return { mode: switched, why: `config:mode says ${switched}` };
  if (started === switched) return { mode: started, why: `the settings and config:mode say ${started}` };
  return started === 'shadow'
    ? { mode: 'shadow', why: 'the settings say shadow, config:mode enforce: the more cautious' }
    : { mode: 'shadow', why: 'config:mode says shadow, the settings enforce: the more cautious' };
}
