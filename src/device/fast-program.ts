/**
 * The programs of the fast path, one for the ingress of an interface and one for that of its companion.
 *
 * The first redirects a frame to another port's interface if the bridge has said where its stations are,
 * and gives every other frame to the bridge. It asks, in this order:
 * 1. Is the frame for one station, untagged, and of a protocol that no room of the bridge looks into?
 * 2. Is the port open? Is the source behind it, and the destination behind another port that is open, in the same
 *    namespace? Have both ports the same VLAN for untagged frames?
 * 3. Is the frame, or each segment of a super-frame, as short as the other interface allows?
 * 4. Has the bridge answered all that it was given of this pair before?
 *
 * A frame of one pair that goes to the bridge is noted with the time. So the answer to 4 is no until the bridge
 * has emptied its queues once more, and a later frame cannot overtake it.
 *
 * The time must be that of a moment at which the frame is in the bridge's queue, or the bridge may find its queue empty
 * between both. A program that ends with a redirect has no such moment: the frame is queued after its end, and an
 * interrupt may come first. So it notes an early time, marked by `EARLY`, and no frame is redirected behind one. The first frame of
 * the pair that would take the fast path but for 4 is handed over as a copy, within the program, and then the time is
 * noted: this frame, and each earlier one of the pair, is queued by then. The copy costs a part of a microsecond, which
 * only pairs pay that are about to change over.
 *
 * Sources: linux/bpf.h (`struct __sk_buff`); net/core/filter.c; `is_skb_forwardable` in net/core/dev.c for 3.
 * `src/l2/fast/layout.ts` says what lies where in the memory.
 */

import {
  BUCKETS,
  BUCKET_BYTES,
  BUCKET_STATIONS,
  CLOCK_SHIFT,
  COUNT_BYTES,
  CountField,
  FAST_PORTS,
  HASH,
  PORT_RECORD_BYTES,
  PUNT_SLOTS,
  Part,
  PortField,
  PortFlag,
  STATION_BYTES,
  StationField,
} from '../l2/fast/layout';
import {
  At,
  DHCP_PORTS,
  FIRST_SLOW_ICMPV6,
  FIRST_TYPE,
  FRAGMENT_OFFSET,
  IPV4,
  IPV6,
  PLAIN_IPV4,
  Protocol,
  SLOW_TYPES,
  TCP_BYTES,
  UDP_BYTES,
} from '../l2/fast/protocols';
import { Alu, Assembly, Helper, If, type Register, Size, redirect } from './ebpf';

/** Offsets in `struct __sk_buff`. */
const Skb = {
  LENGTH: 0,
  VLAN_PRESENT: 20,
  TC_CLASSID: 72,
  DATA: 76,
  DATA_END: 80,
  GSO_SIZE: 176,
} as const;

const PACKET_HOST = 0;

/** Verdict of a program: the frame ends here. TC_ACT_STOLEN would say it better, but tcx does not have it. */
const TC_ACT_SHOT = 2;
const ENOMEM = 12;
/** Lowest bit of a time in the punts: the frame may have been queued after this time. */
const EARLY = 1;

const ETHERNET_BYTES = 14;
/** Bits of the fragment's offset, as they are loaded: in network order. */
const FRAGMENT_OFFSET_MASK = ((FRAGMENT_OFFSET & 0xff) << 8) | (FRAGMENT_OFFSET >> 8);
/** Offset of the length of a TCP header in that. */
const TCP_OFFSET = 12;

/** Places on the stack. */
const Stack = {
  DESTINATION_KEY: -8,
  SOURCE_KEY: -16,
  DESTINATION_HASH: -24,
  SOURCE_HASH: -32,
  /** Bytes of all headers of a super-frame; 0: unknown. */
  HEADER_BYTES: -40,
  INDEX: -48,
  FAR_END: -56,
  TO_PORT: -64,
  LENGTH: -72,
  OWN_FLAGS: -80,
  OWN_VLAN: -88,
  /** Id of the port in a program for any port. */
  OWN_PORT: -96,
} as const;

/** Where the program works. */
export interface FastProgramPlace {
  /** Descriptor of the memory. */
  readonly memoryFd: number;
  readonly processors: number;
  readonly seed: number;
  readonly port: ProgramPort;
}

/**
 * Id of the port to which a program belongs. `'class'` makes a program for any port: the filter of clsact that runs it
 * has the id as its class (`TCA_BPF_CLASSID`; net/sched/cls_bpf.c writes it to `tc_classid` before each run).
 */
