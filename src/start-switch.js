"use strict";
/** Starts a whole switch from code: the same as `node dist/switch.js`, without a command line. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.startSwitch = startSwitch;
const file_schema_1 = require("./config/file-schema");
const rule_schema_1 = require("./config/rule-schema");
const schema_1 = require("./config/schema");
const rule_1 = require("./config/values/rule");
const tap_switch_1 = require("./control/tap-switch");
const switch_1 = require("./library/switch");
const logger_1 = require("./journal/logger");
const open_control_1 = require("./open-control");
const open_metrics_1 = require("./open-metrics");
const kinds_1 = require("./ports/kinds");
const script_port_1 = require("./ports/script-port");
const request_error_1 = require("./system/request-error");
const run_as_1 = require("./system/run-as");
const start_error_1 = require("./system/start-error");
const usage_error_1 = require("./system/usage-error");
/** Values where a program differs from the command line: it shares its terminal, and its rights. */
const DEFAULTS = { logLevel: 'warn', control: 'none' };
/** Names of the switches of this program: two of one name would have one MAC. */
const names = new Set();
/**
 * Opens the ports and starts forwarding. As on the command line, the caller must be root or own the TAPs; a switch
 * that has script ports only needs no rights. The switch logs to standard error.
 * @throws UsageError for wrong options, with one line for each; StartError if the system refuses, or a switch of
 *   the same name runs. Nothing of the switch is left then.
 */
async function startSwitch(options) {
    const scripts = new script_port_1.ScriptKind();
    const kinds = (0, kinds_1.portKinds)([...kinds_1.PORT_KINDS.kinds, scripts]);
    const config = readOptions(options, kinds);
    const { name } = config;
    if (names.has(name)) {
        const message = `name: a switch of this program is called ${name} already; give another name`;
        throw new start_error_1.StartError(message, { code: 'ERR_SWITCH_EXISTS' });
    }
    names.add(name);
    try {
        for (const port of config.ports)
            if (port.kind === script_port_1.SCRIPT_KIND)
                scripts.makeEnd(port.name);
        const tapSwitch = await start(config, kinds);
        tapSwitch.once('stopped', () => names.delete(name));
        return new switch_1.Switch(tapSwitch, scripts);
    }
    catch (error) {
        scripts.destroyEnds();
        names.delete(name);
        throw error;
    }
}
async function start(config, kinds) {
    const { controlGroup } = config;
    const controlGid = controlGroup === undefined ? undefined : (0, run_as_1.findControlGroup)(controlGroup);
    const log = (0, logger_1.createLogger)({
        level: config.logLevel,
        format: config.logFormat,
        bridge: config.name,
    });
    log.load();
    // The control socket comes before the ports: a second switch of the same name opens none.
    const { server } = await (0, open_control_1.openControl)(config, log, undefined, controlGid);
    const metrics = await (0, open_metrics_1.openMetrics)(config, log).catch((error) => {
        server?.close();
        throw error;
    });
    const starting = tap_switch_1.TapSwitch.start(config, log, undefined, kinds);
    metrics?.serve(starting);
    server?.serve(starting, () => {
        const message = 'the switch was started by a program; there is no file to read again';
        return Promise.reject(new request_error_1.RequestError('conflict', message));
    });
    const running = await starting;
    running.once('stopping', () => {
        server?.close();
        metrics?.close();
    });
    return running;
}
function readOptions(options, kinds) {
    const verdict = (0, file_schema_1.readFileValues)(options, kinds);
    if ('faults' in verdict) {
        const lines = verdict.faults.map(({ path, message }) => path.length === 0 ? message : `${(0, rule_schema_1.formatPath)(path)}: ${message}`);
        throw new usage_error_1.UsageError(...lines);
    }
    refuseForeign(verdict.given);
    try {
        const config = (0, schema_1.completeConfig)([DEFAULTS, verdict.given], false);
        if (config.ports.length > 0)
            return config;
    }
    catch (error) {
        if (error instanceof rule_1.ValueError)
            throw new usage_error_1.UsageError(error.message);
        throw error;
    }
    throw new usage_error_1.UsageError('ports: none is given; name at least one, as in ports: ["tap0"]');
}
/** Refuses what has no meaning in a program: its rights are its own, and it has no socket unless it asks. */
function refuseForeign({ user, control = 'none', controlGroup }) {
    if (user !== undefined) {
        throw new usage_error_1.UsageError('user: the switch has the rights of the program; leave it out');
    }
    if (controlGroup !== undefined && control === 'none') {
        throw new usage_error_1.UsageError('control-group: there is no control socket; give its path as control');
    }
}
