"use strict";
/**
 * A mirror, written as for `tapctl mirror add`:
 * `m1 from tap0,tap1 both vlan 10 filter arp or icmp to tap9 shared`.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.mirrorSpec = exports.mirrorVlan = exports.mirrorDirection = exports.mirrorName = void 0;
exports.checkMirror = checkMirror;
exports.formatMirror = formatMirror;
const filter_compiler_1 = require("../../capture/filter-compiler");
const filter_error_1 = require("../../capture/filter-error");
const rule_1 = require("./rule");
const WHAT = 'NAME from PORT[,PORT] [in|out|both] [vlan VID] [filter WORDS] to PORT [shared], such as m1 from tap0,tap1 in to tap9';
/** Words of a mirror. The names of ports may have spaces. */
const WORDS = /^\s*(\S+)\s+from\s+(\S.*?)(?:\s+(in|out|both))?(?:\s+vlan\s+(\S+))?(?:\s+filter\s+(\S.*?))?\s+to\s+(\S.*?)(?:\s+(shared))?\s*$/;
exports.mirrorName = (0, rule_1.textRule)('the name of a mirror: 1 to 32 letters, digits, dots, dashes or underscores', (text) => (/^[\w.-]{1,32}$/.test(text) ? text : undefined));
exports.mirrorDirection = (0, rule_1.oneOf)('in', 'out', 'both');
exports.mirrorVlan = (0, rule_1.wholeNumber)({ from: 1, to: 4094 });
const mirrorText = (0, rule_1.textRule)(WHAT, (text) => {
    const words = WORDS.exec(text);
    if (words === null)
        return undefined;
    const [, name = '', from = '', direction = 'both', vlan, filter, to = '', shared] = words;
    return {
        name: exports.mirrorName.fromText(name),
        from: from.split(',').map((label) => label.trim()),
        direction: exports.mirrorDirection.fromText(direction),
        ...(vlan !== undefined && { vlan: (0, rule_1.at)('vlan', () => exports.mirrorVlan.fromText(vlan)) }),
        ...(filter !== undefined && { filter }),
        port: to,
        shared: shared !== undefined,
    };
});
/** Rule of a mirror as text. What no mirror may be, it refuses. */
exports.mirrorSpec = (0, rule_1.mapRule)(mirrorText, checkMirror);
/**
 * @returns the mirror
 * @throws ValueError for a mirror onto itself, a port that is given twice, or a wrong filter
 */
function checkMirror(spec) {
    const { name, from, port } = spec;
    if (from.some((label) => label === '')) {
        throw (0, rule_1.expected)('ports with a comma between them', from.join());
    }
    const repeated = from.find((label, index) => from.indexOf(label) !== index);
    if (repeated !== undefined) {
        throw new rule_1.ValueError(`${name}: from: ${(0, rule_1.describe)(repeated)} is given twice; once is enough`);
    }
    if (from.includes(port)) {
        throw new rule_1.ValueError(`${name}: to: ${port} is among the ports that it mirrors; give another port`);
    }
    const fault = filterFault(spec);
    if (fault !== undefined)
        throw new rule_1.ValueError(`${name}: filter: ${fault}`);
    return spec;
}
function filterFault({ filter = '' }) {
    try {
        (0, filter_compiler_1.compileFilter)(filter);
        return undefined;
    }
    catch (error) {
        if (error instanceof filter_error_1.FilterError)
            return error.message;
        throw error;
    }
}
/** Text from which the rule reads the same mirror. */
function formatMirror(spec) {
    const { name, from, direction, vlan, filter, port, shared } = spec;
    return [
        `${name} from ${from.join(',')} ${direction}`,
        vlan === undefined ? '' : ` vlan ${vlan}`,
        filter === undefined ? '' : ` filter ${filter}`,
        ` to ${port}${shared ? ' shared' : ''}`,
    ].join('');
}
