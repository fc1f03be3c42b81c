"use strict";
/** Reads the frames of a capture out of the pcapng stream that the switch writes. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.CapturedFrames = void 0;
const pcapng_1 = require("../wire/pcapng");
const whole_blocks_1 = require("./whole-blocks");
const INTERFACE_AT = 8;
const TIME_HIGH_AT = 12;
const TIME_LOW_AT = 16;
const KEPT_LENGTH_AT = 20;
const LENGTH_AT = 24;
class CapturedFrames {
    held = Buffer.alloc(0);
    /** Labels of the ports by the number of their interface. */
    ports = [];
    /** @param bytes the next bytes of the stream, cut anywhere */
    *add(bytes) {
        const { blocks, rest } = (0, whole_blocks_1.splitBlocks)(Buffer.concat([this.held, bytes]));
        this.held = rest;
        for (const block of blocks) {
            const type = block.readUInt32LE(0);
            if (type === pcapng_1.INTERFACE_DESCRIPTION_BLOCK) {
                this.ports.push((0, pcapng_1.findOption)(block, pcapng_1.IDB_FIXED_BYTES, pcapng_1.IF_NAME)?.toString() ?? '');
            }
            if (type === pcapng_1.ENHANCED_PACKET_BLOCK)
                yield this.frameOf(block);
        }
    }
    frameOf(block) {
        const keptBytes = block.readUInt32LE(KEPT_LENGTH_AT);
        const end = pcapng_1.EPB_FIXED_BYTES + keptBytes;
        const optionsAt = pcapng_1.EPB_FIXED_BYTES + ((keptBytes + 3) & ~3);
        const flags = (0, pcapng_1.findOption)(block, optionsAt, pcapng_1.EPB_FLAGS)?.readUInt32LE(0);
        const lost = (0, pcapng_1.findOption)(block, optionsAt, pcapng_1.EPB_DROPCOUNT)?.readBigUInt64LE(0);
        const high = BigInt(block.readUInt32LE(TIME_HIGH_AT));
        return {
            timeNs: (high << 32n) | BigInt(block.readUInt32LE(TIME_LOW_AT)),
            port: this.ports[block.readUInt32LE(INTERFACE_AT)] ?? '',
            direction: flags === pcapng_1.Direction.Out ? 'out' : 'in',
            bytes: block.subarray(pcapng_1.EPB_FIXED_BYTES, end),
            length: block.readUInt32LE(LENGTH_AT),
            lost: Number(lost ?? 0n),
        };
    }
}
exports.CapturedFrames = CapturedFrames;
