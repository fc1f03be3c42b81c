/** The control API of a running switch: its answers, its refusals, and hostile requests. */

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeNetns } from './describe-netns';
import { type Answer, ControlClient } from './support/control-client';
import type { Host } from './support/host';
import { lintOpenApi, runOpenApiClient } from '../support/openapi-client';
import { Lab } from './support/lab';
import type { SwitchProcess } from './support/switch-process';

const PROBLEM = 'application/problem+json';

/** Link-local address of a MAC: RFC 4291 appendix A. */
function linkLocalOf({ mac }: { readonly mac: string }): string {
  const [a = '', b, c, d, e, f] = mac.split(':');
  const first = (Number.parseInt(a, 16) ^ 2).toString(16);
  return `fe80::${first}${b}:${c}ff:fe${d}:${e}${f}`;
}

describeNetns('the control API', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-api-'));
  const api = new ControlClient(join(folder, 'control.sock'));
  let hosts: [Host, Host];
  let running: SwitchProcess;

  beforeAll(async () => {
    hosts = await lab.hosts(2);
    running = await lab.connect(hosts, '--control', api.path, '--address', '192.0.2.100/24');
    await hosts[0].reaches(hosts[1].ipv4);
  });
  afterAll(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const detail = ({ body }: Answer): string => (body as { detail: string }).detail;

  test('is for the owner and the group of the socket', () => {
    expect(statSync(api.path).mode & 0o777).toBe(0o660);
  });

  test('shows the bridge', async () => {
    const { status, body } = await api.get('/v1/bridge');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      pid: running.process.pid,
      addresses: [{ address: '192.0.2.100', state: 'claimed' }],
      fdb: { dynamic: 2, static: 0, max: 65536, ageing: 300 },
      ports: [
        { port: hosts[0].label, state: 'up', mtu: 1500 },
        { port: hosts[1].label, state: 'up', mtu: 1500 },
      ],
    });
  });

  test('refuses a name that no URL can have, and adds nothing', async () => {
    const portsBefore = (await api.get('/v1/ports')).body;
    for (const name of ['q\ud800', 'n0\0a']) {
      expect(await api.post('/v1/ports', { name })).toMatchObject({ status: 400 });
    }
    expect((await api.get('/v1/ports')).body).toEqual(portsBefore);
  });

  test('knows a port whose namespace has a long path', async () => {
    const { netns } = await lab.host({ isQuiet: true });
    const path = `/run/netns/${'./'.repeat(400)}${netns}`;
    const url = `/v1/ports/${encodeURIComponent(`long0@${path}`)}`;
    expect(await api.post('/v1/ports', { name: 'long0', netns: path })).toMatchObject({
      status: 201,
    });
    expect(await api.get(url)).toMatchObject({ status: 200, body: { port: `long0@${path}` } });
    expect(await api.delete(url)).toMatchObject({ status: 204 });
  });

  test('explains what is wrong with an invalid URL', async () => {
    expect(await api.get('/v1/ports/%ff')).toMatchObject({
      status: 400,
      contentType: expect.stringContaining(PROBLEM),
    });
  });

  test.each([
    ['PUT', '/v1/fdb', 'DELETE, GET, HEAD, POST'],
    ['POST', '/v1/ports/tap0?x=1', 'DELETE, GET, HEAD, PATCH'],
    ['DELETE', '/metrics', 'GET, HEAD'],
    ['GET', '/v1/reload', 'POST'],
    ['OPTIONS', '/v1/openapi.json', 'GET, HEAD'],
  ])('names the methods of a path that has no %s: %s', async (method, url, allow) => {
    const refused = await api.ask(method, url);
    expect(refused).toMatchObject({ status: 405, allow });
    expect(refused.contentType).toContain(PROBLEM);
    expect(detail(refused)).toBe(`${method} ${url}: no such method; this path has ${allow}`);
  });

  test('shows one port, and names the existing ones if there is no such port', async () => {
    const { label } = hosts[0];
    expect(await api.get(`/v1/ports/${encodeURIComponent(label)}`)).toMatchObject({
      status: 200,
      body: { id: 0, port: label, state: 'up', mtu: 1500, offload: true, trusted: false },
    });
    const refused = await api.get('/v1/ports/tap9');
    expect(refused).toMatchObject({ status: 404, contentType: expect.stringContaining(PROBLEM) });
    expect(detail(refused)).toBe(
      `no port tap9; the ports are: ${hosts[0].label}, ${hosts[1].label}`,
    );
  });

  test('shows the forwarding database with the keys of `bridge -s -j fdb show`', async () => {
    const { body } = await api.get('/v1/fdb');
    const entries = body as Record<string, unknown>[];
    expect(entries.map(({ mac, ifname }) => [mac, ifname]).sort()).toEqual(
      hosts.map(({ mac, label }) => [mac, label]),
    );
    expect(Object.keys(entries[0] ?? {}).sort()).toEqual(
      ['mac', 'port', 'ifname', 'flags', 'master', 'state', 'used', 'updated'].sort(),
    );
    const onPort = await api.get(`/v1/fdb?port=${encodeURIComponent(hosts[1].label)}`);
    expect(onPort.body).toMatchObject([{ mac: hosts[1].mac }]);
    expect((await api.get('/v1/fdb?vlan=7')).body).toEqual([]);
  });

  test('adds, replaces and removes entries', async () => {
    const mac = '02:00:00:00:aa:01';
    const find = async () =>
      ((await api.get('/v1/fdb')).body as { mac: string }[]).find((entry) => entry.mac === mac);
    const port = hosts[0].label;
    expect((await api.post('/v1/fdb', { mac, port })).status).toBe(204);
    expect(await find()).toMatchObject({ ifname: port, state: 'static', flags: [] });
    await api.post('/v1/fdb', { mac, port: hosts[1].label, kind: 'sticky' });
    expect(await find()).toMatchObject({ ifname: hosts[1].label, state: '', flags: ['sticky'] });
    expect((await api.delete(`/v1/fdb?mac=${mac}`)).body).toEqual({ removed: 1 });
    expect(await find()).toBeUndefined();
    expect((await api.delete(`/v1/fdb?mac=${mac}`)).status).toBe(404);
  });

  test('flushes learned entries, on one port or on all', async () => {
    await hosts[0].reaches(hosts[1].ipv4);
    const port = encodeURIComponent(hosts[0].label);
    expect((await api.delete(`/v1/fdb?port=${port}`)).body).toEqual({ removed: 1 });
    expect((await api.delete('/v1/fdb')).body).toEqual({ removed: 1 });
    expect(await hosts[0].reaches(hosts[1].ipv4)).toBe(true);
  });

  test('adds an address, for which the switch then answers, and removes it', async () => {
    const added = await api.post('/v1/addresses', { address: '192.0.2.101/24' });
    expect(added).toMatchObject({ status: 201 });
    expect(await hosts[0].ping('192.0.2.101', '-c', '1', '-W', '3')).toMatchObject({ received: 1 });
    expect((await api.post('/v1/addresses', { address: '192.0.2.101/24' })).status).toBe(409);
    expect((await api.delete('/v1/addresses?address=192.0.2.101/24')).status).toBe(204);
    expect((await api.delete('/v1/addresses?address=192.0.2.101/24')).status).toBe(404);
  });

  test('binds no address of the switch, and claims no bound address', async () => {
    const mac = '02:00:00:00:aa:01';
    const bind = (address: string) => api.post('/v1/neighbours', { address, mac });
    /** The bindings without their ages, which grow while the test runs. */
    const bindings = async (): Promise<object[]> => {
      const all = (await api.get('/v1/neighbours')).body as { readonly updated?: number }[];
      return all.map((binding) => ({ ...binding, updated: undefined }));
    };
    const before = await bindings();
    const own = await bind('192.0.2.100');
    expect(own.status).toBe(409);
    expect(detail(own)).toBe(
      'neigh: 192.0.2.100: an address of the switch itself; bind the address of another host',
    );
    const linkLocal = await bind(
      linkLocalOf((await api.get('/v1/bridge')).body as { mac: string }),
    );
    expect(linkLocal.status).toBe(409);
    expect(detail(linkLocal)).toMatch(/^neigh: fe80::\S+: the link-local address of the switch /);
    expect(await bindings()).toEqual(before);

    expect((await bind('192.0.2.103')).status).toBe(204);
    const bound = await api.post('/v1/addresses', { address: '192.0.2.103/24' });
    expect(bound.status).toBe(409);
    expect(detail(bound)).toBe(
      `address: 192.0.2.103: bound to ${mac} by a static entry; remove it first: tapctl neigh del 192.0.2.103`,
    );
    expect((await api.delete('/v1/neighbours?address=192.0.2.103')).status).toBe(200);
  });

  test('removes an address only with its own prefix length', async () => {
    const refused = await api.delete('/v1/addresses?address=192.0.2.100/25');
    expect(refused).toMatchObject({ status: 404, contentType: expect.stringContaining(PROBLEM) });
    expect(detail(refused)).toBe('192.0.2.100/25 is no address of the switch; 192.0.2.100/24 is');
    expect(await hosts[0].reaches('192.0.2.100')).toBe(true);
    const bare = await api.delete('/v1/addresses?address=192.0.2.100');
    expect(bare.status).toBe(400);
    expect(detail(bare)).toMatch(/^address: expected the address of a host with its prefix length/);
  });

  test('has the counters of the ports', async () => {
    const { body } = await api.get('/v1/stats');
    const { total, ports } = body as {
      total: { counters: Record<string, number> };
      ports: { port: string; counters: Record<string, number> }[];
    };
    const [a, b] = ports.map(({ counters }) => counters);
    expect(total.counters['rx-frames']).toBe(
      (a?.['rx-frames'] ?? Number.NaN) + (b?.['rx-frames'] ?? Number.NaN),
    );
    const one = await api.get(`/v1/stats?port=${encodeURIComponent(hosts[0].label)}`);
    expect(one.body).toMatchObject({ ports: [{ port: hosts[0].label }] });
  });

  test('traces a frame, and changes nothing', async () => {
    const [a, b] = hosts;
    await a.reaches(b.ipv4);
    const stranger = '02:00:00:00:aa:99';
    const frame = `${b.mac} ${stranger} 88b5`;
    const { status, body } = await api.post('/v1/trace', { port: a.label, frame });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        steps: [
          `14 bytes come from ${a.label}: ${stranger} to ${b.mac}, type 0x88b5, another protocol`,
          `${stranger} is learned on ${a.label}`,
          `it leaves from ${b.label}`,
        ],
        egress: [b.label],
        drops: [],
      },
    });
    expect((await api.get('/v1/fdb')).text).not.toContain(stranger);
    expect(await api.post('/v1/trace', { port: a.label, frame: 'xyz' })).toMatchObject({
      status: 400,
    });
  });

  test('serves its own description with every route', async () => {
    const { body, text } = await api.get('/v1/openapi.json');
    const { openapi, paths } = body as { openapi: string; paths: Record<string, object> };
    expect(openapi).toBe('3.1.0');
    expect(await lintOpenApi(text)).toEqual([]);
    expect(paths).toMatchObject({
      '/v1/bridge': { get: {} },
      '/v1/ports': { get: {}, post: {} },
      '/v1/ports/{port}': { get: {}, patch: {}, delete: {} },
      '/v1/config': { get: {} },
      '/v1/reload': { post: {} },
      '/v1/fdb': { get: {}, post: {}, delete: {} },
      '/v1/addresses': { get: {}, post: {}, delete: {} },
      '/v1/stats': { get: {} },
      '/v1/events': { get: {} },
      '/v1/capture': { get: {} },
      '/v1/trace': { post: {} },
      '/metrics': { get: {} },
    });
  });

  test('has a typed client, made from its description', async () => {
    const { text } = await api.get('/v1/openapi.json');
    const { label } = hosts[1];
    expect(await runOpenApiClient(folder, text, api.path, label)).toEqual({
      pid: running.process.pid,
      port: label,
      station: [label, 'static'],
      removed: 1,
      problem: `no port none9; the ports are: ${hosts[0].label}, ${label}`,
    });
  });

  test('accepts the label of a port from its own answer', async () => {
    const { netns } = await lab.host({ isQuiet: true });
    const port = `word0@${netns}`;
    const added = await api.post('/v1/ports', { port, mtu: 1400 });
    expect(added).toMatchObject({ status: 201, body: { port, mtu: 1400 } });
    expect(await api.delete(`/v1/ports/${encodeURIComponent(port)}`)).toMatchObject({
      status: 204,
    });
    expect(await api.post('/v1/ports', { port: 'x', name: 'x' })).toMatchObject({ status: 400 });
    expect(await api.post('/v1/ports', { port: 'nix:x' })).toMatchObject({ status: 400 });
  });

  test.each([
    ['a wrong MAC', { mac: 'x', port: 'tap0' }, /^mac: expected the MAC address of one station/],
    ['a group', { mac: '01:00:5e:00:00:01', port: 'tap0' }, /^mac: .*a group address or zero$/],
    ['no port', { mac: '02:00:00:00:00:01' }, /^port: expected a port.*got nothing$/],
    ['a number for a port', { mac: '02:00:00:00:00:01', port: 1 }, /^port: expected a port.*got 1/],
    ['a wrong kind', { mac: '02:00:00:00:00:01', port: 'tap0', kind: 'x' }, /^kind: expected st/],
    [
      'a VLAN',
      { mac: '02:00:00:00:00:01', port: 'tap0', vlan: 4095 },
      /^vlan: expected a whole number from 0 to 4094, got 4095/,
    ],
    [
      'a wrong key',
      { mac: '02:00:00:00:00:01', port: 'tap0', prot: 1 },
      /^prot: no such key; did you mean port\?$/,
    ],
    ['a list', [], /^expected a mapping, got an empty list$/],
    ['nothing', null, /^expected a mapping, got nothing$/],
  ])('refuses %s in a body, and names the field', async (_, body, reason) => {
    const refused = await api.post('/v1/fdb', body);
    expect(refused).toMatchObject({ status: 400, contentType: expect.stringContaining(PROBLEM) });
    expect(detail(refused)).toMatch(reason);
  });

  test.each([
    ['no JSON', '{"mac":', 'application/json', 400],
    ['another type', 'mac=1', 'application/x-www-form-urlencoded', 415],
    ['text', 'mac', 'text/plain', 415],
    ['a body of 100 kB', JSON.stringify({ mac: 'x'.repeat(1e5) }), 'application/json', 413],
    ['a prototype', '{"__proto__":{"port":"tap0"}}', 'application/json', 400],
  ])('refuses %s', async (_, text, type, status) => {
    const refused = await api.ask('POST', '/v1/fdb', text, type);
    expect(refused).toMatchObject({ status, contentType: expect.stringContaining(PROBLEM) });
  });

  test.each([
    ['DELETE', '/v1/fdb?mac=02:00:00:00:aa:77', 404],
    ['DELETE', '/v1/neighbours?address=192.0.2.77', 404],
    ['DELETE', '/v1/addresses?address=192.0.2.77/24', 404],
    ['DELETE', '/v1/ports/tap9', 404],
    ['DELETE', '/v1/neighbours', 200],
    ['POST', '/v1/reload', 409],
    ['POST', '/v1/fdb', 400],
    ['PATCH', '/v1/ports/tap9', 400],
  ])('answers %s %s with the type of a body but without a body', async (how, url, status) => {
    const answer = await api.ask(how, url, '');
    expect(answer.status).toBe(status);
    const missed = 'expected a mapping, got nothing';
    expect(answer.text.includes(missed)).toBe(status === 400);
  });

  test.each([
    ['none', '', 'none'],
    ['that of a form', 'Content-Type: application/x-www-form-urlencoded\r\n', /x-www-form-u/],
    ['text', 'Content-Type: text/plain\r\n', 'text/plain'],
  ])('names the media type that a body must have, if it has %s', async (_, header, shown) => {
    const request =
      'POST /v1/fdb HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' +
      `${header}Content-Length: 2\r\n\r\n{}`;
    const answer = await api.raw(request, false);
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
    expect(answer).toContain('expected a body of type application/json, got ');
    expect(answer).toContain('send Content-Type: application/json');
    expect(answer).toMatch(shown);
  });

  test('answers HEAD for each path of GET, with the same headers and no body', async () => {
    const { body } = await api.get('/v1/openapi.json');
    const { paths } = body as { paths: Record<string, object> };
    const port = encodeURIComponent(hosts[0].label);
    const endless = ['/v1/events', '/v1/capture'];
    const readable = Object.keys(paths).filter((path) => 'get' in (paths[path] ?? {}));
    expect(readable).toEqual(expect.arrayContaining([...endless, '/metrics', '/v1/fdb']));
    for (const path of ['/v1/openapi.json', ...readable]) {
      const url = path.replace('{port}', port);
      const head = await api.ask('HEAD', url);
      expect({ url, status: head.status, text: head.text }).toEqual({ url, status: 200, text: '' });
      if (endless.includes(path)) continue;
      expect(head.contentType).toBe((await api.get(url)).contentType);
    }
    expect(await api.ask('HEAD', '/v1/no')).toMatchObject({ status: 404, allow: undefined });
    // HEAD starts no stream: more requests than the limit of readers are answered.
    for (let asked = 0; asked < 20; asked++) {
      expect((await api.ask('HEAD', '/v1/capture')).status).toBe(200);
    }
    expect((await api.ask('HEAD', '/v1/capture?count=x')).status).toBe(400);
  });

  test.each([
    ...['/v1/fdb?vlan=x', '/v1/fdb?vlan=5000', '/v1/fdb?vlan=1&vlan=2', '/v1/fdb?x=1'],
    ...['/v1/ports?x=1', '/v1/bridge?x=1', '/v1/events?x=1', '/v1/openapi.json?x=1'],
  ])('refuses %s', async (url) => {
    expect(await api.get(url)).toMatchObject({ status: 400 });
  });

  test('names the keys of a port that contradict each other, and changes none', async () => {
    const url = `/v1/ports/${encodeURIComponent(hosts[0].label)}`;
    const { body } = await api.get(url);
    const refused = await api.patch(url, { vlan: 10, trunk: '20' });
    expect(refused).toMatchObject({ status: 400 });
    expect(detail(refused)).toBe('vlan and trunk: a port has one of them; leave the others out');
    expect(await api.get(url)).toMatchObject({ status: 200, body });
  });

  describe('endures', () => {
    const statuses = (text: string): number[] =>
      [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

    test('bytes that are no request', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
          expect(statuses(await api.raw(bytes)).every((status) => status === 400)).toBe(true);
        }),
        { numRuns: 100 },
      );
    });

    test('any body on any resource', async () => {
      const resource = fc.constantFrom('/v1/fdb', '/v1/addresses', '/v1/ports', '/v1/bridge');
      const method = fc.constantFrom('POST', 'PATCH', 'PUT', 'DELETE');
      await fc.assert(
        fc.asyncProperty(resource, method, fc.json(), async (url, how, text) => {
          // A flush is a valid request with any body, and nearly every text is a valid name of a
          // port.
          fc.pre(!(url === '/v1/fdb' && how === 'DELETE'));
          fc.pre(!(url === '/v1/ports' && text.startsWith('"')));
          const { status } = await api.ask(how, url, text);
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        }),
        { numRuns: 300 },
      );
    });

    test('any path', async () => {
      await fc.assert(
        fc.asyncProperty(fc.webPath(), async (path) => {
          const { status } = await api.get(`/v1${path || '/'}`);
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        }),
        { numRuns: 200 },
      );
    });

    test('pipelined requests, each of which is answered, in order', async () => {
      const ask = (url: string): string => `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`;
      const urls = Array.from({ length: 200 }, (_, index) => (index % 2 ? '/v1/bridge' : '/v1/no'));
      const last = 'GET /v1/no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
      const answers = statuses(await api.raw(urls.map(ask).join('') + last, false));
      expect(answers).toEqual([...urls.map((url) => (url === '/v1/no' ? 404 : 200)), 404]);
    });

    test('headers without end', async () => {
      const answer = await api.raw(`GET /v1/bridge HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`);
      expect(statuses(answer)).toEqual([431]);
    });

    test('more connections than it serves, most of which send nothing', async () => {
      const half = 'POST /v1/fdb HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{';
      await Promise.all(Array.from({ length: 200 }, () => api.raw(half)));
      expect((await api.get('/v1/bridge')).status).toBe(200);
    });

    test('all of that and goes on', async () => {
      expect(running.process.isRunning).toBe(true);
      expect((await api.get('/v1/bridge')).status).toBe(200);
      expect(await hosts[0].reaches(hosts[1].ipv4)).toBe(true);
    });

    test('all of that without growing', async () => {
      const residentKb = (): number =>
        Number(
          /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running.process.pid}/status`, 'utf8'))?.[1],
        );
      const rude = async (): Promise<void> => {
        for (let round = 0; round < 10; round++) {
          await Promise.all([
            ...Array.from({ length: 20 }, () => api.raw('\0\x01\x02')),
            ...Array.from({ length: 20 }, () => api.ask('POST', '/v1/fdb', 'x'.repeat(60_000))),
          ]);
        }
      };
      for (let time = 0; time < 4; time++) await rude();
      const before = residentKb();
      for (let time = 0; time < 4; time++) await rude();
      // 100 MB of bodies have passed since then. Less than half of that may wait for the garbage collector.
      expect(residentKb() - before).toBeLessThan(48 * 1024);
    });
  });
});
