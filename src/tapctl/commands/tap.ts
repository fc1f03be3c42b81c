/**
 * `tapctl tap`: TUN/TAP devices on this machine, with the keywords of `ip tuntap`, `ip link` and
 * `ip address`. It needs no running switch.
 */

import type { Command } from 'commander';
import { account } from '../../config/values/interface-rules';
import { portLabel } from '../../config/values/port-spec';
import { ValueError, at } from '../../config/values/rule';
import { UsageError } from '../../system/usage-error';
import { StartError } from '../../system/start-error';
import { nameOfGroup, nameOfUser } from '../../system/accounts';
import { type DeviceAddress, MTU_RULES, deviceMode } from '../../device/device-options';
import { createTap, deleteTap } from '../../device/manager';
import { type TapInfo, listTaps, showTap } from '../../device/tap-list';
import type { Line, Painted } from '../../terminal/table';
import { TunTapError } from '../../system/tuntap-error';
import type { Context } from '../context';
import { readWords } from '../words';

const KEYWORDS = ['mode', 'user', 'group', 'mac', 'mtu'] as const;
const FLAGS = ['pi', 'vnet_hdr', 'multi_queue', 'up'] as const;
const DEVICE = 'dev';
const ADDRESS = 'address';
const PEER = 'peer';

const HELP_AFTER_ADD = `
  NAME            1 to 15 bytes. In "tap%d" the kernel chooses the number;
                  without a NAME, the whole name. The name is printed.
  @NETNS          a namespace as in "ip netns", or the path of its file
  mode tap|tun    Ethernet frames (the default), or IP packets
  user U          user and group that may attach without being root, by name or
  group G         number; if both are given, both must match; default: anybody
  pi              four bytes of packet information before each packet
  vnet_hdr        a virtio network header before each packet
  multi_queue     several programs may be attached
  mac ADDR        MAC address of a TAP
  mtu N           MTU in bytes
  up              set the interface up
  address CIDR    an address, such as 192.0.2.1/24; repeatable
  peer IP         after an address: the other end of a point-to-point link
`.trimEnd();

interface Place {
  readonly netns?: string;
}

export function addTapCommands(program: Command, context: Context): void {
  const tap = program.command('tap').description('TUN/TAP devices; needs no running switch');
  tap
    .command('add')
    .usage(
      '[NAME] [@NETNS] [mode tap|tun] [user U] [group G] [pi] [vnet_hdr] [multi_queue] ' +
        '[mac ADDR] [mtu N] [up] [address CIDR [peer IP]]...',
    )
    .argument('[WORD...]')
    .description('make a persistent device')
    .addHelpText('after', HELP_AFTER_ADD)
    .action((words: string[]) => {
      const made = explained(() => createTap(readDevice(words)));
      context.print(tapBody(made), () => [portLabel(made)]);
    });
  tap
    .command('del')
    .usage('NAME [@NETNS] [mode tap|tun]')
    .argument('<NAME>')
    .argument('[WORD...]')
    .description('remove a device that no program holds')
    .action((first: string, words: string[]) => {
      const { name, place, rest } = readName([first, ...words]);
      const { mode } = readWords(rest, { keywords: ['mode'] });
      explained(() =>
        deleteTap(requireName(name), {
          ...place,
          ...(mode !== undefined && { mode: at('mode', () => deviceMode.fromText(mode)) }),
        }),
      );
    });
  tap
    .command('list')
    .usage('[@NETNS]')
    .argument('[WORD...]')
    .description('list the devices of a namespace, or of all namespaces that you may enter')
    .action((words: string[]) => {
      const { place, rest } = readPlace(words);
      readWords(rest, { keywords: [] });
      const devices = explained(() => listTaps(place));
      context.print(devices.map(tapBody), () => deviceTable(devices, context));
    });
  tap
    .command('show')
    .usage('NAME [@NETNS]')
    .argument('<NAME>')
    .argument('[WORD...]')
    .description('show one device with its addresses')
    .action((first: string, words: string[]) => {
      const { name, place, rest } = readName([first, ...words]);
      readWords(rest, { keywords: [] });
      const device = explained(() => showTap(requireName(name), place));
      context.print(tapBody(device), () => deviceLines(device, context));
    });
}

/** JSON of a device, with the keys of `ip -j tuntap show` and `ip -j address show` where they have some. */
function tapBody(device: TapInfo): object {
  return {
    ifname: device.name,
    ...(device.netns !== undefined && { netns: device.netns }),
    flags: [device.mode, ...flagsOf(device)],
    ...(device.user !== undefined && { user: device.user }),
    ...(device.group !== undefined && { group: device.group }),
    ...(device.mac !== undefined && { address: device.mac }),
    mtu: device.mtu,
    up: device.up,
    addr_info: device.addresses.map(({ address, peer }) => {
      const [local, prefixLength] = address.split('/');
      return {
        family: address.includes(':') ? 'inet6' : 'inet',
        local,
        ...(peer !== undefined && { address: peer }),
        prefixlen: Number(prefixLength),
      };
    }),
    processes: device.holders.map(({ pid, program }) => ({ name: program, pid })),
  };
}

