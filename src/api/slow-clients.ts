/**
 * Checks of an HTTP server for slow clients. Node.js makes them at an interval, whether there is a client or
 * not, which would wake an idle switch once a second for nothing. So the interval is short only while there is
 * a client.
 *
 * Node.js starts the interval when the server listens, by a listener of its own (`setupConnectionsTracking`,
 * lib/_http_server.js). That listener is called again for another interval. Where there is none, the checks stay
 * as the server was made.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds from one check to the next while there is a client. */
export const CHECK_MS = 1_000;
/** The longest interval of a timer: 25 days. */
const NEVER_MS = 2 ** 31 - 1;

interface CheckingServer extends Server {
  connectionsCheckingInterval?: number;
}

/** Makes checks only while there is a client. Call it before the server listens. */
export function checkWhileThereAreClients(server: CheckingServer, checkMs = CHECK_MS): void {
  const [start] = server.listeners('listening') as (() => void)[];
  if (start === undefined || server.connectionsCheckingInterval === undefined) return;
  const clients = new Set<Socket>();
  const checkEvery = (intervalMs: number): void => {
    if (!server.listening || server.connectionsCheckingInterval === intervalMs) return;
    server.connectionsCheckingInterval = intervalMs;
    start.call(server);
  };
  server.connectionsCheckingInterval = NEVER_MS;
  server.on('connection', (socket: Socket) => {
    clients.add(socket);
    checkEvery(checkMs);
    socket.once('close', () => {
      clients.delete(socket);
      if (clients.size === 0) checkEvery(NEVER_MS);
    });
  });
}