export type ProgramPort = number | 'class';

const CONTEXT: Register = 6;
const FRAME: Register = 7;
const END: Register = 8;
/** Offset of the pair's time in its part. */
const PAIR: Register = 9;
const STACK: Register = 10;

/** The program at the ingress of a port's interface. */
export function fastProgram(place: FastProgramPlace): Buffer {
  const { memoryFd, port, seed } = place;
  const program = new Assembly();
  noteOwnPort(program, port);
  takeAddresses(program, seed);
  checkProtocol(program);

  program.label('eligible');
  ownRecord(program, 1, 2, memoryFd, port);
  program
    .load(Size.U32, 2, 1, PortField.FLAGS)
    .store(Size.U64, STACK, Stack.OWN_FLAGS, 2)
    .alu(Alu.AND, 2, PortFlag.OPEN)
    .jumpIf(If.EQ, 2, 0, 'punt')
    .load(Size.U32, 2, 1, PortField.VLAN)
    .store(Size.U64, STACK, Stack.OWN_VLAN, 2);
  findStation(program, 'source', memoryFd, Stack.SOURCE_KEY, Stack.SOURCE_HASH);
  // R4 is the port's id plus 1, R1 the station.
  jumpIfOwn(program, If.NE, port);
  program.aluR(Alu.MOV, END, 1);
  findStation(program, 'destination', memoryFd, Stack.DESTINATION_KEY, Stack.DESTINATION_HASH);
  program.jumpIf(If.EQ, 4, 0, 'punt');
  jumpIfOwn(program, If.EQ, port);
  program.aluR(Alu.MOV, FRAME, 1);
  checkTarget(program, place);
  checkOrder(program, memoryFd);
  noteStations(program);
  count(program, place);
  leave(program);

  program.label('wait').aluR(Alu.MOV, 1, CONTEXT);
  ownRecord(program, 2, 3, memoryFd, port)
    .load(Size.U32, 2, 2, PortField.COMPANION_INDEX)
    .alu(Alu.MOV, 3, 0)
    .call(Helper.CLONE_REDIRECT)
    .jumpIf(If.EQ, 0, -ENOMEM, 'punt')
    .call(Helper.KTIME_GET_NS)
    .alu(Alu.AND, 0, ~EARLY);
  notePunt(program, memoryFd);
  program.alu(Alu.MOV, 0, TC_ACT_SHOT).exit();

  program.label('punt').call(Helper.KTIME_GET_NS).alu(Alu.OR, 0, EARLY);
  notePunt(program, memoryFd);
  program.label('bridge');
  ownRecord(program, 1, 2, memoryFd, port);
  program.load(Size.U32, 1, 1, PortField.COMPANION_INDEX);
  return redirect(program).assemble();
}

/**
 * The program at the ingress of a companion: what the bridge sends leaves by the port's interface, and enters the
 * far end of a veth pair the same way as what the first program sends.
 */
export function fromBridgeProgram(memoryFd: number, port: ProgramPort): Buffer {
  const loadIndex = (to: Assembly): Assembly =>
    ownRecord(to, 1, 2, memoryFd, port).load(Size.U32, 1, 1, PortField.OWN_INDEX);
  const program = new Assembly();
  noteOwnPort(program, port);
  program
    .load(Size.U32, FRAME, CONTEXT, Skb.DATA)
    .load(Size.U32, END, CONTEXT, Skb.DATA_END)
    .aluR(Alu.MOV, 2, FRAME)
    .alu(Alu.ADD, 2, ETHERNET_BYTES)
    .jumpIfR(If.GT, 2, END, 'plain')
    .load(Size.U16, 2, FRAME, 0)
    .load(Size.U32, 3, FRAME, 2)
    .alu(Alu.LSH, 2, 48)
    .alu(Alu.LSH, 3, 16)
    .aluR(Alu.OR, 2, 3);
  ownRecord(program, 1, 3, memoryFd, port);
  program
    .load(Size.U32, 3, 1, PortField.FLAGS)
    .alu(Alu.AND, 3, PortFlag.OPEN)
    .jumpIf(If.EQ, 3, 0, 'plain')
    .load(Size.U64, 3, 1, PortField.FAR_END)
    .jumpIf(If.EQ, 3, 0, 'plain')
    .jumpIfR(If.NE, 2, 3, 'plain');
  enterFarEnd(program, loadIndex);
  program.label('plain');
  return redirect(loadIndex(program)).assemble();
}

