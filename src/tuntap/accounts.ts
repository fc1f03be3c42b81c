/** Users and groups by name, wherever the system keeps them (files, LDAP, …): asks `getent`. */

import { spawnSync } from 'node:child_process';
import type { Account } from '../config/port-spec';
import { TunTapError } from './tuntap-error';

/** Fields of a line of `getent passwd` and `getent group`: name:password:id:… */
const NAME_FIELD = 0;
const ID_FIELD = 2;
/** Of `passwd` only. */
const LOGIN_GROUP_FIELD = 3;

/** @throws TunTapError when there is no such user. @returns the user id */
export function lookUpUser(user: Account): number {
  return lookUp('passwd', 'user', user);
}

/** @throws TunTapError when there is no such group. @returns the group id */
export function lookUpGroup(group: Account): number {
  return lookUp('group', 'group', group);
}

/** @throws TunTapError when there is no such user. @returns the user id and that of its own group */
export function lookUpLogin(user: Account): { readonly uid: number; readonly gid: number } {
  const uid = lookUpUser(user);
  const gid = Number(askDatabase('passwd', String(user))[LOGIN_GROUP_FIELD] ?? Number.NaN);
  if (Number.isInteger(gid)) return { uid, gid };
  throw new TunTapError('ENOENT', `there is no user ${user} (ENOENT); name one that exists`);
}

/** @returns the name of a user, or the number where it has none */
export function nameOfUser(id: number): string {
  return askDatabase('passwd', String(id))[NAME_FIELD] || String(id);
}

/** @returns the name of a group, or the number where it has none */
export function nameOfGroup(id: number): string {
  return askDatabase('group', String(id))[NAME_FIELD] || String(id);
}

function lookUp(database: string, what: string, account: Account): number {
  if (typeof account === 'number') return account;
  const id = Number(askDatabase(database, account)[ID_FIELD] ?? Number.NaN);
  if (!Number.isInteger(id)) {
    const cure = 'name one that exists, or its number';
    throw new TunTapError('ENOENT', `there is no ${what} "${account}" (ENOENT); ${cure}`);
  }
  return id;
}

/** The fields of an entry; none of which there is one. */
function askDatabase(database: string, key: string): string[] {
  const { stdout } = spawnSync('getent', [database, '--', key], { encoding: 'utf8' });
  return stdout === '' ? [] : stdout.split(':');
}
