/** Programs of docs/hooks.md between real TCP clients and servers. `unit/hooks/examples.test.ts` has each one in memory. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { until } from './support/until';

const EXAMPLES = join(__dirname, '../../examples/hooks');

/** Prints the status, the place of a redirect and the text of a page, each on a line. */
const FETCH = `
fetch(process.argv[1], { redirect: 'manual' }).then(async (page) => {
  console.log(page.status + '\\n' + (page.headers.get('location') ?? '') + '\\n' + (await page.text()));
});`;

interface Page {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}

async function fetchFrom(host: Host, url: string): Promise<Page> {
  const printed = await host.mustRun([process.execPath, '-e', FETCH, url]);
  const [status, location = '', text = ''] = printed.split('\n');
  return { status: Number(status), location, text };
}

/** A constant of the portal. */
function portalOf(key: 'ip' | 'mac'): string {
  const source = readFileSync(join(EXAMPLES, 'portal.mjs'), 'utf8');
  return new RegExp(`PORTAL = \\{.*${key}: '([^']+)'`).exec(source)?.[1] as string;
}

describeNetns('the hook', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('portal redirects a real web client until it has accepted', async () => {
    const [guest, server, portal] = await lab.hosts(3);
    const file = join(EXAMPLES, 'portal.mjs');
    const portalPort = portal.port().replace(portal.mac, portalOf('mac'));
    const guestPort = `guest0@${guest.netns}`;
    await lab.startSwitch('--hook', file, guestPort, server.port(), portalPort);
    await guest.ip(`address add ${guest.ipv4}/24 dev guest0`);
    await server.address();
    await portal.ip(`address add ${portalOf('ip')}/24 dev eth0`);
    const welcome = `http://${portalOf('ip')}/welcome`;
    await server.startReady('web_server.py', 'server');
    await portal.startReady('web_server.py', 'portal', welcome);

    const page = (path: string) => fetchFrom(guest, `http://${server.ipv4}${path}`);
    const redirect = { status: 302, location: welcome, text: 'portal /news' };
    expect(await page('/news')).toEqual(redirect);
    expect(await fetchFrom(guest, welcome)).toMatchObject({ status: 200, text: 'portal /welcome' });
    expect(await page('/news')).toEqual(redirect);
    expect(await guest.reaches(server.ipv4)).toBe(false);

    // The guest asks the server, and the portal answers to the end of this connection.
    expect(await page('/accept')).toMatchObject({ status: 200, text: 'portal /accept' });
    expect(await page('/news')).toEqual({ status: 200, location: '', text: 'server /news' });
    expect(await fetchFrom(guest, welcome)).toMatchObject({ text: 'portal /welcome' });
    expect(await guest.reaches(server.ipv4)).toBe(true);
  });

  test('third-syn loses the third SYN of a real client, which sends it again', async () => {
    const [client, server] = await lab.hosts(2);
    await lab.connect([client, server], '--hook', join(EXAMPLES, 'third-syn.mjs'));
    await server.startReady('web_server.py', 'server');
    const syns = await server.capture('tcp[tcpflags] == tcp-syn and dst port 80');
    for (const path of ['/1', '/2', '/3', '/4']) {
      const text = `server ${path}`;
      expect(await fetchFrom(client, `http://${server.ipv4}${path}`)).toMatchObject({ text });
    }
    // The client has sent one SYN twice, and only the second one has come.
    expect(await retransmittedSyns(client)).toBe(1);
    await until(() => syns.frames.length >= 4, 'four SYNs');
    await syns.stop();
    const sourcePorts = syns.frames.map((hex) => hex.slice(2 * 34, 2 * 36));
    expect(new Set(sourcePorts).size).toBe(4);
    expect(sourcePorts).toHaveLength(4);
  });
});

/** Value of TCPSynRetrans of a host. */
async function retransmittedSyns(host: Host): Promise<number> {
  const lines = (await host.mustRun(['cat', '/proc/net/netstat'])).split('\n');
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('TCPSynRetrans')]);
}