/** Begins a program: keeps its context, and the id of its port where it must read it. */
function noteOwnPort(program: Assembly, port: ProgramPort): void {
  program.aluR(Alu.MOV, CONTEXT, 1);
  if (port !== 'class') return;
  program.load(Size.U32, 1, CONTEXT, Skb.TC_CLASSID).store(Size.U64, STACK, Stack.OWN_PORT, 1);
}

/** Puts the offset of the own port's entry in an array into a register. The verifier wants the limit each time. */
function ownOffset(program: Assembly, to: Register, entryBytes: number): Assembly {
  return program
    .load(Size.U64, to, STACK, Stack.OWN_PORT)
    .alu(Alu.AND, to, FAST_PORTS - 1)
    .alu(Alu.LSH, to, Math.log2(entryBytes));
}

/** Puts the address of the own port's record into a register. @param scratch a register that it may change */
function ownRecord(
  program: Assembly,
  to: Register,
  scratch: Register,
  memoryFd: number,
  port: ProgramPort,
): Assembly {
  if (port !== 'class') {
    return program.address(to, memoryFd, Part.PORTS + port * PORT_RECORD_BYTES);
  }
  ownOffset(program, scratch, PORT_RECORD_BYTES);
  return program.address(to, memoryFd, Part.PORTS).aluR(Alu.ADD, to, scratch);
}

/** Gives the frame to the bridge if R4, a port's id plus 1, is that of the own port, or is not. */
function jumpIfOwn(
  program: Assembly,
  condition: typeof If.EQ | typeof If.NE,
  port: ProgramPort,
): void {
  if (port !== 'class') {
    program.jumpIf(condition, 4, port + 1, 'punt');
    return;
  }
  ownOffset(program, 5, 1).alu(Alu.ADD, 5, 1).jumpIfR(condition, 4, 5, 'punt');
}

/** Reads both addresses, and makes keys and hashes of them. Groups go to the bridge, and are not noted. */
function takeAddresses(program: Assembly, seed: number): void {
  program
    .load(Size.U32, FRAME, CONTEXT, Skb.DATA)
    .load(Size.U32, END, CONTEXT, Skb.DATA_END)
    .aluR(Alu.MOV, 2, FRAME)
    .alu(Alu.ADD, 2, ETHERNET_BYTES)
    .jumpIfR(If.GT, 2, END, 'bridge')
    .load(Size.U16, 2, FRAME, 0)
    .jumpIf(If.SET, 2, 1, 'bridge')
    .load(Size.U32, 3, FRAME, 2)
    .load(Size.U16, 4, FRAME, 6)
    .load(Size.U32, 5, FRAME, 8);
  storeKey(program, 2, 3, Stack.DESTINATION_KEY);
  storeKey(program, 4, 5, Stack.SOURCE_KEY);
  hash(program, 2, 3, seed);
  hash(program, 4, 5, seed);
  program
    .store(Size.U64, STACK, Stack.DESTINATION_HASH, 3)
    .store(Size.U64, STACK, Stack.SOURCE_HASH, 5)
    .alu32R(Alu.MOV, PAIR, 5)
    .alu32(Alu.MUL, PAIR, HASH.PAIR)
    .alu32R(Alu.XOR, PAIR, 3)
    .alu32R(Alu.MOV, 1, PAIR)
    .alu32(Alu.RSH, 1, 15)
    .alu32R(Alu.XOR, PAIR, 1)
    .alu32(Alu.AND, PAIR, PUNT_SLOTS - 1)
    .alu32(Alu.LSH, PAIR, 3)
    .storeNumber(Size.U64, STACK, Stack.HEADER_BYTES, 0);
}

/** The address in the upper 48 bits, as the two words of a station begin when they are shifted. */
function storeKey(program: Assembly, hi16: Register, lo32: Register, place: number): void {
  program
    .aluR(Alu.MOV, 0, hi16)
    .alu(Alu.LSH, 0, 48)
    .aluR(Alu.MOV, 1, lo32)
    .alu(Alu.LSH, 1, 16)
    .aluR(Alu.OR, 0, 1)
    .store(Size.U64, STACK, place, 0);
}

