/**
 * Veth pairs that the switch makes. The far end belongs to the programs of its namespace. The near end is
 * in the namespace of this process.
 *
 * A switch that was killed leaves its pairs behind. The next switch finds them by the name of the near end,
 * which follows from the namespace and the name of the far end, and by an alias that both ends have.
 *
 * Source: rtnetlink(7), linux/veth.h, drivers/net/veth.c.
 */

import { createHash } from 'node:crypto';
import { isNativeError } from '../native/native';
import { TunTapError } from '../system/tuntap-error';
import { silence } from './interface';
import { askLink } from './ask-link';
import { ask } from './route';
import {
  Flag,
  InfoAttribute,
  LINK_PART_BYTES,
  LinkAttribute,
  Message,
  VethAttribute,
  decodeAttributes,
  decodeLinkPart,
  decodeName,
  encodeAttribute,
  encodeLinkPart,
  encodeMessage,
  encodeName,
  encodeU32,
} from './rtnetlink';

/** One end of a veth pair, as read from the kernel. */
export interface VethEnd {
  readonly index: number;
  readonly name: string;
  /** Index of the other end in its own namespace. */
  readonly peerIndex: number | undefined;
  /** Six bytes in wire order. */
  readonly mac: Uint8Array | undefined;
  readonly mtuBytes: number;
  readonly alias: string | undefined;
  readonly group: number;
  readonly isUp: boolean;
}

/** Facts that the removal of a pair needs. */
type NearEnd = Pick<VethEnd, 'index' | 'name'>;

export interface VethPair {
  readonly near: VethEnd;
  readonly far: VethEnd;
}

export interface WantedPair {
  readonly nearName: string;
  readonly farName: string;
  /** Namespace of the far end; by default, that of this process. */
  readonly farNetns: string | undefined;
  /** MAC of the far end: six bytes in wire order. By default, the kernel chooses one. */
  readonly mac?: Uint8Array | undefined;
  /** MTU of both ends. */
  readonly mtuBytes?: number | undefined;
}

const KIND = 'veth';
const DIGEST_CHARACTERS = 8;
const IFF_UP = 1;
/** First group of pairs that a switch is removing. The low bits are its process id. */
const LEAVING_GROUPS = 0x74730000;

/**
 * Name of the near end: always the same for one name in one namespace. The names of Docker's veths are one
 * character shorter.
 * @param netnsId identity of the namespace: see `Netns`
 */
export function nearEndOf(farName: string, netnsId: string): string {
  const digest = createHash('sha256').update(`${netnsId} ${farName}`).digest('hex');
  return `${KIND}${digest.slice(0, DIGEST_CHARACTERS)}`;
}

/** Alias of both ends, for people who list interfaces. */
function aliasOf(nearName: string): string {
  return `tapswitch: pair of ${nearName}`;
}

/** @returns the end of a veth pair; `other` for another interface, `nothing` for none */
export function findVethEnd(
  which: string | number,
  netnsPath?: string,
): VethEnd | 'other' | 'nothing' {
  const message = askLink(which, netnsPath);
  if (message === undefined) return 'nothing';
  const { body } = message;
  const { index, flags } = decodeLinkPart(body);
  const attributes = decodeAttributes(body, LINK_PART_BYTES);
  const info = decodeAttributes(attributes.get(LinkAttribute.LinkInfo) ?? Buffer.alloc(0));
  const kind = info.get(InfoAttribute.Kind);
  if (kind === undefined || decodeName(kind) !== KIND) return 'other';
  const alias = attributes.get(LinkAttribute.Alias);
  return {
    index,
    name: decodeName(attributes.get(LinkAttribute.Name) ?? Buffer.alloc(0)),
    peerIndex: attributes.get(LinkAttribute.Link)?.readUInt32LE(),
    mac: attributes.get(LinkAttribute.Address),
    mtuBytes: attributes.get(LinkAttribute.Mtu)?.readUInt32LE() ?? 0,
    alias: alias && decodeName(alias),
    group: attributes.get(LinkAttribute.Group)?.readUInt32LE() ?? 0,
    isUp: (flags & IFF_UP) !== 0,
  };
}

/**
 * Whether a switch made this near end. A pair without an alias counts too: its switch was killed early.
 * @param madeName name of the end when it was made; others may have changed it
 */
export function isOwnNearEnd({ alias }: VethEnd, madeName: string): boolean {
  return alias === undefined || alias === aliasOf(madeName);
}

/**
 * The far end of a near end, if it is still in that namespace: a program may have moved it. Indexes and
 * alias are both compared, because each alone may be the same in several namespaces.
 */
export function findFarEnd(near: VethEnd, farNetns: string | undefined): VethEnd | undefined {
  if (near.peerIndex === undefined) return undefined;
  const far = findVethEnd(near.peerIndex, farNetns);
  if (typeof far === 'string' || far.peerIndex !== near.index) return undefined;
  return far.alias === near.alias && far.alias !== undefined ? far : undefined;
}

