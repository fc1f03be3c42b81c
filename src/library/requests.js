"use strict";
/** Carries out what a program asks of its switch: checks the values, and refuses everything after the end. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Requests = void 0;
const rule_schema_1 = require("../config/rule-schema");
const invalid_request_1 = require("../control/invalid-request");
const request_error_1 = require("../system/request-error");
class Requests {
    tapSwitch;
    isStopped = false;
    constructor(tapSwitch) {
        this.tapSwitch = tapSwitch;
    }
    /** @throws RequestError `ERR_SWITCH_STOPPED` */
    requireRunning() {
        if (!this.isStopped)
            return;
        throw new request_error_1.RequestError('stopped', `${this.tapSwitch.config.name}: the switch has stopped`);
    }
    /** Carries out a request that has no values. */
    async ask(work) {
        this.requireRunning();
        return work(this.tapSwitch);
    }
    /**
     * Carries out a request.
     * @param schema schema of the values
     * @param given values that are not checked yet; `undefined` is a mapping without keys
     * @throws InvalidRequest for a wrong value; RequestError; errors of `work`
     */
    async run(schema, given, work) {
        return this.ask((tapSwitch) => work(tapSwitch, this.read(schema, given ?? {})));
    }
    /** @throws InvalidRequest */
    read(schema, given) {
        const read = (0, rule_schema_1.readShape)(schema, given);
        if ('faults' in read)
            throw new invalid_request_1.InvalidRequest(read.faults);
        return read.data;
    }
}
exports.Requests = Requests;
