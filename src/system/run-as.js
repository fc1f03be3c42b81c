"use strict";
/**
 * Gives up root once the ports are open. The main thread, and the addon's threads that work for it,
 * keep the capabilities that adding a port takes; the data-plane thread keeps none. A system call
 * filter then denies the whole process the calls that a switch never makes.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.findLogin = findLogin;
exports.findControlGroup = findControlGroup;
exports.runAs = runAs;
exports.isWithoutRoot = isWithoutRoot;
exports.cureForRights = cureForRights;
const usage_error_1 = require("./usage-error");
const native_1 = require("../native/native");
const accounts_1 = require("./accounts");
const start_error_1 = require("./start-error");
/** linux/capability.h */
const CAP_NET_ADMIN = 12;
const CAP_SYS_ADMIN = 21;
/** @throws UsageError where there is no such user */
function findLogin(user) {
    try {
        return { user, ...(0, accounts_1.lookUpLogin)(user) };
    }
    catch (error) {
        throw new usage_error_1.UsageError(`--user: ${error.message}`);
    }
}
/** @returns the number of the group. @throws UsageError where there is no such group */
function findControlGroup(group) {
    try {
        return (0, accounts_1.lookUpGroup)(group);
    }
    catch (error) {
        throw new usage_error_1.UsageError(`--control-group: ${error.message}`);
    }
}
/**
 * @param ports where one names a network namespace, CAP_SYS_ADMIN is kept, too
 * @throws StartError
 */
function runAs({ user, uid, gid }, ports) {
    try {
        process.initgroups?.(user, gid);
        process.setgid?.(gid);
        (0, native_1.native)().becomeUser(uid, keptCapabilities(ports));
        (0, native_1.native)().refuseSystemCalls();
        hasGivenUpRoot = true;
    }
    catch (error) {
        const { code, message } = error;
        const reason = code === 'EPERM' ? 'may not become another user (EPERM); run with sudo' : message;
        throw new start_error_1.StartError(`--user ${user}: ${reason}`);
    }
}
let hasGivenUpRoot = false;
/** Whether `runAs` has given up root. */
function isWithoutRoot() {
    return hasGivenUpRoot;
}
/** @returns the cure for missing rights, as a part of a sentence */
function cureForRights() {
    return hasGivenUpRoot ? 'restart the switch, which has given up root (--user)' : 'run with sudo';
}
/** CAP_NET_ADMIN for making a TAP, and CAP_SYS_ADMIN for entering a namespace. */
function keptCapabilities(ports) {
    const hasNamespaces = ports.some(({ netns }) => netns !== undefined);
    return hasNamespaces ? [CAP_NET_ADMIN, CAP_SYS_ADMIN] : [CAP_NET_ADMIN];
}
