/** Refusals of the system that concern the sockets of ports, in words for a person. */

import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { isPath } from '../config/values/socket-address';
import { isNativeError } from '../native/native';
import { descriptorsExhausted } from '../system/descriptors';

/** @returns why a socket could not be made at an address, and what to do */
export function explainBinding(address: string, error: unknown): string {
  const { code, reason } = errnoOf(error);
  switch (code) {
    case undefined:
      return reason;
    case 'EADDRINUSE':
      return 'another program has this address (EADDRINUSE); stop it, or choose another';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address (EADDRNOTAVAIL); ip address shows which there are';
    case 'ENOENT':
      return `there is no folder ${dirname(address)} (ENOENT); make it, or choose another path`;
    case 'EACCES':
    case 'EPERM':
      return isPath(address)
        ? `may not make a socket there (${code}); choose another folder, or run with sudo`
        : `may not listen there (${code}); choose a port from 1024 on, or run with sudo`;
    default:
      return `${reason} (${code}); choose another address`;
  }
}

/** @returns why the peer cannot be reached. It is tried again, so there is no cure. */
export function explainConnecting(error: unknown): string {
  const { code, reason } = errnoOf(error);
  switch (code) {
    case undefined:
      return reason;
    case 'ENOENT':
      return 'there is no such socket yet (ENOENT)';
    case 'ECONNREFUSED':
      return 'nobody listens there (ECONNREFUSED)';
    case 'EAGAIN':
      return 'too many wait there to be accepted (EAGAIN)';
    case 'EPROTOTYPE':
      return 'the socket there is of another type (EPROTOTYPE): stream or dgram';
    case 'EACCES':
      return 'may not connect to it (EACCES); its owner can allow it';
    case 'EPERM':
      return 'it is connected to another socket (EPERM)';
    default:
      return `${reason} (${code})`;
  }
}

/** The words of the kernel for an errno, such as 32. */
export function wordsOf(errno: number): string {
  const [code = String(errno), reason = 'unknown error'] = getSystemErrorMap().get(-errno) ?? [];
  return `${reason} (${code})`;
}

function errnoOf(error: unknown): { code: string | undefined; reason: string } {
  const exhausted = descriptorsExhausted(error);
  if (exhausted !== undefined) return { code: undefined, reason: exhausted };
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) return { code: undefined, reason: message };
  const [, reason = message] = getSystemErrorMap().get(isNativeError(error) ? -errno : errno) ?? [];
  return { code, reason };
}
