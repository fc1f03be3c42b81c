/** Explains a refusal by the kernel of a TUN/TAP device: reason and cure in one line for a person. */

import { statSync } from 'node:fs';
import { descriptorsExhausted } from '../system/descriptors';
import { portLabel } from '../config/values/port-spec';
import { ValueError } from '../config/values/rule';
import { type NativeError, isNativeError } from '../native/native';
import { nameOfUser } from '../system/accounts';
import { cureForRights } from '../system/run-as';
import type { DeviceMode } from './link';
import { TunTapError } from '../system/tuntap-error';

/** The requested device. */
export interface RefusedDevice {
  readonly name: string;
  readonly netns?: string;
  readonly mode: DeviceMode;
  readonly mtu?: number;
  readonly mac?: string;
}

const TUN_FILE = '/dev/net/tun';
/** Options of `docker run` and `podman run`. */
const CONTAINER_OPTIONS = `--device ${TUN_FILE} --cap-add NET_ADMIN`;
const LIST_NETNS = '"ip netns" lists those with names';
const KIND = { tap: 'TAP', tun: 'TUN device' } as const;

/**
 * Runs the work of one public function. Its refusals become a TunTapError that names the device.
 * @throws TunTapError
 */
export function explained<T>(device: RefusedDevice, work: () => T): T {
  const label = portLabel(device);
  try {
    return work();
  } catch (error) {
    if (isNativeError(error)) {
      const { code, syscall } = error;
      const message = `${label}: ${explainRefusal(device, error)}`;
      throw new TunTapError(code, message, { syscall, cause: error });
    }
    if (error instanceof ValueError) {
      throw new TunTapError('EINVAL', `${label}: ${error.message}`, { cause: error });
    }
    if (error instanceof TunTapError) {
      throw new TunTapError(error.code, `${label}: ${error.message}`, error);
    }
    throw error;
  }
}

/** @returns the reason and the cure, without the name of the device. */
export function explainRefusal(device: RefusedDevice, error: NativeError): string {
  const { code, syscall, subject } = error;
  const exhausted = descriptorsExhausted(error);
  if (exhausted !== undefined) return exhausted;
  switch (syscall) {
    case 'TUNSETIFF':
      return attachReason(device, error);
    case 'open':
      return subject === TUN_FILE ? tunFileReason(code) : netnsReason(device, code);
    case 'pthread_create':
      return `no thread is left (${code}); raise the limit: pids.max of the cgroup, or ulimit -u`;
    case 'TUNGETDEVNETNS':
      return movedReason(code);
    case 'setns':
      // The subject is the path of the namespace, or the device whose namespace has no known path.
      return subject === device.name ? movedReason(code) : enterReason(error);
    case 'SIOCSIFMTU':
      return `the kernel refuses an MTU of ${device.mtu} (${code}); ${privilege(code)}`;
    case 'SIOCSIFHWADDR':
      return `the kernel refuses the MAC ${device.mac} (${code}); ${privilege(code)}`;
    case 'SIOCSIFFLAGS':
      return setUpReason(code);
    case 'IFF_VNET_HDR':
      return `the kernel gave it no vnet header, without which it has no offloads (${code})`;
    case 'TUNGETIFF':
    case 'TUNGETVNETHDRSZ':
      return code === 'EINVAL'
        ? 'is held with another vnet header, ' +
            `which all its queues share (${code}); ask for the same`
        : `${syscall} failed (${code})`;
    default:
      return `${syscall} failed (${kernelsWords(error)}); ${privilege(code)}`;
  }
}

/** Reason for a device that was moved while it was open: TUNGETDEVNETNS in drivers/net/tun.c; setns(2). */
function movedReason(code: string): string {
  const what = 'was moved to a network namespace';
  return isPrivilege(code)
    ? `${what} that may not be entered (${code}), so that its MTU and carrier are not seen; run ` +
        'with CAP_SYS_ADMIN, or move it back'
    : `${what} that cannot be found (${code}), so that its MTU and carrier are not seen`;
}

/** Reason of a failed setns: OpenNetns and InNetns in addon/device/netns.cc. */
function enterReason({ code, subject, detail }: NativeError): string {
  if (code === 'EPERM') {
    return `may not enter the network namespace ${subject} (EPERM); ${cureForRights()}`;
  }
  return `${subject} is ${notNetns(detail, code)}`;
}

function notNetns(instead: string | undefined, code: string): string {
  const what = `not a network namespace${instead === undefined ? '' : ` but ${instead}`}`;
  return `${what} (${code}); ${LIST_NETNS}`;
}

