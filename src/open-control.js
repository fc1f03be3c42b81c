"use strict";
/** Opens the control socket that a configuration asks for. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.openControl = openControl;
const node_path_1 = require("node:path");
const control_path_1 = require("./api/control-path");
const server_1 = require("./api/server");
const socket_1 = require("./api/socket");
/**
 * Opens the control socket. A socket that was asked for is required. The default one is not: a user who may
 * write to neither of its folders gets a switch without a socket.
 * @param login user to whom the socket belongs, if not the user of this process
 * @param controlGid group whose members may open the socket
 * @throws StartError
 */
async function openControl(config, log, login, controlGid) {
    if (config.control === 'none')
        return {};
    const paths = config.control === undefined ? (0, control_path_1.defaultControlPaths)(config.name) : [config.control];
    try {
        const access = { ...login, ...(controlGid !== undefined && { gid: controlGid }) };
        return { server: await server_1.ControlServer.listen(paths, log, access) };
    }
    catch (error) {
        const isOptional = config.control === undefined && (0, socket_1.isForbidden)(error);
        if (!isOptional)
            throw error;
        return {
            complaint: `no control: may not write to ${paths.map((path) => (0, node_path_1.dirname)(path)).join(' or ')} ` +
                `(${error.cause.code}); set XDG_RUNTIME_DIR to a folder of yours, or give a --control`,
        };
    }
}