/** Flags of a device, with the names and in the order of `ip tuntap`. */
function flagsOf({ packetInfo, multiQueue, vnetHeader, persistent }: TapInfo): string[] {
  return [
    ...(packetInfo ? ['pi'] : []),
    ...(multiQueue ? ['multi_queue'] : []),
    ...(vnetHeader ? ['vnet_hdr'] : []),
    ...(persistent ? ['persist'] : []),
  ];
}

function deviceTable(devices: readonly TapInfo[], context: Context): Line[] {
  return context.table(
    ['NAME', 'MODE', 'FLAGS', 'USER', 'GROUP', 'MAC', 'MTU', 'STATE', 'HELD BY'],
    devices.map((device) => [
      portLabel(device),
      device.mode,
      flagsOf(device).join(',') || '-',
      userOf(device),
      groupOf(device),
      device.mac ?? '-',
      device.mtu,
      stateOf(device),
      holdersOf(device),
    ]),
  );
}

function deviceLines(device: TapInfo, context: Context): Line[] {
  return context.table(
    [portLabel(device), ''],
    [
      ['mode', device.mode],
      ['flags', flagsOf(device).join(' ') || '-'],
      ['user', userOf(device)],
      ['group', groupOf(device)],
      ['mac', device.mac ?? '-'],
      ['mtu', String(device.mtu)],
      ['state', stateOf(device)],
      ...device.addresses.map(({ address, peer }) => [
        'address',
        peer === undefined ? address : `${address} peer ${peer}`,
      ]),
      ['held by', holdersOf(device)],
    ],
  );
}

function userOf({ user }: TapInfo): string {
  return user === undefined ? '-' : nameOfUser(user);
}

function groupOf({ group }: TapInfo): string {
  return group === undefined ? '-' : nameOfGroup(group);
}

function stateOf({ up }: TapInfo): Painted {
  return up ? { text: 'up', colour: 'green' } : { text: 'down', colour: 'yellow' };
}

function holdersOf({ holders }: TapInfo): string {
  return holders.map(({ program, pid }) => `${program} (${pid})`).join(', ') || '-';
}

/** @throws ValueError, UsageError */
function readDevice(words: readonly string[]): Parameters<typeof createTap>[0] {
  const { name, place, rest } = readName(words);
  const { addresses, others } = readAddresses(rest);
  const spoken = readWords(others, { keywords: KEYWORDS, flags: FLAGS });
  const { mode: modeText, user, group, mac, mtu } = spoken;
  const mode = at('mode', () => deviceMode.fromText(modeText ?? 'tap'));
  return {
    ...(name !== undefined && { name }),
    ...place,
    mode,
    ...(user !== undefined && { user: at('user', () => account.fromText(user)) }),
    ...(group !== undefined && { group: at('group', () => account.fromText(group)) }),
    packetInfo: spoken.pi ?? false,
    vnetHeader: spoken.vnet_hdr ?? false,
    multiQueue: spoken.multi_queue ?? false,
    ...(mac !== undefined && { mac }),
    ...(mtu !== undefined && { mtu: at('mtu', () => MTU_RULES[mode].fromText(mtu)) }),
    ...(spoken.up && { up: true }),
    addresses,
  };
}

/** Reads `NAME@NETNS`, or `NAME @NETNS`, with or without `dev` before. The name may be missing. */
function readName(words: readonly string[]): {
  name: string | undefined;
  place: Place;
  rest: readonly string[];
} {
  const isExplicit = words[0] === DEVICE;
  const [first = '', ...behind] = isExplicit ? words.slice(1) : words;
  const isWord = ([...KEYWORDS, ...FLAGS, ADDRESS] as string[]).includes(first);
  if (!isExplicit && (isWord || first.startsWith('@') || first === '')) {
    return { name: undefined, ...readPlace(words) };
  }
  const split = first.indexOf('@');
  if (split === -1) return { name: first, ...readPlace(behind) };
  return { name: first.slice(0, split), place: { netns: first.slice(split + 1) }, rest: behind };
}

function readPlace(words: readonly string[]): { place: Place; rest: readonly string[] } {
  const [first = ''] = words;
  if (!first.startsWith('@')) return { place: {}, rest: words };
  return { place: { netns: first.slice(1) }, rest: words.slice(1) };
}

/** Splits the words into each `address CIDR [peer IP]` and the others. */
function readAddresses(words: readonly string[]): { addresses: DeviceAddress[]; others: string[] } {
  const addresses: DeviceAddress[] = [];
  const others: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (word !== ADDRESS) {
      others.push(word);
      continue;
    }
    const address = valueBehind(words, index++);
    const hasPeer = words[index + 1] === PEER;
    addresses.push({ address, ...(hasPeer && { peer: valueBehind(words, ++index) }) });
    if (hasPeer) index++;
  }
  return { addresses, others };
}

function valueBehind(words: readonly string[], index: number): string {
  const value = words[index + 1];
  if (value === undefined) throw new UsageError(`${words[index]}: needs a value behind it`);
  return value;
}

function requireName(name: string | undefined): string {
  if (name === undefined) throw new UsageError('needs the NAME of a device');
  return name;
}

/** Turns an error into a UsageError (a mistake of the user) or a StartError (a refusal by the system). */
function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(error.message);
    if (!(error instanceof TunTapError)) throw error;
    if (error.cause instanceof ValueError) throw new UsageError(error.message);
    throw new StartError(error.message, { cause: error });
  }
}
