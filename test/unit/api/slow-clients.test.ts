/** Checks for slow clients: they are made while there is a client, and only then. */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { checkWhileThereAreClients } from '../../../src/api/slow-clients';

const CHECK_MS = 20;
const HEADERS_PATIENCE_MS = 50;

describe('an HTTP server', () => {
  let server: Server & { connectionsCheckingInterval?: number };

  beforeEach(async () => {
    server = createServer({
      headersTimeout: HEADERS_PATIENCE_MS,
      connectionsCheckingInterval: CHECK_MS,
    });
    server.on('request', (_, response) => response.end());
    checkWhileThereAreClients(server, CHECK_MS);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function client(): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(server, 'connection');
    return socket;
  }

  test('makes no checks while it has no client', async () => {
    expect(server.connectionsCheckingInterval).toBeGreaterThan(1_000_000);
    const socket = await client();
    expect(server.connectionsCheckingInterval).toBe(CHECK_MS);
    const other = await client();
    socket.destroy();
    other.destroy();
    while (server.connectionsCheckingInterval === CHECK_MS) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.connectionsCheckingInterval).toBeGreaterThan(1_000_000);
  });

  test('ends a client that does not finish its headers, also after it had none', async () => {
    const first = await client();
    first.destroy();
    const slow = await client();
    slow.write('GET / HTTP/1.1\r\nHost: ');
    const [answer] = (await once(slow, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
    if (!slow.destroyed) await once(slow, 'close');
  });
});