/** `hashOf`, in the register of `lo32`. */
function hash(program: Assembly, hi16: Register, lo32: Register, seed: number): void {
  program
    .alu32(Alu.XOR, lo32, seed)
    .alu32(Alu.MUL, lo32, HASH.FIRST)
    .alu32R(Alu.MOV, 0, lo32)
    .alu32(Alu.RSH, 0, 15)
    .alu32R(Alu.XOR, 0, hi16)
    .alu32R(Alu.XOR, lo32, 0)
    .alu32(Alu.MUL, lo32, HASH.SECOND)
    .alu32R(Alu.MOV, 0, lo32)
    .alu32(Alu.RSH, 0, 16)
    .alu32R(Alu.XOR, lo32, 0);
}

/**
 * Sends protocols of which the bridge sees every frame there. Such frames are not noted: they keep their order among
 * each other, and a pair that never pauses must not stay with the bridge because one host has asked for the other's
 * MAC.
 */
function checkProtocol(program: Assembly): void {
  program
    .load(Size.U32, 1, CONTEXT, Skb.VLAN_PRESENT)
    .jumpIf(If.NE, 1, 0, 'bridge')
    .load(Size.U16, 1, FRAME, At.ETHER_TYPE)
    .fromNetwork16(1)
    .jumpIf(If.EQ, 1, IPV4, 'ipv4')
    .jumpIf(If.EQ, 1, IPV6, 'ipv6')
    .jumpIf(If.LT, 1, FIRST_TYPE, 'bridge');
  for (const type of SLOW_TYPES.keys()) program.jumpIf(If.EQ, 1, type, 'bridge');
  program.jump('eligible');

  program.label('ipv4');
  need(program, At.IPV4_PAYLOAD);
  program
    .load(Size.U8, 3, FRAME, At.IPV4_PROTOCOL)
    .jumpIf(If.EQ, 3, Protocol.IGMP, 'bridge')
    .load(Size.U8, 1, FRAME, At.IPV4)
    .jumpIf(If.EQ, 1, PLAIN_IPV4, 'ipv4 without options')
    // UDP behind options may be DHCP.
    .jumpIf(If.EQ, 3, Protocol.UDP, 'punt')
    .jump('eligible')
    .label('ipv4 without options')
    .load(Size.U16, 2, FRAME, At.IPV4_FRAGMENT)
    .alu(Alu.AND, 2, FRAGMENT_OFFSET_MASK)
    .jumpIf(If.NE, 2, 0, 'eligible')
    .jumpIf(If.EQ, 3, Protocol.TCP, 'tcp4')
    .jumpIf(If.NE, 3, Protocol.UDP, 'eligible');
  checkUdp(program, At.IPV4_PAYLOAD);
  program.label('tcp4');
  noteTcpHeader(program, At.IPV4_PAYLOAD);

  program.label('ipv6');
  need(program, At.IPV6_PAYLOAD);
  program
    .load(Size.U8, 3, FRAME, At.IPV6_NEXT_HEADER)
    .jumpIf(If.EQ, 3, Protocol.TCP, 'tcp6')
    .jumpIf(If.EQ, 3, Protocol.UDP, 'udp6')
    // Whatever else stands there may be an extension header in front of Neighbor Discovery.
    .jumpIf(If.NE, 3, Protocol.ICMPV6, 'punt');
  need(program, At.IPV6_PAYLOAD + 1);
  program
    .load(Size.U8, 2, FRAME, At.IPV6_PAYLOAD)
    .jumpIf(If.GE, 2, FIRST_SLOW_ICMPV6, 'bridge')
    .jump('eligible')
    .label('udp6');
  checkUdp(program, At.IPV6_PAYLOAD);
  program.label('tcp6');
  noteTcpHeader(program, At.IPV6_PAYLOAD);
}

/** The frame has so many bytes in one piece, or goes to the bridge. */
function need(program: Assembly, bytes: number): void {
  program.aluR(Alu.MOV, 2, FRAME).alu(Alu.ADD, 2, bytes).jumpIfR(If.GT, 2, END, 'punt');
}

function checkUdp(program: Assembly, at: number): void {
  need(program, at + UDP_BYTES);
  for (const offset of [at, at + 2]) {
    program.load(Size.U16, 2, FRAME, offset).fromNetwork16(2);
    for (const udpPort of DHCP_PORTS) program.jumpIf(If.EQ, 2, udpPort, 'punt');
  }
  program.storeNumber(Size.U64, STACK, Stack.HEADER_BYTES, at + UDP_BYTES).jump('eligible');
}

