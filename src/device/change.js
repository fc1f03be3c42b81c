"use strict";
/**
 * The one way to change an interface: steps that are carried out in order, all of them or none. When a
 * step is refused, the steps before it are undone, the last one first.
 *
 * `tapctl tap`, the library and the ports of a switch use it, and a reload uses it through the ports.
 * They reach an interface in two ways: by its name (rtnetlink), or through the descriptor of an open
 * TAP, which also reaches an interface that was renamed or moved.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.carryOut = carryOut;
exports.interfaceSteps = interfaceSteps;
const native_1 = require("../native/native");
const link_1 = require("./link");
/**
 * Carries out all steps, or none.
 * @param explain makes the error to throw of a refusal; by default, the error of the step is thrown
 */
function carryOut(steps, explain = (_, error) => error) {
    const done = [];
    for (const step of steps) {
        try {
            step.apply();
        }
        catch (error) {
            for (const earlier of done.reverse())
                undo(earlier);
            throw explain(step.what, error);
        }
        done.push(step);
    }
}
/**
 * Steps from one state of an interface to another: the queue first, up or down last.
 * @param before present state, which undoing restores
 */
function interfaceSteps(handle, before, { queueFrames, mtuBytes, mac, addresses = [], isUp }) {
    const steps = [];
    const add = (what, set, to, back) => {
        steps.push({
            what,
            apply: () => set(to),
            undo: () => {
                if (back !== undefined)
                    set(back);
            },
        });
    };
    if (queueFrames !== undefined) {
        const what = `a queue of ${queueFrames} frames`;
        add(what, (frames) => handle.setQueue(frames), queueFrames, before.queueFrames);
    }
    if (mtuBytes !== undefined) {
        add(`an MTU of ${mtuBytes}`, (bytes) => handle.setMtu(bytes), mtuBytes, before.mtuBytes);
    }
    if (mac !== undefined) {
        add(`the MAC ${(0, link_1.formatMacBytes)(mac)}`, (bytes) => handle.setMac(bytes), mac, before.mac);
    }
    for (const address of addresses) {
        steps.push({
            what: `the address ${(0, link_1.formatAddress)(address.address)}/${address.prefixLength}`,
            apply: () => handle.addAddress?.(address),
            undo: () => handle.removeAddress?.(address),
        });
    }
    if (isUp !== undefined) {
        const what = `to set the interface ${isUp ? 'up' : 'down'}`;
        add(what, (up) => handle.setUp(up), isUp, before.isUp);
    }
    return steps;
}
/** Undoes a step. A refusal is ignored: it means that the device is gone or out of reach. */
function undo(step) {
    try {
        step.undo?.();
    }
    catch (error) {
        if (!(0, native_1.isNativeError)(error))
            throw error;
    }
}