/**
 * Makes a pair. Its ends are down. The kernel sends no frames of its own out of the near end.
 * @throws RouteRefusal; then nothing of the pair is left
 */
export function makePair({ nearName, farName, farNetns, mac, mtuBytes }: WantedPair): VethPair {
  const mtu =
    mtuBytes === undefined ? [] : [encodeAttribute(LinkAttribute.Mtu, encodeU32(mtuBytes))];
  const peer = Buffer.concat([
    encodeLinkPart({}),
    encodeAttribute(LinkAttribute.Name, encodeName(nearName)),
    encodeAttribute(LinkAttribute.NetnsProcess, encodeU32(process.pid)),
    ...mtu,
  ]);
  const info = Buffer.concat([
    encodeAttribute(InfoAttribute.Kind, encodeName(KIND)),
    encodeAttribute(InfoAttribute.Data, encodeAttribute(VethAttribute.Peer, peer)),
  ]);
  const flags = Flag.Acknowledge | Flag.Create | Flag.Exclusive;
  const request = encodeMessage(Message.NewLink, flags, encodeLinkPart({}), [
    encodeAttribute(LinkAttribute.Name, encodeName(farName)),
    ...(mac === undefined ? [] : [encodeAttribute(LinkAttribute.Address, mac)]),
    ...mtu,
    encodeAttribute(LinkAttribute.LinkInfo, info),
  ]);
  ask(request, 'RTM_NEWLINK', farName, farNetns);
  const near = findVethEnd(nearName);
  if (typeof near === 'string') throw missing(nearName);
  try {
    const alias = aliasOf(nearName);
    silence(nearName, alias);
    // A program in the namespace may have renamed it already, so it is found by its index.
    setAlias(near.peerIndex ?? 0, alias, farNetns);
    const far = findFarEnd({ ...near, alias }, farNetns);
    if (far === undefined) throw missing(farName);
    return { near: { ...near, alias }, far };
  } catch (error) {
    removePair(near);
    throw error;
  }
}

/**
 * The far end of a pair whose near end was moved to another namespace, where nobody can find it.
 * @param farNetns the namespace in which the pair was made
 */
export function findStrandedFarEnd(
  { near, far: { index } }: VethPair,
  farNetns: string | undefined,
): VethEnd | undefined {
  const far = findVethEnd(index, farNetns);
  return typeof far !== 'string' && far.alias === near.alias ? far : undefined;
}

/** Removes both ends. @param end one of them; without a namespace, in that of this process */
export function removePair({ index, name }: NearEnd, netnsPath?: string): void {
  const request = encodeMessage(Message.DeleteLink, Flag.Acknowledge, encodeLinkPart({ index }));
  ask(request, 'RTM_DELLINK', name, netnsPath);
}

const leaving: NearEnd[] = [];
let removal: Promise<void> | undefined;

/**
 * Removes a pair together with all others that are removed in this turn of the event loop. The kernel takes
 * some 20 ms for one pair, and no longer for a group of many (unregister_netdevice_many in net/core/dev.c).
 * A pair that is gone already, or whose removal is refused, is skipped.
 */
export function removeTogether(near: NearEnd): Promise<void> {
  leaving.push(near);
  removal ??= Promise.resolve().then(() => {
    removal = undefined;
    removeAll(leaving.splice(0));
  });
  return removal;
}

/** Whether a switch was killed while it was removing the pair. */
export function isLeaving({ group }: VethEnd): boolean {
  return group >= LEAVING_GROUPS;
}

function removeAll(pairs: readonly NearEnd[]): void {
  const [first] = pairs;
  if (first === undefined) return;
  if (pairs.length === 1) {
    passOver(() => removePair(first));
    return;
  }
  const group = encodeAttribute(LinkAttribute.Group, encodeU32(LEAVING_GROUPS + process.pid));
  for (const { index, name } of pairs) {
    const request = encodeMessage(Message.NewLink, Flag.Acknowledge, encodeLinkPart({ index }), [
      group,
    ]);
    passOver(() => ask(request, 'RTM_NEWLINK', name));
  }
  const request = encodeMessage(Message.DeleteLink, Flag.Acknowledge, encodeLinkPart({}), [group]);
  passOver(() => ask(request, 'RTM_DELLINK', first.name));
}

function passOver(removal: () => unknown): void {
  try {
    removal();
  } catch (error) {
    if (!isNativeError(error)) throw error;
  }
}

function setAlias(index: number, alias: string, netnsPath: string | undefined): void {
  const request = encodeMessage(Message.NewLink, Flag.Acknowledge, encodeLinkPart({ index }), [
    encodeAttribute(LinkAttribute.Alias, Buffer.from(alias)),
  ]);
  ask(request, 'RTM_NEWLINK', `interface ${index}`, netnsPath);
}

function missing(name: string): TunTapError {
  return new TunTapError('ENODEV', `${name} was deleted or moved while the pair was made (ENODEV)`);
}
