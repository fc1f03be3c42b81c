/** Users and groups by name, from every source that the system uses (files, LDAP, …). */

import { native } from '../native/native';
import { TunTapError } from './tuntap-error';

/** A user or group: its number, or its name, which is looked up when a port is opened. */
export type Account = string | number;

const CURE = 'name one that exists, or its number';

/** @throws TunTapError when there is no such user. @returns the user id */
export function lookUpUser(user: Account): number {
  return typeof user === 'number' ? user : lookUpLogin(user).uid;
}

/** @throws TunTapError when there is no such group. @returns the group id */
export function lookUpGroup(group: Account): number {
  if (typeof group === 'number') return group;
  const found = native().findGroup(group);
  if (found !== undefined) return found.gid;
  throw new TunTapError('ENOENT', `there is no group "${group}" (ENOENT); ${CURE}`);
}

/** @throws TunTapError when there is no such user. @returns the user id and its login group's id */
export function lookUpLogin(user: Account): { readonly uid: number; readonly gid: number } {
  const found = native().findUser(user);
  if (found !== undefined) return found;
  if (typeof user === 'string') {
    throw new TunTapError('ENOENT', `there is no user "${user}" (ENOENT); ${CURE}`);
  }
  throw new TunTapError('ENOENT', `there is no user ${user} (ENOENT); name one that exists`);
}

/** @returns the name of a user, or its number where it has none */
export function nameOfUser(id: number): string {
  return native().findUser(id)?.name ?? String(id);
}

/** @returns the name of a group, or its number where it has none */
export function nameOfGroup(id: number): string {
  return native().findGroup(id)?.name ?? String(id);
}
