"use strict";
/** Access to the socket of a port: the owner, the group and the mode of its file. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.SocketAccess = exports.ACCESS_KEYS = void 0;
const node_fs_1 = require("node:fs");
const interface_rules_1 = require("../config/values/interface-rules");
const rule_1 = require("../config/values/rule");
const accounts_1 = require("../system/accounts");
const DEFAULT_MODE = '0600';
/** Bits of a mode: the group may write, and all others. Writing to a socket is connecting to it. */
const GROUP_MAY = 0o020;
const OTHERS_MAY = 0o002;
const MODE = 'a mode in octal, such as 0660; in quotes in a file';
/** Keys of a port with a Unix socket of its own. */
exports.ACCESS_KEYS = {
    mode: {
        rule: (0, rule_1.textRule)(MODE, (text) => {
            if (!/^0?[0-7]{3}$/.test(text))
                throw (0, rule_1.expected)(MODE, text);
            return text.padStart(4, '0');
        }),
        placeholder: 'MODE',
        help: 'who may connect to a path: 0660 lets the group (default: 0600)',
        when: 'opened',
        fallback: DEFAULT_MODE,
        isFixed: true,
    },
    owner: {
        rule: interface_rules_1.account,
        placeholder: 'USER',
        help: "of a path (default: the switch's user)",
        when: 'opened',
        isFixed: true,
        verify: (user) => (0, accounts_1.lookUpUser)(user),
    },
    group: {
        rule: interface_rules_1.account,
        placeholder: 'GROUP',
        help: 'the same',
        when: 'opened',
        isFixed: true,
        verify: (group) => (0, accounts_1.lookUpGroup)(group),
    },
};
class SocketAccess {
    mode;
    uid;
    gid;
    /**
     * @param login user and group of the switch, where it changes them later
     * @throws TunTapError where there is no such user or group
     */
    constructor({ mode = DEFAULT_MODE, owner, group }, login = {
        uid: process.geteuid?.() ?? 0,
        gid: process.getegid?.() ?? 0,
    }) {
        this.mode = Number.parseInt(mode, 8);
        this.uid = owner === undefined ? login.uid : (0, accounts_1.lookUpUser)(owner);
        this.gid = group === undefined ? login.gid : (0, accounts_1.lookUpGroup)(group);
    }
    /**
     * Gives a socket that was just made its owner, its group and its mode.
     * @param path in a folder in which nobody else can change a name
     * @throws NodeJS.ErrnoException
     */
    give(path) {
        (0, node_fs_1.chmodSync)(path, this.mode);
        this.giveOwner(path);
    }
    /**
     * Gives a socket its owner and its group. It may have any name: no link is followed.
     * @throws NodeJS.ErrnoException
     */
    giveOwner(path) {
        const { uid, gid } = (0, node_fs_1.lstatSync)(path);
        if (uid !== this.uid || gid !== this.gid)
            (0, node_fs_1.lchownSync)(path, this.uid, this.gid);
    }
    /**
     * Whether a process may connect. The kernel asks for the right to write to the file; this holds for a
     * process that reached the socket by another way.
     */
    allows({ uid, groups }) {
        if (uid === 0 || uid === this.uid || uid === process.geteuid?.())
            return true;
        if ((this.mode & GROUP_MAY) !== 0 && groups.includes(this.gid))
            return true;
        return (this.mode & OTHERS_MAY) !== 0;
    }
    /** Whether two ports let the same users connect. */
    equals(other) {
        return this.mode === other.mode && this.uid === other.uid && this.gid === other.gid;
    }
}
exports.SocketAccess = SocketAccess;
