/** One request to the kernel's routing netlink, and its answer or refusal. */

import { getSystemErrorName } from 'node:util';
import { type NativeError, native } from '../native/native';
import { type NetlinkMessage, decodeMessages } from './rtnetlink';

/** A refusal by the kernel, like those of the addon's own calls. */
export class RouteRefusal extends Error implements NativeError {
  override readonly name = 'RouteRefusal';
  readonly code: string;

  constructor(
    readonly errno: number,
    readonly syscall: string,
    readonly subject: string,
    /** Explanation by the kernel. */
    readonly detail: string = '',
  ) {
    const code = getSystemErrorName(-errno);
    super(`${subject}: ${syscall}: ${code} ${detail}`.trimEnd());
    this.code = code;
  }
}

/**
 * @param syscall name of the request, for an error: `RTM_GETLINK`
 * @param subject object of the request, for an error: the name of an interface
 * @param netnsPath path of the namespace; by default, that of this process
 * @returns the messages of the answer, without the final one
 * @throws RouteRefusal if the kernel refuses, NativeError if it cannot be asked
 */
export function ask(
  request: Buffer,
  syscall: string,
  subject: string,
  netnsPath?: string,
): NetlinkMessage[] {
  const { messages, outcome } = decodeMessages(native().askRouteNetlink(request, netnsPath));
  if (outcome.errno !== 0) {
    throw new RouteRefusal(outcome.errno, syscall, subject, outcome.reason);
  }
  return messages;
}
