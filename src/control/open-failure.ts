/** Says in one line why a port could not be opened, and what would help. */

import { type PortSpec, portLabel } from '../config/port-spec';
import { isNativeError, type NativeError } from '../native/native';
import { StartError } from './start-error';

/** @returns a StartError for whatever opening the port threw. */
export function explainOpenFailure(spec: PortSpec, error: unknown): StartError {
  const label = portLabel(spec);
  if (error instanceof StartError) return new StartError(`${label}: ${error.message}`);
  if (!isNativeError(error)) return new StartError(`${label}: ${(error as Error).message}`);
  return new StartError(`${label}: ${reason(spec, error)}`, { cause: error });
}

function reason(spec: PortSpec, error: NativeError): string {
  const { code, syscall, subject } = error;
  switch (syscall) {
    case 'TUNSETIFF':
      return attachReason(spec, error);
    case 'open':
      return subject === '/dev/net/tun' ? tunFileReason(code) : netnsReason(spec, code);
    case 'setns':
      return code === 'EPERM'
        ? `may not enter the network namespace ${subject} (EPERM); run with sudo`
        : `${subject} is not a network namespace (${code}); "ip netns" lists those with names`;
    case 'SIOCSIFMTU':
      return `the kernel refuses an MTU of ${spec.mtu} (${code}); ${privilege(code)}`;
    case 'SIOCSIFHWADDR':
      return `the kernel refuses the MAC ${spec.mac} (${code}); ${privilege(code)}`;
    case 'SIOCSIFFLAGS':
      return `cannot set the interface up (${code}); ${privilege(code)}`;
    default:
      return `${syscall} failed (${code}); ${privilege(code)}`;
  }
}

/** TUNSETIFF: drivers/net/tun.c, tun_set_iff and tun_attach. */
function attachReason(spec: PortSpec, error: NativeError): string {
  const { code, detail } = error;
  if (detail === 'tun/tun') {
    return `is a TUN device, which carries no Ethernet frames (${code}); choose another name`;
  }
  if (detail !== undefined && detail !== 'tun/tap') {
    const kind = detail === '?' ? 'another kind of interface' : `an interface of kind ${detail}`;
    return `is ${kind}, not a TAP (${code}); choose another name`;
  }
  switch (code) {
    case 'EBUSY':
      return 'another program holds this TAP (EBUSY); stop it or choose another name';
    case 'EPERM':
      return detail === undefined
        ? `may not create a TAP (EPERM); run with sudo, or have it made for you: ${handOver(spec)}`
        : 'this TAP belongs to another user (EPERM); run with sudo, or become its owner';
    case 'EINVAL':
      return 'the kernel refuses this name (EINVAL); choose another';
    default:
      return `cannot be opened as a TAP (${code})`;
  }
}

function handOver(spec: PortSpec): string {
  const netns = spec.netns === undefined ? '' : `-n ${spec.netns} `;
  return `sudo ip ${netns}tuntap add ${spec.name} mode tap user $USER`;
}

function tunFileReason(code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return `/dev/net/tun is missing (${code}); load the driver: modprobe tun`;
    case 'EACCES':
    case 'EPERM':
      return `may not open /dev/net/tun (${code}); run with sudo`;
    case 'EMFILE':
    case 'ENFILE':
      return `no file descriptor is left (${code}); raise the limit: ulimit -n`;
    default:
      return `cannot open /dev/net/tun (${code})`;
  }
}

function netnsReason(spec: PortSpec, code: string): string {
  if (code === 'ENOENT') {
    return `there is no network namespace "${spec.netns}" (ENOENT); ip netns add makes one`;
  }
  return `cannot open the network namespace "${spec.netns}" (${code}); run with sudo`;
}

function privilege(code: string): string {
  return code === 'EPERM' || code === 'EACCES'
    ? 'run with sudo, or have root set it before'
    : 'choose another value';
}
