/** Wrong input that its looks do not tell: users and groups that this system does not have. */

import type { PortSettings } from '../config/values/port-spec';
import { UsageError } from '../system/usage-error';
import { lookUpGroup, lookUpUser } from '../system/accounts';
import { TunTapError } from '../system/tuntap-error';

export interface UnknownAccount {
  readonly key: 'owner' | 'group';
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/** @returns those of the owner and the group of a port that do not exist. */
export function findUnknownAccounts({ owner, group }: PortSettings): UnknownAccount[] {
  return [
    ...(owner === undefined ? [] : attempt('owner', () => lookUpUser(owner))),
    ...(group === undefined ? [] : attempt('group', () => lookUpGroup(group))),
  ];
}

/** @throws UsageError for an owner or a group that does not exist, with the label of the port. */
export function refuseUnknownAccounts(label: string, settings: PortSettings): void {
  const unknown = findUnknownAccounts(settings);
  if (unknown.length === 0) return;
  throw new UsageError(...unknown.map(({ key, message }) => `${label}: ${key}: ${message}`));
}

function attempt(key: UnknownAccount['key'], lookUp: () => number): UnknownAccount[] {
  try {
    lookUp();
    return [];
  } catch (error) {
    if (!(error instanceof TunTapError)) throw error;
    return [{ key, message: error.message }];
  }
}
