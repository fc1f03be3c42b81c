/**
 * The switch's own MAC where none is given: locally administered, the same at every start on one
 * machine for one name, different on another machine.
 *
 * A machine is known by its machine id. Images that are copied, and many containers, have none, or one
 * that says so; then the hostname and the kernel's boot id take its place. Another MAC after a reboot
 * is a nuisance, of which the log tells; one MAC on two machines of a network, whose hostnames are as
 * alike as their images, would be a fault that nobody finds.
 */

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type MacWords, locallyAdministered } from '../wire/mac';

/** What stands for a machine. */
export interface MachineIdentity {
  readonly id: string;
  /** How long it stays the same. */
  readonly lasts: 'for good' | 'until the next boot' | 'until the next start';
}

/** machine-id(5): unique to an installation, readable by all. */
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
/** random(4): another at each boot, the same in all containers of a machine. */
const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/** machine-id(5): 32 digits, not all of them zero. `uninitialized` stands there before the first boot. */
const MACHINE_ID = /^(?!0{32}$)[\da-f]{32}$/i;

export function deriveMac(name: string, machine = identifyMachine().id): MacWords {
  const digest = createHash('sha256').update(`tapswitch\0${machine}\0${name}`).digest();
  return locallyAdministered(digest);
}

/** @param files where a machine id may stand, the best first */
export function identifyMachine(
  files: readonly string[] = MACHINE_ID_FILES,
  bootIdFile = BOOT_ID_FILE,
): MachineIdentity {
  const id = files.map(readText).find((text) => MACHINE_ID.test(text));
  if (id !== undefined) return { id, lasts: 'for good' };
  const bootId = readText(bootIdFile);
  return bootId === ''
    ? { id: randomUUID(), lasts: 'until the next start' }
    : { id: `${hostname()}\0${bootId}`, lasts: 'until the next boot' };
}

/** Nothing where there is no such file. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
