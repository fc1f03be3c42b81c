"use strict";
/**
 * Leads every frame that one interface receives out of another one, inside the kernel.
 *
 * Three ways, the first that the kernel grants: a program that is attached by descriptor (tcx, Linux
 * 6.6), which goes with the process whatever ends it; the same program as a filter of clsact; and,
 * where eBPF is refused, a filter with the action mirred.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Redirect = exports.REDIRECT_WAYS = void 0;
const native_1 = require("../native/native");
const ebpf_1 = require("./ebpf");
const traffic_control_1 = require("./traffic-control");
exports.REDIRECT_WAYS = ['tcx', 'clsact', 'mirred'];
class Redirect {
    way;
    at;
    program;
    constructor(way, at, program) {
        this.way = way;
        this.at = at;
        this.program = program;
    }
    /**
     * @param ways to try, in order
     * @param program decides where frames go, in place of one that sends them all to the interface
     * @throws NativeError what the kernel says to the last of them
     */
    static begin(at, toIndex, ways = exports.REDIRECT_WAYS, program = (0, ebpf_1.redirectProgram)(toIndex)) {
        let refusal;
        for (const way of ways) {
            try {
                return Redirect.beginBy(way, at, toIndex, program);
            }
            catch (error) {
                if (!(0, native_1.isNativeError)(error))
                    throw error;
                refusal = error;
            }
        }
        throw refusal;
    }
    static beginBy(way, at, toIndex, instructions) {
        if (way === 'mirred') {
            (0, traffic_control_1.addRedirectFilter)(at, toIndex);
            return new Redirect(way, at, undefined);
        }
        const { TrafficProgram } = (0, native_1.native)();
        const program = new TrafficProgram(instructions, 'tapswitch');
        try {
            if (way === 'tcx')
                program.attach(at.index, at.netnsPath);
            else
                (0, traffic_control_1.addProgramFilter)(at, program.fd);
            return new Redirect(way, at, program);
        }
        catch (error) {
            program.close();
            throw error;
        }
    }
    /** Ends it. The interface may be gone: then there is nothing to end. */
    close() {
        this.program?.close();
        if (this.way === 'tcx')
            return;
        try {
            (0, traffic_control_1.removeRemains)(this.at);
        }
        catch (error) {
            if (!(0, native_1.isNativeError)(error))
                throw error;
        }
    }
}
exports.Redirect = Redirect;
