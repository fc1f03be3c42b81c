"use strict";
/** Columns that grow: a copy of a typed array with room for more. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.grownI32 = grownI32;
exports.grownU16 = grownU16;
exports.grownU8 = grownU8;
exports.grownF64 = grownF64;
function grownI32(column, length) {
    const grown = new Int32Array(length);
    grown.set(column);
    return grown;
}
function grownU16(column, length) {
    const grown = new Uint16Array(length);
    grown.set(column);
    return grown;
}
function grownU8(column, length) {
    const grown = new Uint8Array(length);
    grown.set(column);
    return grown;
}
function grownF64(column, length) {
    const grown = new Float64Array(length);
    grown.set(column);
    return grown;
}
