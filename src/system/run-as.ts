/**
 * Gives up root once the ports are open. The main thread, and the addon's threads that work for it,
 * keep the capabilities that adding a port takes; the data-plane thread keeps none. A system call
 * filter then denies the whole process the calls that a switch never makes.
 */

import { UsageError } from './usage-error';
import { native } from '../native/native';
import { type Account, lookUpGroup, lookUpLogin } from './accounts';
import { StartError } from './start-error';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the types of Node 20 lack this one
  namespace NodeJS {
    interface Process {
      initgroups?(user: string | number, extraGroup: string | number): void;
    }
  }
}

/** linux/capability.h */
const CAP_NET_ADMIN = 12;
const CAP_SYS_ADMIN = 21;

/** The user that `--user` names. */
export interface Login {
  readonly user: Account;
  readonly uid: number;
  readonly gid: number;
}

/** A port whose device may be in another network namespace. */
interface MaybeElsewhere {
  readonly netns?: string;
}

/** @throws UsageError where there is no such user */
export function findLogin(user: Account): Login {
  try {
    return { user, ...lookUpLogin(user) };
  } catch (error) {
    throw new UsageError(`--user: ${(error as Error).message}`);
  }
}

/** @returns the number of the group. @throws UsageError where there is no such group */
export function findControlGroup(group: Account): number {
  try {
    return lookUpGroup(group);
  } catch (error) {
    throw new UsageError(`--control-group: ${(error as Error).message}`);
  }
}

/**
 * @param ports where one names a network namespace, CAP_SYS_ADMIN is kept, too
 * @throws StartError
 */
export function runAs({ user, uid, gid }: Login, ports: readonly MaybeElsewhere[]): void {
  try {
    process.initgroups?.(user, gid);
    process.setgid?.(gid);
    native().becomeUser(uid, keptCapabilities(ports));
    native().refuseSystemCalls();
    hasGivenUpRoot = true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EPERM' ? 'may not become another user (EPERM); run with sudo' : message;
    throw new StartError(`--user ${user}: ${reason}`);
  }
}

let hasGivenUpRoot = false;

/** Whether `runAs` has given up root. */
export function isWithoutRoot(): boolean {
  return hasGivenUpRoot;
}

/** @returns the cure for missing rights, as a part of a sentence */
export function cureForRights(): string {
  return hasGivenUpRoot ? 'restart the switch, which has given up root (--user)' : 'run with sudo';
}

/** CAP_NET_ADMIN for making a TAP, and CAP_SYS_ADMIN for entering a namespace. */
function keptCapabilities(ports: readonly MaybeElsewhere[]): number[] {
  const hasNamespaces = ports.some(({ netns }) => netns !== undefined);
  return hasNamespaces ? [CAP_NET_ADMIN, CAP_SYS_ADMIN] : [CAP_NET_ADMIN];
}
