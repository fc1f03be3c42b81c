"use strict";
/**
 * The legs of the fast path: for each port that is an interface of the kernel, a program at its ingress that may
 * redirect frames, and what the bridge must know to let it. One for all ports of a switch.
 *
 * All legs share one memory (`l2/fast/layout.ts`), which is made for the first of them and lasts as long as the
 * process.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FastLegs = void 0;
const node_crypto_1 = require("node:crypto");
const node_fs_1 = require("node:fs");
const explain_refusal_1 = require("../device/explain-refusal");
const fast_program_1 = require("../device/fast-program");
const interface_1 = require("../device/interface");
const redirect_1 = require("../device/redirect");
const traffic_control_1 = require("../device/traffic-control");
const layout_1 = require("../l2/fast/layout");
const obstacle_1 = require("../l2/fast/obstacle");
const native_1 = require("../native/native");
const netns_1 = require("../system/netns");
const run_as_1 = require("../system/run-as");
const mac_1 = require("../wire/mac");
const link_1 = require("../device/link");
const POSSIBLE_PROCESSORS = '/sys/devices/system/cpu/possible';
const WORD_BYTES = 4;
/** Ways by which a program of ours decides. */
const WAYS = ['tcx', 'clsact'];
/** A veth pair hands frames over without a queue, unless somebody has given it one. */
const NO_QUEUE = ['noqueue', ''];
const SHARED_NAME = 'legs of the fast path';
class FastLegs {
    /** The legs of one switch. @param shared see `PortContext` */
    static of(shared) {
        const legs = shared.get(SHARED_NAME) ?? new FastLegs();
        shared.set(SHARED_NAME, legs);
        return legs;
    }
    memory;
    /** Namespace, as `netnsOf` knows it → its number. */
    domains = new Map();
    /**
     * Joins an interface and its companion in both directions.
     * @param at the interface
     * @param companion index of its companion, which is in the same namespace
     * @throws NativeError where there is no way at all; nothing is left then
     */
    join(port, at, taken, companion) {
        (0, traffic_control_1.queueNothing)({ ...at, index: companion });
        const redirects = [];
        try {
            const { leg, obstacle } = this.tryPrograms(port, at, taken, companion, redirects);
            // What a program of ours could not be had for is redirected all the same.
            const back = { ...at, index: companion };
            if (redirects.length < 1)
                redirects.push(redirect_1.Redirect.begin(back, at.index));
            if (redirects.length < 2)
                redirects.push(redirect_1.Redirect.begin(at, companion));
            return { redirects, leg, obstacle };
        }
        catch (error) {
            for (const redirect of redirects)
                redirect.close();
            throw error;
        }
    }
    /** @returns the leg with what an interface has changed since, the same one where nothing has */
    renew(leg, at, now) {
        const farEnd = farEndOf(at, now);
        const { farEnd: before } = leg;
        if (farEnd?.hi16 === before?.hi16 && farEnd?.lo32 === before?.lo32)
            return leg;
        const { memory, index, domain } = leg;
        return { memory, index, domain, ...(farEnd !== undefined && { farEnd }) };
    }
    /** Why the bridge keeps the fast path of a port that has a leg shut; undefined where it is open. */
    obstacleOf(port) {
        const { words } = this.memory;
        const read = (field) => Atomics.load(words, (layout_1.Part.PORTS + port * layout_1.PORT_RECORD_BYTES + field) / WORD_BYTES);
        if ((read(layout_1.PortField.FLAGS) & layout_1.PortFlag.OPEN) !== 0)
            return undefined;
        // It may have been opened in between.
        return obstacle_1.FAST_OBSTACLES[read(layout_1.PortField.OBSTACLE)] || obstacle_1.FAST_OBSTACLES[obstacle_1.FastObstacle.Down];
    }
    tryPrograms(port, at, taken, companion, redirects) {
        if (port >= layout_1.FAST_PORTS)
            return { obstacle: `only the first ${layout_1.FAST_PORTS} ports have one` };
        try {
            const { shared: memory } = this.open();
            const { fd: memoryFd, processors, seed } = memory;
            const domain = this.domainOf(at);
            const back = (0, fast_program_1.fromBridgeProgram)(memoryFd, port, at.index);
            const place = { memoryFd, processors, seed, port, domain, toBridge: companion };
            redirects.push(redirect_1.Redirect.begin({ ...at, index: companion }, at.index, WAYS, back));
            redirects.push(redirect_1.Redirect.begin(at, companion, WAYS, (0, fast_program_1.fastProgram)(place)));
            const farEnd = farEndOf(at, taken);
            return { leg: { memory, index: at.index, domain, ...(farEnd !== undefined && { farEnd }) } };
        }
        catch (error) {
            if (!(0, native_1.isNativeError)(error))
                throw error;
            const cure = error.code === 'EPERM' && (0, run_as_1.isWithoutRoot)() ? `; ${(0, run_as_1.cureForRights)()}` : '';
            return { obstacle: `the kernel refuses its program (${(0, explain_refusal_1.kernelsWords)(error)})${cure}` };
        }
    }
    open() {
        if (this.memory !== undefined)
            return this.memory;
        const processors = countProcessors();
        const bytes = (0, layout_1.memoryBytes)(processors);
        const addon = (0, native_1.native)();
        const owner = new addon.ProgramMemory(bytes, 'tapswitch');
        const { fd } = owner;
        const shared = { fd, bytes, processors, seed: (0, node_crypto_1.randomInt)(2 ** 32) | 0 };
        this.memory = { owner, shared, words: new Int32Array(addon.mapProgramMemory(fd, bytes)) };
        return this.memory;
    }
    domainOf({ netnsPath }) {
        const { id } = (0, netns_1.netnsOf)(netnsPath);
        const known = this.domains.get(id);
        if (known !== undefined)
            return known;
        const domain = this.domains.size + 1;
        this.domains.set(id, domain);
        return domain;
    }
}
exports.FastLegs = FastLegs;
function farEndOf(at, { farEnd, queueing }) {
    if (farEnd === undefined || !NO_QUEUE.includes(queueing))
        return undefined;
    const mac = (0, interface_1.farEndMac)(farEnd, at.netnsPath);
    return mac === undefined ? undefined : (0, mac_1.parseMac)((0, link_1.formatMacBytes)(mac));
}
/** Processors that there may ever be, rounded up to a power of two. */
function countProcessors() {
    // Ranges such as "0-3,5": the last number is the highest.
    const text = (0, node_fs_1.readFileSync)(POSSIBLE_PROCESSORS, 'utf8').trim();
    const highest = Number(text.split(/[-,]/).at(-1));
    return 2 ** Math.ceil(Math.log2(highest + 1));
}