/** Reason of a failed SIOCSIFFLAGS: __dev_open in net/core/dev.c. Of the settings, only the MAC matters. */
function setUpReason(code: string): string {
  if (isPrivilege(code)) return `cannot set the interface up (${code}); ${privilege(code)}`;
  return code === 'EADDRNOTAVAIL'
    ? `has a MAC that no station may have (${code}); give it another: mac=ADDR`
    : `cannot set the interface up (${code}); "ip link set up" may tell more`;
}

/** Reason of a failed TUNSETIFF: tun_set_iff and tun_attach in drivers/net/tun.c. */
function attachReason(device: RefusedDevice, { code, detail }: NativeError): string {
  const kind = KIND[device.mode];
  const containerCure = isRoot() ? `; in a container: ${CONTAINER_OPTIONS}` : '';
  if (detail !== undefined && detail !== `tun/${device.mode}`) {
    return `is ${describeOther(detail, kind)} (${code}); choose another name`;
  }
  switch (code) {
    case 'EBUSY':
      return `another program holds this ${kind} (EBUSY); stop it or choose another name`;
    case 'EEXIST':
      return `there is a ${kind} of this name (EEXIST); remove it or choose another name`;
    case 'ENODEV':
      return `there is no ${kind} of this name (ENODEV); make one: ${makeIt(device)}`;
    case 'EPERM':
      return detail === undefined
        ? `may not create a ${kind}, which takes CAP_NET_ADMIN (EPERM); ${cureForRights()}, or have ` +
            `it made for you: ${makeIt(device)} user $USER${containerCure}`
        : `this ${kind} belongs to another user (EPERM); ${cureForRights()}, or become its owner`;
    case 'EINVAL':
      return detail === undefined
        ? 'the kernel refuses this name (EINVAL); choose another'
        : `this ${kind} was made without "multi_queue" (EINVAL); leave that out`;
    default:
      return `cannot be opened as a ${kind} (${code})`;
  }
}

/** Whether the process runs as root already, so that sudo would not help. */
function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Kind of the interface that has the name instead, by the driver that ETHTOOL_GDRVINFO reports. */
function describeOther(driver: string, wanted: string): string {
  switch (driver) {
    case 'tun/tap':
      return 'a TAP, which carries no bare IP packets';
    case 'tun/tun':
      return 'a TUN device, which carries no Ethernet frames';
    case '?':
      return `another kind of interface, not a ${wanted}`;
    default:
      return `an interface of kind ${driver}, not a ${wanted}`;
  }
}

function makeIt({ name, netns, mode }: RefusedDevice): string {
  return `sudo ip ${netns === undefined ? '' : `-n ${netns} `}tuntap add ${name} mode ${mode}`;
}

function tunFileReason(code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return (
        `${TUN_FILE} is missing (${code}); load the driver: modprobe tun; ` +
        `in a container: ${CONTAINER_OPTIONS}`
      );
    case 'EACCES':
    case 'EPERM': {
      const cure = isRoot() ? `in a container: ${CONTAINER_OPTIONS}` : cureForRights();
      return `may not open ${TUN_FILE}${describeAccess()} (${code}); ${cure}`;
    }
    default:
      return `cannot open ${TUN_FILE} (${code})`;
  }
}

/** Mode and owner of the TUN file: `, mode 0600 of root`. Empty where the file does not exist. */
function describeAccess(): string {
  const file = statSync(TUN_FILE, { throwIfNoEntry: false });
  if (file === undefined) return '';
  const mode = (file.mode & 0o7777).toString(8).padStart(4, '0');
  return `, mode ${mode} of ${nameOfUser(file.uid)}`;
}

function netnsReason({ netns }: RefusedDevice, code: string): string {
  if (code === 'ENOENT') {
    return `there is no network namespace "${netns}" (ENOENT); ip netns add makes one`;
  }
  // Namespaces of a process that may not be looked at: proc_pid_ns(5).
  if (netns !== undefined && /^\/proc\/.+\/ns\/(?!net$)[^/]+$/.test(netns)) {
    return `${netns} is ${notNetns('a namespace of another kind', code)}`;
  }
  const cure = isPrivilege(code) ? cureForRights() : LIST_NETNS;
  return `cannot open the network namespace "${netns}" (${code}); ${cure}`;
}

/** Code of the error, with the detail that rtnetlink adds. */
export function kernelsWords({ code, detail }: NativeError): string {
  return detail ? `${code}: ${detail}` : code;
}

/** Cure for a refused value. */
export function privilege(code: string): string {
  return isPrivilege(code)
    ? `${cureForRights()}, or have root set it before`
    : 'choose another value';
}

function isPrivilege(code: string): boolean {
  return code === 'EPERM' || code === 'EACCES';
}
