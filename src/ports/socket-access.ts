/** Access to the socket of a port: the owner, the group and the mode of its file. */

import { chmodSync, lchownSync, lstatSync } from 'node:fs';
import type { PortKey } from '../config/port-grammar';
import { account } from '../config/values/interface-rules';
import { expected, textRule } from '../config/values/rule';
import type { NativePeer } from '../native/native';
import { type Account, lookUpGroup, lookUpUser } from '../system/accounts';

const DEFAULT_MODE = '0600';
/** Bits of a mode: the group may write, and all others. Writing to a socket is connecting to it. */
const GROUP_MAY = 0o020;
const OTHERS_MAY = 0o002;

const MODE = 'a mode in octal, such as 0660; in quotes in a file';

/** What the keys say. */
export interface AccessKeys {
  readonly mode?: string | undefined;
  readonly owner?: Account | undefined;
  readonly group?: Account | undefined;
}

/** Keys of a port with a Unix socket of its own. */
export const ACCESS_KEYS = {
  mode: {
    rule: textRule(MODE, (text) => {
      if (!/^0?[0-7]{3}$/.test(text)) throw expected(MODE, text);
      return text.padStart(4, '0');
    }),
    placeholder: 'MODE',
    help: 'who may connect to a path: 0660 lets the group (default: 0600)',
    when: 'opened',
    fallback: DEFAULT_MODE,
    isFixed: true,
  },
  owner: {
    rule: account,
    placeholder: 'USER',
    help: "of a path (default: the switch's user)",
    when: 'opened',
    isFixed: true,
    verify: (user: Account) => lookUpUser(user),
  },
  group: {
    rule: account,
    placeholder: 'GROUP',
    help: 'the same',
    when: 'opened',
    isFixed: true,
    verify: (group: Account) => lookUpGroup(group),
  },
} satisfies Readonly<Record<string, PortKey>>;

export class SocketAccess {
  readonly mode: number;
  private readonly uid: number;
  private readonly gid: number;

  /**
   * @param login user and group of the switch, where it changes them later
   * @throws TunTapError where there is no such user or group
   */
  constructor(
    { mode = DEFAULT_MODE, owner, group }: AccessKeys,
    login: { readonly uid: number; readonly gid: number } = {
      uid: process.geteuid?.() ?? 0,
      gid: process.getegid?.() ?? 0,
    },
  ) {
    this.mode = Number.parseInt(mode, 8);
    this.uid = owner === undefined ? login.uid : lookUpUser(owner);
    this.gid = group === undefined ? login.gid : lookUpGroup(group);
  }

  /**
   * Gives a socket that was just made its owner, its group and its mode.
   * @param path in a folder in which nobody else can change a name
   * @throws NodeJS.ErrnoException
   */
  give(path: string): void {
    chmodSync(path, this.mode);
    this.giveOwner(path);
  }

  /**
   * Gives a socket its owner and its group. It may have any name: no link is followed.
   * @throws NodeJS.ErrnoException
   */
  giveOwner(path: string): void {
    const { uid, gid } = lstatSync(path);
    if (uid !== this.uid || gid !== this.gid) lchownSync(path, this.uid, this.gid);
  }

  /**
   * Whether a process may connect. The kernel asks for the right to write to the file; this holds for a
   * process that reached the socket by another way.
   */
  allows({ uid, groups }: NativePeer): boolean {
    if (uid === 0 || uid === this.uid || uid === process.geteuid?.()) return true;
    if ((this.mode & GROUP_MAY) !== 0 && groups.includes(this.gid)) return true;
    return (this.mode & OTHERS_MAY) !== 0;
  }

  /** Whether two ports let the same users connect. */
  equals(other: SocketAccess): boolean {
    return this.mode === other.mode && this.uid === other.uid && this.gid === other.gid;
  }
}
