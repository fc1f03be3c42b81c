/**
 * Egress lists of groups: which ports get a frame to a group from a source. A list is made when it is asked
 * for the first time after something changed, and not for each frame.
 *
 * A group has one list for all sources that no membership names, and one for each that some membership does.
 * Ports of multicast routers are in each list.
 *
 * Source: RFC 3376 6.3, RFC 4541 2.1.2; `br_multicast_flood` in net/bridge/br_forward.c.
 */

import { newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { i32At } from '../wire/read';
import { KeyIndex, NOT_HELD } from './key-index';
import { MemberFlag, type Members, NO_MEMBER } from './members';
import { NO_SOURCE, type Sources } from './sources';

interface Lists {
  /** Ports of routers that are in the lists. */
  readonly routers: Int32Array;
  readonly star: Int32Array;
  /** Absent if no membership names a source. */
  readonly named: NamedSources | undefined;
}

interface NamedSources {
  readonly index: KeyIndex;
  /** Lists by the numbers of the index. */
  readonly lists: readonly Int32Array[];
}

export class EgressLists {
  /** Group → its lists; absent while something has changed. */
  private readonly lists: (Lists | undefined)[] = [];
  private readonly scratch = newIpKey();

  constructor(
    private readonly members: Members,
    private readonly sources: Sources,
    private readonly firstOf: (group: number) => number,
  ) {}

  /** Notes that the lists of a group are no longer right. */
  forget(group: number): void {
    this.lists[group] = undefined;
  }

  /**
   * Ports that get a frame, ascending.
   * @param source address of the sender; not read if no membership names a source
   * @param routers ports of routers; a new array for each change
   */
  of(group: number, source: IpKey, routers: Int32Array): Int32Array {
    let lists = this.lists[group];
    if (lists?.routers !== routers) {
      lists = this.make(group, routers);
      this.lists[group] = lists;
    }
    if (lists.named === undefined) return lists.star;
    const named = lists.named.index.find(source, 0);
    return named === NOT_HELD ? lists.star : (lists.named.lists[named] as Int32Array);
  }

  private make(group: number, routers: Int32Array): Lists {
    const { members, sources } = this;
    const star = this.portsFor(group, undefined, routers);
    const index = new KeyIndex(0, Number.POSITIVE_INFINITY);
    const lists: Int32Array[] = [];
    for (let member = this.firstOf(group); member !== NO_MEMBER;) {
      let source = i32At(members.firstSource, member);
      while (source !== NO_SOURCE) {
        sources.readKey(source, this.scratch);
        if (index.find(this.scratch, 0) === NOT_HELD) {
          lists[index.add(this.scratch, 0)] = this.portsFor(group, this.scratch, routers, star);
        }
        source = i32At(sources.next, source);
      }
      member = i32At(members.next, member);
    }
    return { routers, star, named: lists.length === 0 ? undefined : { index, lists } };
  }

  /**
   * @param source a source that some membership names; `undefined` for one that none does
   * @param known a list that is used again if it has the same ports
   */
  private portsFor(
    group: number,
    source: IpKey | undefined,
    routers: Int32Array,
    known?: Int32Array,
  ): Int32Array {
    const { members } = this;
    const ports = new Set<number>(routers);
    for (let member = this.firstOf(group); member !== NO_MEMBER;) {
      if (this.takes(member, source)) ports.add(i32At(members.port, member));
      member = i32At(members.next, member);
    }
    const isKnown = known !== undefined && known.length === ports.size;
    if (isKnown && known.every((port) => ports.has(port))) return known;
    return Int32Array.from(ports).sort();
  }

  private takes(member: number, source: IpKey | undefined): boolean {
    const { members, sources } = this;
    const isOpen = members.has(member, MemberFlag.Exclude);
    if (source === undefined) return isOpen;
    const found = sources.find(i32At(members.firstSource, member), source);
    return found === NO_SOURCE ? isOpen : sources.isForwarded(found);
  }
}
