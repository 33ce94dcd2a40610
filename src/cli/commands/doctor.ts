/** `ballast doctor`: whether inputs, modes, settings and the store make sense together. Exit 1 where there is a problem. */
import { Command } from 'commander';
import { collectDisk, collectStored } from '../../ops/doctor-collect.ts';
import { diagnose } from '../../ops/doctor.ts';
import { askHealth } from '../../ops/status-health.ts';
import { InputError } from '../../replay/formats/format.ts';
import { doctorText } from '../doctor-text.ts';
import { counted } from '../figures.ts';
import { collect } from '../format-options.ts';
import { loadLiveSettings } from '../load-settings.ts';
import { openReportStore, readingFrom } from '../report-store.ts';
import type { Terminal } from '../terminal.ts';

interface DoctorFlags {
  readonly data?: string;
  readonly set?: readonly string[];
  readonly json?: true;
}

export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .description(
      'whether inputs, modes, settings and the store make sense together; exit 1 where one does not',
    )
    .option('--data <dir>', 'the folder of the embedded store; else REDIS_URL says where to look')
    .option('--set <name=value>', 'a setting; may be given several times', collect)
    .option('--json', 'print one JSON object instead of text')
    .action((flags: DoctorFlags) => run(flags, terminal));
}

async function run(flags: DoctorFlags, terminal: Terminal): Promise<void> {
  const resolved = await loadLiveSettings(flags.set, terminal);
  const { settings, runtime, given, aliases, clusters } = resolved;
  const configured = { namespace: runtime.BALLAST_NAMESPACE, settings, runtime, given, aliases, clusters };
  const [opened, health] = await Promise.all([
    openReportStore(runtime, flags.data, terminal.folder),
    askHealth(runtime),
  ]);
  await using store = opened.store;
  const stored =
    store === null ? null : await readingFrom(() => collectStored(store, configured, () => Date.now()));
  const disk = opened.folder === null ? null : await collectDisk(opened.folder);
  const diagnosis = diagnose({ ...configured, stored, notRead: opened.why, health, disk });
  if (flags.json === true) terminal.out(`${JSON.stringify(diagnosis)}\n`);
  else terminal.out(`${doctorText(diagnosis, terminal)}\n`);
  if (diagnosis.problems > 0) throw new InputError(`doctor found ${counted(diagnosis.problems, 'problem')}`);
}