function noteTcpHeader(program: Assembly, at: number): void {
  need(program, at + TCP_BYTES);
  program
    .load(Size.U8, 2, FRAME, at + TCP_OFFSET)
    .alu(Alu.RSH, 2, 4)
    .alu(Alu.LSH, 2, 2)
    .alu(Alu.ADD, 2, at)
    .store(Size.U64, STACK, Stack.HEADER_BYTES, 2)
    .jump('eligible');
}

/** R1 = the station with this key, R4 = its port's id plus 1. Where there is none the frame goes to the bridge. */
function findStation(
  program: Assembly,
  name: string,
  memoryFd: number,
  key: number,
  hashAt: number,
): void {
  program
    .load(Size.U64, 2, STACK, hashAt)
    .load(Size.U64, 3, STACK, Stack.OWN_VLAN)
    .aluR(Alu.XOR, 2, 3)
    .alu(Alu.AND, 2, BUCKETS - 1)
    .alu(Alu.LSH, 2, Math.log2(BUCKET_BYTES))
    .address(1, memoryFd, Part.STATIONS)
    .aluR(Alu.ADD, 1, 2)
    .load(Size.U64, 3, STACK, key);
  for (let index = 0; index < BUCKET_STATIONS; index++) {
    // Key and port in one load: they are of one moment.
    program
      .load(Size.U64, 4, 1, StationField.LO32)
      .aluR(Alu.MOV, 5, 4)
      .alu(Alu.LSH, 5, 16)
      .jumpIfR(If.EQ, 5, 3, name);
    if (index < BUCKET_STATIONS - 1) program.alu(Alu.ADD, 1, STATION_BYTES);
  }
  program.jump('punt').label(name).alu(Alu.RSH, 4, 48);
}

/** The port of the destination, R4 less 1, takes such frames from here. */
function checkTarget(program: Assembly, { memoryFd, port }: FastProgramPlace): void {
  program
    .alu(Alu.SUB, 4, 1)
    .alu(Alu.AND, 4, FAST_PORTS - 1)
    .store(Size.U64, STACK, Stack.TO_PORT, 4)
    .alu(Alu.LSH, 4, Math.log2(PORT_RECORD_BYTES))
    .address(1, memoryFd, Part.PORTS)
    .aluR(Alu.ADD, 1, 4)
    .load(Size.U32, 2, 1, PortField.FLAGS)
    .load(Size.U64, 3, STACK, Stack.OWN_FLAGS)
    .aluR(Alu.AND, 3, 2)
    .alu(Alu.AND, 3, PortFlag.ISOLATED)
    .jumpIf(If.NE, 3, 0, 'punt')
    .alu(Alu.AND, 2, PortFlag.OPEN)
    .jumpIf(If.EQ, 2, 0, 'punt')
    .load(Size.U32, 2, 1, PortField.VLAN)
    .load(Size.U64, 3, STACK, Stack.OWN_VLAN)
    .jumpIfR(If.NE, 2, 3, 'punt')
    .load(Size.U32, 2, 1, PortField.DOMAIN);
  ownRecord(program, 5, 3, memoryFd, port);
  program
    .load(Size.U32, 3, 5, PortField.DOMAIN)
    .jumpIfR(If.NE, 2, 3, 'punt')
    .load(Size.U32, 2, 1, PortField.INDEX)
    .store(Size.U64, STACK, Stack.INDEX, 2)
    .load(Size.U64, 2, 1, PortField.FAR_END)
    .store(Size.U64, STACK, Stack.FAR_END, 2)
    .load(Size.U32, 3, 1, PortField.LONGEST)
    .load(Size.U32, 2, CONTEXT, Skb.LENGTH)
    .store(Size.U64, STACK, Stack.LENGTH, 2)
    .jumpIfR(If.LE, 2, 3, 'fits')
    .load(Size.U32, 5, CONTEXT, Skb.GSO_SIZE)
    .jumpIf(If.EQ, 5, 0, 'punt')
    .load(Size.U64, 0, STACK, Stack.HEADER_BYTES)
    .jumpIf(If.EQ, 0, 0, 'punt')
    .aluR(Alu.ADD, 5, 0)
    .jumpIfR(If.GT, 5, 3, 'punt')
    .label('fits');
}

