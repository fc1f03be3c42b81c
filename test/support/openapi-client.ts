/**
 * The linter of OpenAPI documents, and a client of the control API made from its document as a user makes one: types by
 * openapi-typescript, calls by openapi-fetch. `tsc` checks it in its strictest form.
 */

import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const ROOT = join(__dirname, '../..');
const run = promisify(execFile);

/** A program that uses one call of each sort. It writes what it got as JSON. */
const PROGRAM = `
import { request } from 'node:http';
import createClient from 'openapi-fetch';
import type { components, paths } from './api';

const [socketPath = '', port = ''] = process.argv.slice(2);

/** Sends a request over the control socket: Node's own fetch cannot. */
async function overSocket(asked: Request): Promise<Response> {
  const body = asked.body === null ? undefined : await asked.text();
  const { pathname, search } = new URL(asked.url);
  return new Promise((resolve, reject) => {
    const headers = Object.fromEntries(asked.headers);
    const options = { socketPath, path: pathname + search, method: asked.method, headers };
    const sent = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { statusCode = 0 } = answer;
        const type = answer.headers['content-type'] ?? '';
        const text = statusCode === 204 ? null : Buffer.concat(chunks).toString();
        resolve(new Response(text, { status: statusCode, headers: { 'content-type': type } }));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function main(): Promise<void> {
  const client = createClient<paths>({ baseUrl: 'http://switch', fetch: overSocket });
  const mac = '02:00:00:00:ab:01';
  const bridge = await client.GET('/v1/bridge');
  const one = await client.GET('/v1/ports/{port}', { params: { path: { port } } });
  const named: components['schemas']['Port'] | undefined = one.data;
  await client.POST('/v1/fdb', { body: { mac, port, kind: 'static' } });
  const stations = await client.GET('/v1/fdb', { params: { query: { port } } });
  const mine = stations.data?.find((station) => station.mac === mac);
  const removed = await client.DELETE('/v1/fdb', { params: { query: { mac } } });
  const refused = await client.POST('/v1/fdb', { body: { mac, port: 'none9' } });
  const problem: string | undefined = refused.error?.detail;
  // A misspelled key does not compile.
  // @ts-expect-error
  const body: components['schemas']['NewStation'] = { mac, prot: port };
  void body;
  console.log(
    JSON.stringify({
      pid: bridge.data?.pid,
      port: named?.port,
      station: [mine?.port, mine?.state],
      removed: removed.data?.removed,
      problem,
    }),
  );
}

void main();
`;

/** The parts of an answer that the program prints. */
export interface ClientReport {
  readonly pid: number;
  readonly port: string;
  readonly station: readonly [port: string, state: string];
  readonly removed: number;
  readonly problem: string;
}

/** What Redocly's recommended rules say of a document, errors and warnings: `rule at place`. */
export async function lintOpenApi(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  return problems.map(({ ruleId, location: [place] }) => `${ruleId} at ${place?.pointer}`);
}

/**
 * Makes the client in a folder, compiles it and runs it.
 * @throws where the document, the types or the program has an error; the message shows it
 */
export async function runOpenApiClient(
  folder: string,
  document: string,
  socketPath: string,
  port: string,
): Promise<ClientReport> {
  writeFileSync(join(folder, 'openapi.json'), document);
  writeFileSync(join(folder, 'client.ts'), PROGRAM);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const inFolder = { cwd: folder };
  const bin = (name: string): string => join(ROOT, 'node_modules', name);
  await run(
    process.execPath,
    [bin('openapi-typescript/bin/cli.js'), 'openapi.json', '-o', 'api.ts'],
    inFolder,
  );
  await compile(folder, bin('typescript/bin/tsc'));
  const { stdout } = await run(process.execPath, ['client.js', socketPath, port], inFolder);
  return JSON.parse(stdout) as ClientReport;
}

async function compile(folder: string, tsc: string): Promise<void> {
  const options = [
    ...['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
    ...['--target', 'es2022', '--module', 'preserve', '--moduleResolution', 'bundler'],
    ...['--skipLibCheck', '--types', 'node'],
  ];
  try {
    await run(process.execPath, [tsc, ...options, 'client.ts'], { cwd: folder });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}
