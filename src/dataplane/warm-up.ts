/**
 * Runs the frame path on temporary bridges when the switch is ready (docs/adr/0043-the-warm-up-comes-behind-ready.md). V8 interprets
 * new code and compiles code that has run often. A cold switch forwards its first ten thousand frames at a tenth of
 * its speed, and the queues of its ports overrun. The work between bursts is warmed too, so that the first
 * copy of a table does not delay a frame.
 *
 * V8 compiles for the values that it has seen, and discards the code when it sees others. Therefore
 * - two bridges take turns, because V8 treats a value of a single object as a constant;
 * - frames of every kind that hosts send come before the code is compiled, not only plain ones.
 */

import { ipKeyOf } from '../wire/ip-key';
import { Bridge } from '../l2/bridge';
import { HEADROOM_BYTES, RECEIVE_SLOT_BYTES } from '../frame/burst';
import { DESTINATION, ETHER_TYPE, SOURCE, putMac } from '../wire/ethernet';

const BRIDGES = 2;
/** Number of bursts. They are many and small, so that the code that runs once per burst is compiled too. */
const BURSTS = 768;
const FRAMES = 16;
/** Bursts in which each bridge has one tick and one copy of its table. */
const BURSTS_PER_TICK = 4;
const FRAME_BYTES = 60;
const PORTS = 4;
/** Port that takes no offloads. */
const PLAIN_PORT = PORTS - 1;
/** Upper 16 bits of the stations' addresses, which begin with 02:00. `lo32` counts the stations. */
const HI16 = 0x0002;
/** Slots of the table that one call copies. */
const COPY_SLOTS = 256;
/** Interval, in bursts, between those from new stations. */
const BURSTS_PER_NEW = 4;
/** Interval, in bursts, between those that are a stream from one station to another. */
const BURSTS_PER_STREAM = 2;
/** Interval, in frames, between those that are not TCP between hosts. A stream has none of those. */
const FRAMES_PER_KIND = 4;
const SWITCH_MAC = { hi16: HI16, lo32: 0x0000ff00 };
/** 192.0.2.99, which an ARP request below asks for. */
const SWITCH_IPV4 = ipKeyOf([192, 0, 2, 99]);
/** Milliseconds from burst to burst. The clock advances, so that the work of each tick and second is done. */
const MS_PER_BURST = 5.25;
const STRANGER = 99;
const BROADCAST = { hi16: 0xffff, lo32: -1 };
/** 01:00:5e:00:00:fb */
const GROUP = { hi16: 0x0001, lo32: 0xfb00005e | 0 };

type Recipient = 'host' | 'stranger' | 'all' | 'group';

interface Kind {
  readonly to: Recipient;
  /** Bytes from the EtherType on. The rest of the frame is zero. */
  readonly bytes: Uint8Array;
}

function kind(to: Recipient, ...fields: readonly string[]): Kind {
  return { to, bytes: Buffer.from(fields.join('').replaceAll(' ', ''), 'hex') };
}

const TCP_IPV4 = kind('host', '0800 4500002e 00000000 4006 0000', 'c0000201 c0000202');

/** Other frames that hosts send. */
const KINDS: readonly Kind[] = [
  // ARP: a request for a host, a request for the switch, a reply.
  kind('all', '0806 0001080006040001', '020000000001 c0000201', '000000000000 c0000202'),
  kind('all', '0806 0001080006040001', '020000000001 c0000201', '000000000000 c0000263'),
  kind('host', '0806 0001080006040002', '020000000001 c0000201', '020000000002 c0000202'),
  // IPv4 to an unknown station, to all stations, and to a group.
  kind('stranger', '0800 4500002e 00000000 4011 0000', 'c0000201 c0000202'),
  kind('all', '0800 4500002e 00000000 4011 0000', 'c0000201 ffffffff'),
  kind('group', '0800 4500002e 00000000 4011 0000', 'c0000201 e00000fb'),
  // IPv6: TCP, UDP, and ICMPv6, which may be Neighbor Discovery.
  kind('host', '86dd 60000000 0006 0640'),
  kind('host', '86dd 60000000 0006 1140'),
  kind('host', '86dd 60000000 0006 3aff'),
  // A VLAN tag, and a type that no room wants.
  kind('host', '8100 0001 0800'),
  kind('host', '88b5'),
];

