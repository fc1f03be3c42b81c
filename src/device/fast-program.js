"use strict";
/**
 * The programs of the fast path, one for the ingress of an interface and one for that of its companion.
 *
 * The first redirects a frame to another port's interface if the bridge has said where its stations are,
 * and gives every other frame to the bridge. It asks, in this order:
 * 1. Is the frame for one station, untagged, and of a protocol that no room of the bridge looks into?
 * 2. Is the port open? Is the source behind it, and the destination behind another port that is open, in the same
 *    namespace?
 * 3. Is the frame, or each segment of a super-frame, as short as the other interface allows?
 * 4. Has the bridge answered all that it was given of this pair before?
 *
 * A frame of one pair that goes to the bridge is noted with the time. So the answer to 4 is no until the bridge
 * has emptied its queues once more, and a later frame cannot overtake it.
 *
 * Sources: linux/bpf.h (`struct __sk_buff`); net/core/filter.c; `is_skb_forwardable` in net/core/dev.c for 3.
 * `src/l2/fast/layout.ts` says what lies where in the memory.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.fastProgram = fastProgram;
exports.fromBridgeProgram = fromBridgeProgram;
const layout_1 = require("../l2/fast/layout");
const protocols_1 = require("../l2/fast/protocols");
const ebpf_1 = require("./ebpf");
/** Offsets in `struct __sk_buff`. */
const Skb = { LENGTH: 0, VLAN_PRESENT: 20, DATA: 76, DATA_END: 80, GSO_SIZE: 176 };
const PACKET_HOST = 0;
const ETHERNET_BYTES = 14;
/** Bits of the fragment's offset, as they are loaded: in network order. */
const FRAGMENT_OFFSET_MASK = ((protocols_1.FRAGMENT_OFFSET & 0xff) << 8) | (protocols_1.FRAGMENT_OFFSET >> 8);
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
};
const CONTEXT = 6;
const FRAME = 7;
const END = 8;
/** Offset of the pair's time in its part. */
const PAIR = 9;
const STACK = 10;
/** The program at the ingress of a port's interface. */
function fastProgram(place) {
    const { memoryFd, port, seed, toBridge } = place;
    const program = new ebpf_1.Assembly();
    takeAddresses(program, seed);
    checkProtocol(program);
    program.label('eligible');
    const ownRecord = layout_1.Part.PORTS + port * layout_1.PORT_RECORD_BYTES;
    program
        .address(1, memoryFd, ownRecord)
        .load(ebpf_1.Size.U32, 2, 1, layout_1.PortField.FLAGS)
        .store(ebpf_1.Size.U64, STACK, Stack.OWN_FLAGS, 2)
        .alu(ebpf_1.Alu.AND, 2, layout_1.PortFlag.OPEN)
        .jumpIf(ebpf_1.If.EQ, 2, 0, 'punt');
    findStation(program, 'source', memoryFd, Stack.SOURCE_KEY, Stack.SOURCE_HASH);
    // R4 is the port's id plus 1, R1 the station.
    program.jumpIf(ebpf_1.If.NE, 4, port + 1, 'punt').aluR(ebpf_1.Alu.MOV, END, 1);
    findStation(program, 'destination', memoryFd, Stack.DESTINATION_KEY, Stack.DESTINATION_HASH);
    program
        .jumpIf(ebpf_1.If.EQ, 4, 0, 'punt')
        .jumpIf(ebpf_1.If.EQ, 4, port + 1, 'punt')
        .aluR(ebpf_1.Alu.MOV, FRAME, 1);
    checkTarget(program, place);
    checkOrder(program, memoryFd);
    noteStations(program);
    count(program, place);
    leave(program);
    program
        .label('punt')
        .call(ebpf_1.Helper.KTIME_GET_NS)
        .address(1, memoryFd, layout_1.Part.PUNTS)
        .aluR(ebpf_1.Alu.ADD, 1, PAIR)
        .store(ebpf_1.Size.U64, 1, 0, 0)
        .label('bridge');
    return (0, ebpf_1.redirect)(program, toBridge).assemble();
}
/**
 * The program at the ingress of a companion: what the bridge sends leaves by the port's interface, and enters the
 * far end of a veth pair the same way as what the first program sends.
 */
