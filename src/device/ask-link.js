"use strict";
/** The kernel's description of one interface, as it sends it: RTM_GETLINK of rtnetlink(7). */
Object.defineProperty(exports, "__esModule", { value: true });
exports.askLink = askLink;
const rtnetlink_1 = require("./rtnetlink");
const route_1 = require("./route");
const ENODEV = 19;
/**
 * @param which its name, or its index in the namespace
 * @returns `undefined` where there is none
 * @throws NativeError
 */
function askLink(which, netnsPath) {
    const part = Buffer.alloc(rtnetlink_1.LINK_PART_BYTES);
    if (typeof which === 'number')
        part.writeInt32LE(which, 4);
    const attributes = typeof which === 'number' ? [] : [(0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Name, (0, rtnetlink_1.encodeName)(which))];
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.GetLink, rtnetlink_1.Flag.Acknowledge, part, attributes);
    try {
        return (0, route_1.ask)(request, 'RTM_GETLINK', String(which), netnsPath)[0];
    }
    catch (error) {
        if (error instanceof route_1.RouteRefusal && error.errno === ENODEV)
            return undefined;
        throw error;
    }
}
