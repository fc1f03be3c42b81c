/** Messages of tapctl about a server that is not a switch, and about a switch that ends. */

import { mkdtempSync, rmSync } from 'node:fs';
import { type RequestListener, type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SwitchClient } from '../../../src/api/client';
import { SERVER_NAME } from '../../../src/api/server-name';
import { StartError } from '../../../src/system/start-error';

const OURS = { server: `${SERVER_NAME}0.1.0`, 'content-type': 'application/json' };

let folder = '';
let path = '';
let server: Server | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapswitch-client-'));
  path = join(folder, 'control.sock');
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Message of the error that a client of such a server throws. */
async function refusalBy(listener: RequestListener): Promise<unknown> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return new SwitchClient([path]).get('/v1/bridge').catch((error: unknown) => error);
}

describe('a server that is not a switch', () => {
  test.each<[string, RequestListener]>([
    ['a page', (_, response) => response.writeHead(200).end('<html></html>')],
    ['nothing', (_, response) => response.writeHead(204).end()],
    ['another place', (_, response) => response.writeHead(302, { location: '/' }).end()],
    ['an error of its own', (_, response) => response.writeHead(500).end('no')],
    ['null', (_, response) => response.writeHead(200, { server: 'other' }).end('null')],
  ])('that answers with %s is named', async (_, listener) => {
    const refusal = await refusalBy(listener);
    expect(refusal).toBeInstanceOf(StartError);
    expect((refusal as Error).message).toBe(
      `what answers at ${path} is no tapswitch; say which with --name or --control`,
    );
  });
});

describe('a switch that ends', () => {
  test('during an answer is reported as ended', async () => {
    const refusal = await refusalBy((_, response) => {
      response.writeHead(200, { ...OURS, 'content-length': 100 });
      response.write('{', () => response.destroy());
    });
    expect(refusal).toBeInstanceOf(StartError);
    expect((refusal as Error).message).toBe('the switch ended before its answer was whole');
  });

  test('before its answer is reported to have hung up', async () => {
    const refusal = await refusalBy((_, response) => response.destroy());
    expect(refusal).toBeInstanceOf(StartError);
    expect((refusal as Error).message).toBe(`${path}: socket hang up`);
  });
});
