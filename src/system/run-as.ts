/**
 * Gives up root once the ports are open. What is kept is what adding a port takes, and only on the
 * main thread: the one that moves frames keeps nothing at all. From then on, the kernel refuses the
 * whole process what a switch never does.
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

/** A user of the system, as `--user` names it. */
export interface Login {
  readonly user: Account;
  readonly uid: number;
  readonly gid: number;
}

/** A port that may lie in a network namespace of its own. */
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
 * @param ports where some live in network namespaces, entering those is kept too
 * @throws StartError
 */
export function runAs({ user, uid, gid }: Login, ports: readonly MaybeElsewhere[]): void {
  try {
    process.initgroups?.(user, gid);
    process.setgid?.(gid);
    native().becomeUser(uid, keptCapabilities(ports));
    native().refuseSystemCalls();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EPERM' ? 'may not become another user (EPERM); run with sudo' : message;
    throw new StartError(`--user ${user}: ${reason}`);
  }
}

/** Making a TAP takes CAP_NET_ADMIN; entering a namespace, to make or to find one there, the other. */
function keptCapabilities(ports: readonly MaybeElsewhere[]): number[] {
  const hasNamespaces = ports.some(({ netns }) => netns !== undefined);
  return hasNamespaces ? [CAP_NET_ADMIN, CAP_SYS_ADMIN] : [CAP_NET_ADMIN];
}