function fromBridgeProgram(memoryFd, port, index) {
    const program = new ebpf_1.Assembly();
    program
        .aluR(ebpf_1.Alu.MOV, CONTEXT, 1)
        .load(ebpf_1.Size.U32, FRAME, CONTEXT, Skb.DATA)
        .load(ebpf_1.Size.U32, END, CONTEXT, Skb.DATA_END)
        .aluR(ebpf_1.Alu.MOV, 2, FRAME)
        .alu(ebpf_1.Alu.ADD, 2, ETHERNET_BYTES)
        .jumpIfR(ebpf_1.If.GT, 2, END, 'plain')
        .load(ebpf_1.Size.U16, 2, FRAME, 0)
        .load(ebpf_1.Size.U32, 3, FRAME, 2)
        .alu(ebpf_1.Alu.LSH, 2, 48)
        .alu(ebpf_1.Alu.LSH, 3, 16)
        .aluR(ebpf_1.Alu.OR, 2, 3)
        .address(1, memoryFd, layout_1.Part.PORTS + port * layout_1.PORT_RECORD_BYTES)
        .load(ebpf_1.Size.U32, 3, 1, layout_1.PortField.FLAGS)
        .alu(ebpf_1.Alu.AND, 3, layout_1.PortFlag.OPEN)
        .jumpIf(ebpf_1.If.EQ, 3, 0, 'plain')
        .load(ebpf_1.Size.U64, 3, 1, layout_1.PortField.FAR_END)
        .jumpIf(ebpf_1.If.EQ, 3, 0, 'plain')
        .jumpIfR(ebpf_1.If.NE, 2, 3, 'plain');
    enterFarEnd(program, (to) => to.alu(ebpf_1.Alu.MOV, 1, index));
    program.label('plain');
    return (0, ebpf_1.redirect)(program, index).assemble();
}
/** Reads both addresses, and makes keys and hashes of them. Groups go to the bridge, and are not noted. */
function takeAddresses(program, seed) {
    program
        .aluR(ebpf_1.Alu.MOV, CONTEXT, 1)
        .load(ebpf_1.Size.U32, FRAME, CONTEXT, Skb.DATA)
        .load(ebpf_1.Size.U32, END, CONTEXT, Skb.DATA_END)
        .aluR(ebpf_1.Alu.MOV, 2, FRAME)
        .alu(ebpf_1.Alu.ADD, 2, ETHERNET_BYTES)
        .jumpIfR(ebpf_1.If.GT, 2, END, 'bridge')
        .load(ebpf_1.Size.U16, 2, FRAME, 0)
        .jumpIf(ebpf_1.If.SET, 2, 1, 'bridge')
        .load(ebpf_1.Size.U32, 3, FRAME, 2)
        .load(ebpf_1.Size.U16, 4, FRAME, 6)
        .load(ebpf_1.Size.U32, 5, FRAME, 8);
    storeKey(program, 2, 3, Stack.DESTINATION_KEY);
    storeKey(program, 4, 5, Stack.SOURCE_KEY);
    hash(program, 2, 3, seed);
    hash(program, 4, 5, seed);
    program
        .store(ebpf_1.Size.U64, STACK, Stack.DESTINATION_HASH, 3)
        .store(ebpf_1.Size.U64, STACK, Stack.SOURCE_HASH, 5)
        .alu32R(ebpf_1.Alu.MOV, PAIR, 5)
        .alu32(ebpf_1.Alu.MUL, PAIR, layout_1.HASH.PAIR)
        .alu32R(ebpf_1.Alu.XOR, PAIR, 3)
        .alu32R(ebpf_1.Alu.MOV, 1, PAIR)
        .alu32(ebpf_1.Alu.RSH, 1, 15)
        .alu32R(ebpf_1.Alu.XOR, PAIR, 1)
        .alu32(ebpf_1.Alu.AND, PAIR, layout_1.PUNT_SLOTS - 1)
        .alu32(ebpf_1.Alu.LSH, PAIR, 3)
        .storeNumber(ebpf_1.Size.U64, STACK, Stack.HEADER_BYTES, 0);
}
/** The address in the upper 48 bits, as the two words of a station begin when they are shifted. */
function storeKey(program, hi16, lo32, place) {
    program
        .aluR(ebpf_1.Alu.MOV, 0, hi16)
        .alu(ebpf_1.Alu.LSH, 0, 48)
        .aluR(ebpf_1.Alu.MOV, 1, lo32)
        .alu(ebpf_1.Alu.LSH, 1, 16)
        .aluR(ebpf_1.Alu.OR, 0, 1)
        .store(ebpf_1.Size.U64, STACK, place, 0);
}
/** `hashOf`, in the register of `lo32`. */
function hash(program, hi16, lo32, seed) {
    program
        .alu32(ebpf_1.Alu.XOR, lo32, seed)
        .alu32(ebpf_1.Alu.MUL, lo32, layout_1.HASH.FIRST)
        .alu32R(ebpf_1.Alu.MOV, 0, lo32)
        .alu32(ebpf_1.Alu.RSH, 0, 15)
        .alu32R(ebpf_1.Alu.XOR, 0, hi16)
        .alu32R(ebpf_1.Alu.XOR, lo32, 0)
        .alu32(ebpf_1.Alu.MUL, lo32, layout_1.HASH.SECOND)
        .alu32R(ebpf_1.Alu.MOV, 0, lo32)
        .alu32(ebpf_1.Alu.RSH, 0, 16)
        .alu32R(ebpf_1.Alu.XOR, lo32, 0);
}
function checkProtocol(program) {
    program
        .load(ebpf_1.Size.U32, 1, CONTEXT, Skb.VLAN_PRESENT)
        .jumpIf(ebpf_1.If.NE, 1, 0, 'punt')
        .load(ebpf_1.Size.U16, 1, FRAME, protocols_1.At.ETHER_TYPE)
        .fromNetwork16(1)
        .jumpIf(ebpf_1.If.EQ, 1, protocols_1.IPV4, 'ipv4')
        .jumpIf(ebpf_1.If.EQ, 1, protocols_1.IPV6, 'ipv6')
        .jumpIf(ebpf_1.If.LT, 1, protocols_1.FIRST_TYPE, 'punt');
    for (const type of protocols_1.SLOW_TYPES.keys())
        program.jumpIf(ebpf_1.If.EQ, 1, type, 'punt');
    program.jump('eligible');
    program.label('ipv4');
    need(program, protocols_1.At.IPV4_PAYLOAD);
    program
        .load(ebpf_1.Size.U8, 3, FRAME, protocols_1.At.IPV4_PROTOCOL)
        .jumpIf(ebpf_1.If.EQ, 3, protocols_1.Protocol.IGMP, 'punt')
        .load(ebpf_1.Size.U8, 1, FRAME, protocols_1.At.IPV4)
        .jumpIf(ebpf_1.If.EQ, 1, protocols_1.PLAIN_IPV4, 'ipv4 without options')
        // UDP behind options may be DHCP.
        .jumpIf(ebpf_1.If.EQ, 3, protocols_1.Protocol.UDP, 'punt')
        .jump('eligible')
        .label('ipv4 without options')
        .load(ebpf_1.Size.U16, 2, FRAME, protocols_1.At.IPV4_FRAGMENT)
        .alu(ebpf_1.Alu.AND, 2, FRAGMENT_OFFSET_MASK)
        .jumpIf(ebpf_1.If.NE, 2, 0, 'eligible')
        .jumpIf(ebpf_1.If.EQ, 3, protocols_1.Protocol.TCP, 'tcp4')
        .jumpIf(ebpf_1.If.NE, 3, protocols_1.Protocol.UDP, 'eligible');
    checkUdp(program, protocols_1.At.IPV4_PAYLOAD);
    program.label('tcp4');
    noteTcpHeader(program, protocols_1.At.IPV4_PAYLOAD);
    program.label('ipv6');
    need(program, protocols_1.At.IPV6_PAYLOAD);
    program
        .load(ebpf_1.Size.U8, 3, FRAME, protocols_1.At.IPV6_NEXT_HEADER)
        .jumpIf(ebpf_1.If.EQ, 3, protocols_1.Protocol.TCP, 'tcp6')
        .jumpIf(ebpf_1.If.EQ, 3, protocols_1.Protocol.UDP, 'udp6')
        // Whatever else stands there may be an extension header in front of Neighbor Discovery.
        .jumpIf(ebpf_1.If.NE, 3, protocols_1.Protocol.ICMPV6, 'punt');
    need(program, protocols_1.At.IPV6_PAYLOAD + 1);
    program
        .load(ebpf_1.Size.U8, 2, FRAME, protocols_1.At.IPV6_PAYLOAD)
        .jumpIf(ebpf_1.If.GE, 2, protocols_1.FIRST_SLOW_ICMPV6, 'punt')
        .jump('eligible')
        .label('udp6');
    checkUdp(program, protocols_1.At.IPV6_PAYLOAD);
    program.label('tcp6');
    noteTcpHeader(program, protocols_1.At.IPV6_PAYLOAD);
}
/** The frame has so many bytes in one piece, or goes to the bridge. */
function need(program, bytes) {
    program.aluR(ebpf_1.Alu.MOV, 2, FRAME).alu(ebpf_1.Alu.ADD, 2, bytes).jumpIfR(ebpf_1.If.GT, 2, END, 'punt');
}
function checkUdp(program, at) {
    need(program, at + protocols_1.UDP_BYTES);
    for (const offset of [at, at + 2]) {
        program.load(ebpf_1.Size.U16, 2, FRAME, offset).fromNetwork16(2);
        for (const udpPort of protocols_1.DHCP_PORTS)
            program.jumpIf(ebpf_1.If.EQ, 2, udpPort, 'punt');
    }
    program.storeNumber(ebpf_1.Size.U64, STACK, Stack.HEADER_BYTES, at + protocols_1.UDP_BYTES).jump('eligible');
}
function noteTcpHeader(program, at) {
    need(program, at + protocols_1.TCP_BYTES);
    program
        .load(ebpf_1.Size.U8, 2, FRAME, at + TCP_OFFSET)
        .alu(ebpf_1.Alu.RSH, 2, 4)
        .alu(ebpf_1.Alu.LSH, 2, 2)
        .alu(ebpf_1.Alu.ADD, 2, at)
        .store(ebpf_1.Size.U64, STACK, Stack.HEADER_BYTES, 2)
        .jump('eligible');
}
/** R1 = the station with this key, R4 = its port's id plus 1. Where there is none the frame goes to the bridge. */
function findStation(program, name, memoryFd, key, hashAt) {
    program
        .load(ebpf_1.Size.U64, 2, STACK, hashAt)
        .alu(ebpf_1.Alu.AND, 2, layout_1.BUCKETS - 1)
        .alu(ebpf_1.Alu.LSH, 2, Math.log2(layout_1.BUCKET_BYTES))
        .address(1, memoryFd, layout_1.Part.STATIONS)
        .aluR(ebpf_1.Alu.ADD, 1, 2)
        .load(ebpf_1.Size.U64, 3, STACK, key);
    for (let index = 0; index < layout_1.BUCKET_STATIONS; index++) {
        // Key and port in one load: they are of one moment.
        program
            .load(ebpf_1.Size.U64, 4, 1, layout_1.StationField.LO32)
            .aluR(ebpf_1.Alu.MOV, 5, 4)
            .alu(ebpf_1.Alu.LSH, 5, 16)
            .jumpIfR(ebpf_1.If.EQ, 5, 3, name);
        if (index < layout_1.BUCKET_STATIONS - 1)
            program.alu(ebpf_1.Alu.ADD, 1, layout_1.STATION_BYTES);
    }
    program.jump('punt').label(name).alu(ebpf_1.Alu.RSH, 4, 48);
}
/** The port of the destination, R4 less 1, takes such frames from here. */
function checkTarget(program, { memoryFd, domain }) {
    program
        .alu(ebpf_1.Alu.SUB, 4, 1)
        .alu(ebpf_1.Alu.AND, 4, layout_1.FAST_PORTS - 1)
        .store(ebpf_1.Size.U64, STACK, Stack.TO_PORT, 4)
        .alu(ebpf_1.Alu.LSH, 4, Math.log2(layout_1.PORT_RECORD_BYTES))
        .address(1, memoryFd, layout_1.Part.PORTS)
        .aluR(ebpf_1.Alu.ADD, 1, 4)
        .load(ebpf_1.Size.U32, 2, 1, layout_1.PortField.FLAGS)
        .load(ebpf_1.Size.U64, 3, STACK, Stack.OWN_FLAGS)
        .aluR(ebpf_1.Alu.AND, 3, 2)
        .alu(ebpf_1.Alu.AND, 3, layout_1.PortFlag.ISOLATED)
        .jumpIf(ebpf_1.If.NE, 3, 0, 'punt')
        .alu(ebpf_1.Alu.AND, 2, layout_1.PortFlag.OPEN)
        .jumpIf(ebpf_1.If.EQ, 2, 0, 'punt')
        .load(ebpf_1.Size.U32, 2, 1, layout_1.PortField.DOMAIN)
        .jumpIf(ebpf_1.If.NE, 2, domain, 'punt')
        .load(ebpf_1.Size.U32, 2, 1, layout_1.PortField.INDEX)
        .store(ebpf_1.Size.U64, STACK, Stack.INDEX, 2)
        .load(ebpf_1.Size.U64, 2, 1, layout_1.PortField.FAR_END)
        .store(ebpf_1.Size.U64, STACK, Stack.FAR_END, 2)
        .load(ebpf_1.Size.U32, 3, 1, layout_1.PortField.LONGEST)
        .load(ebpf_1.Size.U32, 2, CONTEXT, Skb.LENGTH)
        .store(ebpf_1.Size.U64, STACK, Stack.LENGTH, 2)
        .jumpIfR(ebpf_1.If.LE, 2, 3, 'fits')
        .load(ebpf_1.Size.U32, 5, CONTEXT, Skb.GSO_SIZE)
        .jumpIf(ebpf_1.If.EQ, 5, 0, 'punt')
        .load(ebpf_1.Size.U64, 0, STACK, Stack.HEADER_BYTES)
        .jumpIf(ebpf_1.If.EQ, 0, 0, 'punt')
        .aluR(ebpf_1.Alu.ADD, 5, 0)
        .jumpIfR(ebpf_1.If.GT, 5, 3, 'punt')
        .label('fits');
}
/** The bridge has answered what it was given of this pair: the mark is later than the pair's time. */
function checkOrder(program, memoryFd) {
    program
        .address(1, memoryFd, layout_1.Part.PUNTS)
        .aluR(ebpf_1.Alu.ADD, 1, PAIR)
        .load(ebpf_1.Size.U64, 1, 1, 0)
        .address(2, memoryFd, layout_1.Part.MARK)
        .load(ebpf_1.Size.U64, 2, 2, 0)
        .jumpIfR(ebpf_1.If.GE, 1, 2, 'punt');
}
/** Writes when the stations were heard and used, where that is new: each store costs other processors a line. */
function noteStations(program) {
    program
        .call(ebpf_1.Helper.KTIME_GET_COARSE_NS)
        .alu(ebpf_1.Alu.RSH, 0, layout_1.CLOCK_SHIFT)
        .alu32R(ebpf_1.Alu.MOV, 0, 0)
        .load(ebpf_1.Size.U32, 1, END, layout_1.StationField.HEARD)
        .jumpIfR(ebpf_1.If.EQ, 1, 0, 'heard')
        .store(ebpf_1.Size.U32, END, layout_1.StationField.HEARD, 0)
        .label('heard')
        .load(ebpf_1.Size.U32, 1, FRAME, layout_1.StationField.USED)
        .jumpIfR(ebpf_1.If.EQ, 1, 0, 'used')
        .store(ebpf_1.Size.U32, FRAME, layout_1.StationField.USED, 0)
        .label('used');
}
/** Counts the frame at both ports. A processor runs one such program at a time, and has counters of its own. */
function count(program, { memoryFd, processors, port }) {
    const add = (offset, amount) => {
        program.load(ebpf_1.Size.U64, 2, 1, offset);
        if (amount === 1)
            program.alu(ebpf_1.Alu.ADD, 2, 1);
        else
            program.aluR(ebpf_1.Alu.ADD, 2, amount);
        program.store(ebpf_1.Size.U64, 1, offset, 2);
    };
    const own = port * layout_1.COUNT_BYTES;
    program
        .call(ebpf_1.Helper.GET_SMP_PROCESSOR_ID)
        .alu(ebpf_1.Alu.AND, 0, processors - 1)
        .alu(ebpf_1.Alu.LSH, 0, Math.log2(layout_1.FAST_PORTS * layout_1.COUNT_BYTES))
        .address(1, memoryFd, layout_1.Part.COUNTERS)
        .aluR(ebpf_1.Alu.ADD, 1, 0)
        .load(ebpf_1.Size.U64, 3, STACK, Stack.LENGTH);
    add(own + layout_1.CountField.RX_FRAMES, 1);
    add(own + layout_1.CountField.RX_BYTES, 3);
    program
        .load(ebpf_1.Size.U64, 4, STACK, Stack.TO_PORT)
        .alu(ebpf_1.Alu.AND, 4, layout_1.FAST_PORTS - 1)
        .alu(ebpf_1.Alu.LSH, 4, Math.log2(layout_1.COUNT_BYTES))
        .aluR(ebpf_1.Alu.ADD, 1, 4);
    add(layout_1.CountField.TX_FRAMES, 1);
    add(layout_1.CountField.TX_BYTES, 3);
}
function leave(program) {
    program
        .load(ebpf_1.Size.U64, 1, STACK, Stack.FAR_END)
        .load(ebpf_1.Size.U64, 2, STACK, Stack.DESTINATION_KEY)
        .jumpIfR(ebpf_1.If.NE, 1, 2, 'out');
    enterFarEnd(program, (to) => to.load(ebpf_1.Size.U64, 1, STACK, Stack.INDEX));
    program
        .label('out')
        .load(ebpf_1.Size.U64, 1, STACK, Stack.INDEX)
        .alu(ebpf_1.Alu.MOV, 2, 0)
        .call(ebpf_1.Helper.REDIRECT)
        .exit();
}
/**
 * Hands the frame over to the far end of the veth pair. Its address is the destination, so that it is for the
 * host there; no interface on the way decides that anew.
 * @param loadIndex puts the index of the near end into R1
 */
function enterFarEnd(program, loadIndex) {
    program.aluR(ebpf_1.Alu.MOV, 1, CONTEXT).alu(ebpf_1.Alu.MOV, 2, PACKET_HOST).call(ebpf_1.Helper.SKB_CHANGE_TYPE);
    loadIndex(program).alu(ebpf_1.Alu.MOV, 2, 0).call(ebpf_1.Helper.REDIRECT_PEER).exit();
}
