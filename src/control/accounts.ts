/** Users and groups by name, wherever the system keeps them (files, LDAP, …): asks `getent`. */

import { spawnSync } from 'node:child_process';
import type { Account } from '../config/port-spec';
import { StartError } from './start-error';

/** Fields of a line of `getent passwd` and `getent group`: name:password:id:… */
const ID_FIELD = 2;

/** @throws StartError when there is no such user. @returns the user id */
export function lookUpUser(user: Account): number {
  return lookUp('passwd', 'user', user);
}

/** @throws StartError when there is no such group. @returns the group id */
export function lookUpGroup(group: Account): number {
  return lookUp('group', 'group', group);
}

function lookUp(database: string, what: string, account: Account): number {
  if (typeof account === 'number') return account;
  const { stdout } = spawnSync('getent', [database, '--', account], { encoding: 'utf8' });
  const id = Number(stdout.split(':')[ID_FIELD]);
  if (stdout === '' || !Number.isInteger(id)) {
    throw new StartError(`there is no ${what} "${account}"; name one that exists, or its number`);
  }
  return id;
}
