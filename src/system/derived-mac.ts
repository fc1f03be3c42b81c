/**
 * MACs of the switch and of interfaces that it makes, where none is given. They are locally administered. They
 * depend on the machine, the name of the switch and the label of the port, and are the same at every start, so
 * that what other hosts remember stays right.
 *
 * The machine id identifies a machine. Copied images and many containers have no machine id, or the
 * placeholder `uninitialized`. Then the hostname and the kernel's boot id take its place. The price is
 * another MAC after a reboot, which the log reports. The hostname alone would not do: two machines from
 * one image may have the same, and one MAC on two machines of a network is a fault that is hard to find.
 */

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type MacWords, locallyAdministered, macToBytes } from '../wire/mac';

/** Identity of a machine. */
export interface MachineIdentity {
  readonly id: string;
  /** Time for which the identity stays the same. */
  readonly lasts: 'for good' | 'until the next boot' | 'until the next start';
}

/** Files of the machine id, which is unique to an installation: machine-id(5). */
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
/** File of the boot id, which changes at each boot and is the same in all containers: random(4). */
const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/** Machine id: 32 hex digits, not all zero. Before the first boot, the file has `uninitialized`. */
const MACHINE_ID = /^(?!0{32}$)[\da-f]{32}$/i;

export function deriveMac(name: string, machine = identifyMachine().id): MacWords {
  const digest = createHash('sha256').update(`tapswitch\0${machine}\0${name}`).digest();
  return locallyAdministered(digest);
}

/** @param label label of the port. No name of a switch has a zero byte, so that its MAC is another one. */
export function derivePortMac(
  switchName: string,
  label: string,
  machine = identifyMachine().id,
): MacWords {
  return deriveMac(`${switchName}\0${label}`, machine);
}

/** `derivePortMac` of this machine, as bytes. */
export function portMacBytes(switchName: string, label: string): Uint8Array {
  const { hi16, lo32 } = derivePortMac(switchName, label);
  return Uint8Array.from(macToBytes(hi16, lo32));
}

/** @param files files that may have a machine id, the best first */
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

/** @returns the text of the file without white space at its ends; empty if it cannot be read */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
