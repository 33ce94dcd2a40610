/** Do modes make sense together: environment against hash, downstream against upstream, gates against production. */
import { effectiveMode } from '../components/modes.ts';
import { COMPONENT_NAMES, COMPONENTS, type ComponentName } from '../contract/components.ts';
import { keyOf } from '../contract/keys.ts';
import { plain } from '../contract/setting-spec.ts';
import { finding, type Finding } from './doctor-table.ts';
import type { Mode } from '../core/settings.ts';
import type { Situation } from './doctor-situation.ts';

type WithMode = 'budget' | 'allocation' | 'attribution' | 'efficiency';
const WITH_MODE = COMPONENT_NAMES.filter((name): name is WithMode => COMPONENTS[name].modeSetting !== null);

export function judgeModes(situation: Situation): Finding[] {
  const findings = hashFindings(situation);
  for (const name of WITH_MODE) findings.push(...conflict(situation, name));
  const modeOf = (name: WithMode): Mode => runningMode(situation, name) ?? settledMode(situation, name).mode;
  return [...findings, ...chain(modeOf), ...production(situation, modeOf)];
}

function hashFindings({ stored, namespace }: Situation): Finding[] {
  const key = keyOf(namespace, 'modes');
  return [...(stored?.modes ?? [])].flatMap(([field, value]) => {
    if (!(WITH_MODE as readonly string[]).includes(field))
      return [
        finding(
          'mode-unknown-component',
          `${key}, field ${plain(field)}`,
          `${plain(field)} has no mode to switch`,
          `name one of ${WITH_MODE.join(', ')}`,
        ),
      ];
    if (value === 'shadow' || value === 'enforce') return [];
    return [
      finding(
        'mode-unknown-value',
        `${key}, field ${field}`,
        `${plain(value)} is no mode; the component stays in shadow`,
        'set it to shadow or enforce',
      ),
    ];
  });
}

/** As a process started with these settings would have it. */
function settledMode(
  { settings, given, stored }: Situation,
  name: ComponentName,
): ReturnType<typeof effectiveMode> {
  const setting = COMPONENTS[name].modeSetting!;
  return effectiveMode(given.has(setting) ? settings[setting] : null, stored?.modes?.get(name) ?? null);
}

/** As it committed last, while somebody holds it, or as its port says. */
function runningMode({ stored, health }: Situation, name: ComponentName): Mode | null {
  const record = stored?.components.find((one) => one.name === name);
  const committed = record?.isHeld === true ? record.meta?.get('mode') : undefined;
  const mode = committed ?? health.find(({ component }) => component === name)?.mode;
  return mode === 'shadow' || mode === 'enforce' ? mode : null;
}

function conflict(situation: Situation, name: WithMode): Finding[] {
  const { settings, given, stored, namespace } = situation;
  const setting = COMPONENTS[name].modeSetting!;
  const switched = stored?.modes?.get(name);
  const where = `${setting}, ${keyOf(namespace, 'modes')} field ${name}`;
  const settled = settledMode(situation, name);
  const running = runningMode(situation, name);
  const isConflict =
    given.has(setting) && (switched === 'shadow' || switched === 'enforce') && switched !== settings[setting];
  return [
    ...(isConflict
      ? [
          finding(
            'mode-conflict',
            where,
            `the settings say ${settings[setting]}, the hash says ${switched}; shadow, the more cautious, wins`,
            'make both say the same, or remove the field from the hash',
          ),
        ]
      : []),
    ...(running !== null && running !== settled.mode
      ? [
          finding(
            'mode-differs',
            where,
            `${name} runs in ${running}; with the settings here it would be ${settled.mode} (${settled.why})`,
            'nothing, if it was started with other settings than are set here',
          ),
        ]
      : []),
  ];
}

function chain(modeOf: (name: WithMode) => Mode): Finding[] {
  const blind = (reader: WithMode, upstream: WithMode, what: string): Finding[] =>
    modeOf(reader) === 'enforce' && modeOf(upstream) === 'shadow'
      ? [
          finding(
            'upstream-in-shadow',
            `${COMPONENTS[reader].modeSetting}=enforce, ${COMPONENTS[upstream].modeSetting}=shadow`,
            `${reader} enforces and reads enforced records only; ${upstream} is in shadow: ${what}`,
            `enforce ${upstream} first, or leave ${reader} in shadow`,
          ),
        ]
      : [];
  const without = modeOf('allocation') === 'enforce' && modeOf('attribution') === 'shadow';
  return [
    ...blind('allocation', 'budget', 'no budget, so no target'),
    ...blind('efficiency', 'attribution', 'its confidence is 0'),
    ...blind('efficiency', 'allocation', 'its confidence is 0'),
    ...(without
      ? [
          finding(
            'performance-in-shadow',
            'P29_MODE=enforce, P30_MODE=shadow',
            'allocation enforces without performance: its factor is 1 for every symbol',
            'enforce attribution too, if performance is to count',
          ),
        ]
      : []),
  ];
}

function production({ settings }: Situation, modeOf: (name: WithMode) => Mode): Finding[] {
  if (settings.APPLY_MODE !== 'production') return [];
  const gates = [
    ...(modeOf('budget') === 'shadow' ? ['gate 0 (budget)'] : []),
    ...(modeOf('allocation') === 'shadow' ? ['gate 0.5 (allocation)'] : []),
  ];
  if (gates.length === 0) return [];
  return [
    finding(
      'gates-in-shadow',
      'APPLY_MODE=production, P28_MODE, P29_MODE',
      `${gates.join(' and ')} never block${gates.length === 1 ? 's' : ''}, because what ${gates.length === 1 ? 'it compares' : 'they compare'} with is in shadow`,
      'enforce budget and allocation, or know that nothing but the other gates stands in the way',
    ),
  ];
}