/** Writes R0, a time, as that of the pair. */
function notePunt(program: Assembly, memoryFd: number): void {
  program.address(1, memoryFd, Part.PUNTS).aluR(Alu.ADD, 1, PAIR).store(Size.U64, 1, 0, 0);
}

/** The bridge has answered what it was given of this pair: the mark is later than the pair's time. */
function checkOrder(program: Assembly, memoryFd: number): void {
  program
    .address(1, memoryFd, Part.PUNTS)
    .aluR(Alu.ADD, 1, PAIR)
    .load(Size.U64, 1, 1, 0)
    .jumpIf(If.SET, 1, EARLY, 'wait')
    .address(2, memoryFd, Part.MARK)
    .load(Size.U64, 2, 2, 0)
    .jumpIfR(If.GE, 1, 2, 'wait');
}

/** Writes when the stations were heard and used, where that is new: each store costs other processors a line. */
function noteStations(program: Assembly): void {
  program
    .call(Helper.KTIME_GET_COARSE_NS)
    .alu(Alu.RSH, 0, CLOCK_SHIFT)
    .alu32R(Alu.MOV, 0, 0)
    .load(Size.U32, 1, END, StationField.HEARD)
    .jumpIfR(If.EQ, 1, 0, 'heard')
    .store(Size.U32, END, StationField.HEARD, 0)
    .label('heard')
    .load(Size.U32, 1, FRAME, StationField.USED)
    .jumpIfR(If.EQ, 1, 0, 'used')
    .store(Size.U32, FRAME, StationField.USED, 0)
    .label('used');
}

/** Counts the frame at both ports. A processor runs one such program at a time, and has counters of its own. */
function count(program: Assembly, { memoryFd, processors, port }: FastProgramPlace): void {
  const add = (to: Register, offset: number, amount: Register | 1): void => {
    program.load(Size.U64, 2, to, offset);
    if (amount === 1) program.alu(Alu.ADD, 2, 1);
    else program.aluR(Alu.ADD, 2, amount);
    program.store(Size.U64, to, offset, 2);
  };
  program
    .call(Helper.GET_SMP_PROCESSOR_ID)
    .alu(Alu.AND, 0, processors - 1)
    .alu(Alu.LSH, 0, Math.log2(FAST_PORTS * COUNT_BYTES))
    .address(1, memoryFd, Part.COUNTERS)
    .aluR(Alu.ADD, 1, 0)
    .load(Size.U64, 3, STACK, Stack.LENGTH);
  if (port === 'class') ownOffset(program, 5, COUNT_BYTES).aluR(Alu.ADD, 5, 1);
  const [own, at]: [Register, number] = port === 'class' ? [5, 0] : [1, port * COUNT_BYTES];
  add(own, at + CountField.RX_FRAMES, 1);
  add(own, at + CountField.RX_BYTES, 3);
  program
    .load(Size.U64, 4, STACK, Stack.TO_PORT)
    .alu(Alu.AND, 4, FAST_PORTS - 1)
    .alu(Alu.LSH, 4, Math.log2(COUNT_BYTES))
    .aluR(Alu.ADD, 1, 4);
  add(1, CountField.TX_FRAMES, 1);
  add(1, CountField.TX_BYTES, 3);
}

function leave(program: Assembly): void {
  program
    .load(Size.U64, 1, STACK, Stack.FAR_END)
    .load(Size.U64, 2, STACK, Stack.DESTINATION_KEY)
    .jumpIfR(If.NE, 1, 2, 'out');
  enterFarEnd(program, (to) => to.load(Size.U64, 1, STACK, Stack.INDEX));
  program
    .label('out')
    .load(Size.U64, 1, STACK, Stack.INDEX)
    .alu(Alu.MOV, 2, 0)
    .call(Helper.REDIRECT)
    .exit();
}

/**
 * Hands the frame over to the far end of the veth pair. Its address is the destination, so that it is for the
 * host there; no interface on the way decides that anew.
 * @param loadIndex puts the index of the near end into R1
 */
function enterFarEnd(program: Assembly, loadIndex: (program: Assembly) => Assembly): void {
  program.aluR(Alu.MOV, 1, CONTEXT).alu(Alu.MOV, 2, PACKET_HOST).call(Helper.SKB_CHANGE_TYPE);
  loadIndex(program).alu(Alu.MOV, 2, 0).call(Helper.REDIRECT_PEER).exit();
}
