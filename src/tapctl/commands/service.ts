/** `tapctl service`: installs the switch as a service of systemd. Needs no running switch. */

import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { PACKAGE_ROOT } from '../../system/package-root';
import { StartError } from '../../system/start-error';
import type { Context } from '../context';
import {
  type ServicePrograms,
  removeServiceFiles,
  requireReadable,
  serviceFiles,
  writeServiceFiles,
} from '../service-files';

/** Root of the machine on which systemd runs. */
const MACHINE = '/';

const ROOT_OPTION = [
  '--root <DIR>',
  'root of another file system, such as that of an image; nothing is started there',
] as const;

export function addServiceCommands(program: Command, context: Context): void {
  const service = program
    .command('service')
    .description('the switch as a service of systemd; needs no running switch');
  service
    .command('show')
    .description('print the unit that install would write')
    .action(() => {
      const [unit = ''] = Object.values(serviceFiles(installedPrograms()));
      process.stdout.write(unit);
    });
  service
    .command('install')
    .option(...ROOT_OPTION)
    .description(
      'write the unit tapswitch@.service and make its user; then ' +
        'systemctl enable --now tapswitch@NAME runs /etc/tapswitch/NAME.yaml',
    )
    .action(({ root = MACHINE }: { root?: string }) => {
      const programs = installedPrograms();
      requireReadable(programs);
      const written = writeServiceFiles(root, serviceFiles(programs));
      if (root === MACHINE) tellSystemd(['systemd-sysusers', 'tapswitch.conf']);
      if (root === MACHINE) tellSystemd(['systemctl', 'daemon-reload']);
      context.print({ written }, () => [
        ...written.map((path) => `wrote ${path}`),
        'next: write /etc/tapswitch/NAME.yaml, then systemctl enable --now tapswitch@NAME',
      ]);
    });
  service
    .command('remove')
    .option(...ROOT_OPTION)
    .description('remove what install has written; the user and the configurations stay')
    .action(({ root = MACHINE }: { root?: string }) => {
      const removed = removeServiceFiles(root);
      if (removed.length === 0) throw new StartError('no service is installed');
      if (root === MACHINE) tellSystemd(['systemctl', 'daemon-reload']);
      context.print({ removed }, () => removed.map((path) => `removed ${path}`));
    });
}

/** The programs that run this command: npm may have put them anywhere, and links to them elsewhere. */
function installedPrograms(): ServicePrograms {
  return {
    node: realpathSync(process.execPath),
    switchFile: realpathSync(join(PACKAGE_ROOT, 'dist/switch.js')),
  };
}

/** @throws StartError if the program says that it failed */
function tellSystemd([program = '', ...args]: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  throw new StartError(
    `the files are written, but '${[program, ...args].join(' ')}' failed: ${reason}`,
  );
}
