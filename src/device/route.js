"use strict";
/** One request to the kernel's routing netlink, and its answer or refusal. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.RouteRefusal = void 0;
exports.ask = ask;
const node_util_1 = require("node:util");
const native_1 = require("../native/native");
const rtnetlink_1 = require("./rtnetlink");
/** A refusal by the kernel, like those of the addon's own calls. */
class RouteRefusal extends Error {
    errno;
    syscall;
    subject;
    detail;
    name = 'RouteRefusal';
    code;
    constructor(errno, syscall, subject, 
    /** Explanation by the kernel. */
    detail = '') {
        const code = (0, node_util_1.getSystemErrorName)(-errno);
        super(`${subject}: ${syscall}: ${code} ${detail}`.trimEnd());
        this.errno = errno;
        this.syscall = syscall;
        this.subject = subject;
        this.detail = detail;
        this.code = code;
    }
}
exports.RouteRefusal = RouteRefusal;
/**
 * @param syscall name of the request, for an error: `RTM_GETLINK`
 * @param subject object of the request, for an error: the name of an interface
 * @param netnsPath path of the namespace; by default, that of this process
 * @returns the messages of the answer, without the final one
 * @throws RouteRefusal if the kernel refuses, NativeError if it cannot be asked
 */
function ask(request, syscall, subject, netnsPath) {
    const { messages, outcome } = (0, rtnetlink_1.decodeMessages)((0, native_1.native)().askRouteNetlink(request, netnsPath));
    if (outcome.errno !== 0) {
        throw new RouteRefusal(outcome.errno, syscall, subject, outcome.reason);
    }
    return messages;
}
