import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { MetricsServer } from '../../../src/api/metrics-server';
import { tcpAddress } from '../../../src/config/values/socket-address';
import type { Logger } from '../../../src/journal/logger';

/** A log that keeps its lines. */
function logOf(lines: string[]): Logger {
  const keep = (line: string): void => void lines.push(line);
  return { error: keep, warn: keep, info: keep, debug: keep };
}

/** Address of a port of the loopback interface that is in use while `use` runs. */
async function whileTaken(use: (address: string) => Promise<void>): Promise<void> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  await use(`127.0.0.1:${(other.address() as AddressInfo).port}`);
  other.close();
}

describe('the address for Prometheus', () => {
  test('is refused in one line where another program listens', () =>
    whileTaken(async (address) => {
      await expect(MetricsServer.listen(address, logOf([]))).rejects.toThrow(
        `--metrics ${address}: address already in use (EADDRINUSE); choose another address or port of this machine`,
      );
    }));

  test('is refused where it is not one of this machine', async () => {
    await expect(MetricsServer.listen('192.0.2.1:9101', logOf([]))).rejects.toThrow(
      '--metrics 192.0.2.1:9101: address not available (EADDRNOTAVAIL)',
    );
  });

  test('fails a scrape, and goes on, while there is no switch', async () => {
    let address = '';
    await whileTaken(async (free) => {
      address = await Promise.resolve(free);
    });
    const server = await MetricsServer.listen(address, logOf([]));
    for (let turn = 0; turn < 2; turn++) {
      const answer = await fetch(`http://${address}/metrics`);
      expect([answer.status, await answer.text()]).toEqual([500, 'there is no switch yet\n']);
    }
    server.close();
  });

  test.each([
    'localhost:9101',
    '9101',
    '127.0.0.1',
    '127.0.0.1:0',
    '/run/metrics.sock',
    '::1:9101',
  ])('is an IP address with a port, not %s', (text) => {
    expect(() => tcpAddress.fromText(text)).toThrow('expected an IP address with a port');
  });

  test('has one form', () => {
    expect(tcpAddress.fromText('[2001:DB8::0:1]:9101')).toBe('[2001:db8::1]:9101');
  });
});
