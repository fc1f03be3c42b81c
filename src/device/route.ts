/** One question to the kernel's routing netlink, and its answer or refusal. */

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
    /** The kernel's words for it. */
    readonly detail: string = '',
  ) {
    const code = getSystemErrorName(-errno);
    super(`${subject}: ${syscall}: ${code} ${detail}`.trimEnd());
    this.code = code;
  }
}

/**
 * @param syscall the request as an error names it: `RTM_GETLINK`
 * @param subject what it is about: an interface
 * @param netnsPath of the namespace; that of this process unless given
 * @returns the messages of the answer, without the one that ends it
 * @throws RouteRefusal, or a NativeError where the kernel cannot be asked
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
