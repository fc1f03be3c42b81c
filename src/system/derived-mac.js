"use strict";
/**
 * MACs of the switch and of interfaces that it makes, where none is given. They are locally administered. They
 * depend on the machine, the name of the switch and the label of the port, and are the same at every start, so
 * that what other hosts remember stays right.
 *
 * The machine id identifies a machine. Copied images and many containers have no machine id, or the
 * placeholder `uninitialized`. Then the hostname and the kernel's boot id take its place. The price is
 * another MAC after a reboot, which the log reports. The hostname alone would not do: two machines from
 * one image may have the same, and one MAC on two machines of a network is a fault that is hard to find.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.deriveMac = deriveMac;
exports.derivePortMac = derivePortMac;
exports.identifyMachine = identifyMachine;
const node_crypto_1 = require("node:crypto");
const node_fs_1 = require("node:fs");
const node_os_1 = require("node:os");
const mac_1 = require("../wire/mac");
/** Files of the machine id, which is unique to an installation: machine-id(5). */
const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
/** File of the boot id, which changes at each boot and is the same in all containers: random(4). */
const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';
/** Machine id: 32 hex digits, not all zero. Before the first boot, the file has `uninitialized`. */
const MACHINE_ID = /^(?!0{32}$)[\da-f]{32}$/i;
function deriveMac(name, machine = identifyMachine().id) {
    const digest = (0, node_crypto_1.createHash)('sha256').update(`tapswitch\0${machine}\0${name}`).digest();
    return (0, mac_1.locallyAdministered)(digest);
}
/** @param label label of the port. No name of a switch has a zero byte, so that its MAC is another one. */
function derivePortMac(switchName, label, machine = identifyMachine().id) {
    return deriveMac(`${switchName}\0${label}`, machine);
}
/** @param files files that may have a machine id, the best first */
function identifyMachine(files = MACHINE_ID_FILES, bootIdFile = BOOT_ID_FILE) {
    const id = files.map(readText).find((text) => MACHINE_ID.test(text));
    if (id !== undefined)
        return { id, lasts: 'for good' };
    const bootId = readText(bootIdFile);
    return bootId === ''
        ? { id: (0, node_crypto_1.randomUUID)(), lasts: 'until the next start' }
        : { id: `${(0, node_os_1.hostname)()}\0${bootId}`, lasts: 'until the next boot' };
}
/** @returns the text of the file without white space at its ends; empty if it cannot be read */
function readText(path) {
    try {
        return (0, node_fs_1.readFileSync)(path, 'utf8').trim();
    }
    catch {
        return '';
    }
}
