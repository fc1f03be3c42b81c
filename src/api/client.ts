/** A client of a running switch, over its control socket. */

import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { UsageError } from '../system/usage-error';
import { StartError } from '../system/start-error';
import { SERVER_NAME } from './server-name';
import type { ProblemBody } from '../control/shapes';

const MULTIPLE_CHOICES = 300;
const BAD_REQUEST = 400;
/** A switch on a busy machine may take some seconds for its first answer. */
const PATIENCE_MS = 60_000;

/** Parameters of a query. A list stands for a parameter that is given several times. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const WHICH = 'say which with --name or --control';

export class SwitchClient {
  private found: Promise<string> | undefined;

  /** @param paths paths at which the switch may listen: `defaultControlPaths`, or the given one */
  constructor(private readonly paths: readonly string[]) {}

  get<T>(resource: string, query?: Query): Promise<T> {
    return this.ask('GET', resource, query);
  }

  async post<T>(resource: string, body?: unknown): Promise<T> {
    return this.ask('POST', resource, {}, body);
  }

  async patch<T>(resource: string, body: unknown): Promise<T> {
    return this.ask('PATCH', resource, {}, body);
  }

  async delete<T>(resource: string, query?: Query): Promise<T> {
    return this.ask('DELETE', resource, query);
  }

  /**
   * Sends a request whose answer may have no end.
   * @throws UsageError where the request is invalid; StartError where the switch refuses it, or where
   *   there is no switch.
   */
  async open(method: string, url: string, body?: unknown): Promise<IncomingMessage> {
    const response = await this.send(method, url, body);
    const { statusCode = 0, headers } = response;
    if (!String(headers['server']).startsWith(SERVER_NAME)) {
      response.destroy();
      throw new StartError(`what answers at ${await this.found} is no tapswitch; ${WHICH}`);
    }
    // From here on it may be silent for as long as it likes.
    response.socket.setTimeout(0);
    if (statusCode < MULTIPLE_CHOICES) return response;
    const { detail } = JSON.parse(await textOf(response)) as ProblemBody;
    throw statusCode === BAD_REQUEST ? new UsageError(detail) : new StartError(detail);
  }

  private async ask<T>(method: string, resource: string, query?: Query, body?: unknown) {
    const response = await this.open(method, withQuery(resource, query), body);
    const text = await textOf(response);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  private async send(method: string, url: string, body: unknown): Promise<IncomingMessage> {
    this.found ??= findSwitch(this.paths);
    const socketPath = await this.found;
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const options = { socketPath, method, path: url, headers, agent: false };
      const asked = request(options, resolve);
      asked.setTimeout(PATIENCE_MS, () => {
        const seconds = PATIENCE_MS / 1000;
        asked.destroy(new Error(`no answer in ${seconds} s; ${WHICH}`));
      });
      asked.on('error', (error: NodeJS.ErrnoException) => reject(explain([socketPath], error)));
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/**
 * The path at which the switch answers.
 * @throws StartError where no switch answers, or two do: a change must not reach the wrong network.
 */
async function findSwitch(paths: readonly string[]): Promise<string> {
  const [only = ''] = paths;
  if (paths.length === 1) return only;
  const outcomes = await Promise.all(
    paths.map(async (path) => ({ path, refusal: await refusalOf(path) })),
  );
  const answering = outcomes.filter(({ refusal }) => refusal === undefined);
  const [first, second] = answering;
  if (first !== undefined && second !== undefined) {
    const all = answering.map(({ path }) => path).join(' and ');
    throw new StartError(`two switches have this name, at ${all}; say which with --control`);
  }
  if (first !== undefined) return first.path;
  const forbidden = outcomes.find(({ refusal }) => refusal?.code === 'EACCES');
  if (forbidden?.refusal) throw explain([forbidden.path], forbidden.refusal);
  throw explain(paths, outcomes[0]?.refusal as NodeJS.ErrnoException);
}

/** Error of connecting to the path; `undefined` where a switch answers there. */
function refusalOf(path: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', resolve);
  });
}

function explain(
  paths: readonly string[],
  { code = '', message }: NodeJS.ErrnoException,
): StartError {
  const places = paths.join(' or ');
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new StartError(`no switch answers at ${places} (${code}); start one, or ${WHICH}`);
    case 'EACCES':
      return new StartError(`may not open ${places} (EACCES); run with sudo`);
    default:
      return new StartError(`${places}: ${message}`);
  }
}

/** A path with its parts encoded for a URL: `/v1/ports/eth0%40red`. */
export function resource(...parts: string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}

export function withQuery(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const item of [value ?? []].flat()) parameters.append(key, item);
  }
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/** @throws StartError where the switch ends in the middle */
async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    throw new StartError('the switch ended before its answer was whole');
  }
  return Buffer.concat(chunks).toString();
}
