"use strict";
/** Users and groups by name, from every source that the system uses (files, LDAP, …). */
Object.defineProperty(exports, "__esModule", { value: true });
exports.lookUpUser = lookUpUser;
exports.lookUpGroup = lookUpGroup;
exports.lookUpLogin = lookUpLogin;
exports.nameOfUser = nameOfUser;
exports.nameOfGroup = nameOfGroup;
const native_1 = require("../native/native");
const tuntap_error_1 = require("./tuntap-error");
const CURE = 'name one that exists, or its number';
/** @throws TunTapError when there is no such user. @returns the user id */
function lookUpUser(user) {
    return typeof user === 'number' ? user : lookUpLogin(user).uid;
}
/** @throws TunTapError when there is no such group. @returns the group id */
function lookUpGroup(group) {
    if (typeof group === 'number')
        return group;
    const found = (0, native_1.native)().findGroup(group);
    if (found !== undefined)
        return found.gid;
    throw new tuntap_error_1.TunTapError('ENOENT', `there is no group "${group}" (ENOENT); ${CURE}`);
}
/** @throws TunTapError when there is no such user. @returns the user id and its login group's id */
function lookUpLogin(user) {
    const found = (0, native_1.native)().findUser(user);
    if (found !== undefined)
        return found;
    if (typeof user === 'string') {
        throw new tuntap_error_1.TunTapError('ENOENT', `there is no user "${user}" (ENOENT); ${CURE}`);
    }
    throw new tuntap_error_1.TunTapError('ENOENT', `there is no user ${user} (ENOENT); name one that exists`);
}
/** @returns the name of a user, or its number where it has none */
function nameOfUser(id) {
    return (0, native_1.native)().findUser(id)?.name ?? String(id);
}
/** @returns the name of a group, or its number where it has none */
function nameOfGroup(id) {
    return (0, native_1.native)().findGroup(id)?.name ?? String(id);
}
