/** Errors of requests, as problem details (RFC 9457). */

import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply } from 'fastify';
import { InvalidRequest } from '../control/invalid-request';
import { UsageError } from '../system/usage-error';
import { RequestError, type RequestErrorKind } from '../system/request-error';
import { StartError } from '../system/start-error';
import type { ProblemBody } from '../control/shapes';

const BAD_REQUEST = 400;
const NOT_FOUND = 404;
const CONFLICT = 409;
const SERVER_ERROR = 500;
const SERVICE_UNAVAILABLE = 503;

/** Whole seconds: RFC 9110, 10.2.3. */
const RETRY_AFTER_S = 1;

const STATUS_OF: Readonly<Record<RequestErrorKind, number>> = {
  'not-found': NOT_FOUND,
  conflict: CONFLICT,
  busy: SERVICE_UNAVAILABLE,
  stopped: SERVICE_UNAVAILABLE,
};

export function sendProblem(reply: FastifyReply, error: unknown): void {
  const problem = problemOf(error);
  if (problem.status === SERVICE_UNAVAILABLE) void reply.header('retry-after', RETRY_AFTER_S);
  void reply.code(problem.status).type('application/problem+json').send(problem);
}

export function problemOf(error: unknown): ProblemBody {
  if (error instanceof InvalidRequest) {
    return { ...problem(BAD_REQUEST, error.message), errors: [...error.errors] };
  }
  if (error instanceof UsageError) return problem(BAD_REQUEST, error.lines.join('; '));
  if (error instanceof RequestError) return problem(STATUS_OF[error.kind], error.message);
  if (error instanceof StartError) return problem(CONFLICT, error.message);
  const { statusCode = SERVER_ERROR, message } = error as FastifyError;
  return problem(statusCode, message);
}

function problem(status: number, detail: string): ProblemBody {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}
