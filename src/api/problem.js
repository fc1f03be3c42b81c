"use strict";
/** Errors of requests, as problem details (RFC 9457). */
Object.defineProperty(exports, "__esModule", { value: true });
exports.sendProblem = sendProblem;
exports.problemOf = problemOf;
const node_http_1 = require("node:http");
const invalid_request_1 = require("../control/invalid-request");
const usage_error_1 = require("../system/usage-error");
const request_error_1 = require("../system/request-error");
const start_error_1 = require("../system/start-error");
const BAD_REQUEST = 400;
const NOT_FOUND = 404;
const CONFLICT = 409;
const SERVER_ERROR = 500;
const SERVICE_UNAVAILABLE = 503;
/** Whole seconds: RFC 9110, 10.2.3. */
const RETRY_AFTER_S = 1;
const STATUS_OF = {
    'not-found': NOT_FOUND,
    conflict: CONFLICT,
    busy: SERVICE_UNAVAILABLE,
    stopped: SERVICE_UNAVAILABLE,
};
function sendProblem(reply, error) {
    const problem = problemOf(error);
    if (problem.status === SERVICE_UNAVAILABLE)
        void reply.header('retry-after', RETRY_AFTER_S);
    void reply.code(problem.status).type('application/problem+json').send(problem);
}
function problemOf(error) {
    if (error instanceof invalid_request_1.InvalidRequest) {
        return { ...problem(BAD_REQUEST, error.message), errors: [...error.errors] };
    }
    if (error instanceof usage_error_1.UsageError)
        return problem(BAD_REQUEST, error.lines.join('; '));
    if (error instanceof request_error_1.RequestError)
        return problem(STATUS_OF[error.kind], error.message);
    if (error instanceof start_error_1.StartError)
        return problem(CONFLICT, error.message);
    const { statusCode = SERVER_ERROR, message } = error;
    return problem(statusCode, message);
}
function problem(status, detail) {
    return { type: 'about:blank', title: node_http_1.STATUS_CODES[status] ?? 'Error', status, detail };
}