/** A warm-up of the frame path. It is done in steps, so that the lane serves its ports between two of them. */
export class WarmUp {
  private readonly bridges: Bridge[] = [];
  private burst = 0;

  get isComplete(): boolean {
    return this.burst === BURSTS;
  }

  /** Takes one burst through one of the bridges. Do not call it when the warm-up is complete. */
  step(): void {
    const burst = this.burst++;
    const bridge = (this.bridges[burst % BRIDGES] ??= makeBridge());
    fillBurst(bridge, burst);
    bridge.handleBurst(FRAMES);
    bridge.sent(0);
    if (bridge.events.size > FRAMES) bridge.events.takeFields();
    if (burst % BURSTS_PER_TICK > 1) return; // Each bridge has its turn.
    bridge.tick();
    copyTable(bridge);
  }
}

function makeBridge(): Bridge {
  const fdbMax = (BURSTS * FRAMES) / BURSTS_PER_NEW / 4;
  const bridge = new Bridge({ maxPorts: PORTS, fdbMax, mac: SWITCH_MAC });
  bridge.connect({ transmit: () => 0 });
  for (let port = 0; port < PORTS; port++) {
    const takesOffloads = port !== PLAIN_PORT;
    bridge.addPort(port, { name: `${port}`, mtuBytes: 1500, takesOffloads, isUp: true });
  }
  bridge.rooms.arp.addresses.add(SWITCH_IPV4, 0, 24);
  return bridge;
}

/** Copies the table, as a command from the main thread does between bursts. */
function copyTable({ fdb }: Bridge): void {
  fdb.beginCopy();
  while (fdb.copySlots(COPY_SLOTS) !== undefined);
}

/** Fills a burst with frames between the stations of all ports, some of them from new stations. */
function fillBurst({ burst }: Bridge, number: number): void {
  const isStream = number % BURSTS_PER_STREAM === 1;
  const isNew = number % BURSTS_PER_NEW === 0;
  burst.clock[0] = number * MS_PER_BURST;
  for (let frame = 0; frame < FRAMES; frame++) {
    const at = RECEIVE_SLOT_BYTES * frame + HEADROOM_BYTES;
    const port = (isStream ? number >> 1 : frame) % PORTS;
    const isOrdinary = isStream || frame % FRAMES_PER_KIND !== 0;
    const index = (number + frame / FRAMES_PER_KIND) % KINDS.length;
    const { to, bytes } = isOrdinary ? TCP_IPV4 : (KINDS[index] as Kind);
    burst.offset[frame] = at;
    burst.length[frame] = FRAME_BYTES;
    burst.ingress[frame] = port;
    burst.u8.fill(0, at, at + FRAME_BYTES);
    burst.u8.set(bytes, at + ETHER_TYPE);
    const station = isNew ? (number + 1) * FRAMES + frame : port;
    putMac(burst.u16, at + SOURCE, HI16, stationOf(station));
    if (to === 'all' || to === 'group') {
      const { hi16, lo32 } = to === 'all' ? BROADCAST : GROUP;
      putMac(burst.u16, at + DESTINATION, hi16, lo32);
    } else {
      const peer = to === 'stranger' ? STRANGER : (port + 1) % PORTS;
      putMac(burst.u16, at + DESTINATION, HI16, stationOf(peer));
    }
  }
}

/** `lo32` of a station's address. The address of station 0 is 02:00:00:00:00:01. */
function stationOf(number: number): number {
  const low = number + 1;
  return ((low & 0xff) << 24) | ((low & 0xff00) << 8);
}
