/** The Switch of `startSwitch`: tables, captures, events and errors, as a program uses them. None of it needs root. */

import { describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { runProgram, valuesOf } from './support/program';

const NO_PORT = /^no port nix; the ports are: script:a, script:b$/;

/** A wrong call, and the error that it throws. */
type Refusal = readonly [call: string, name: string, code: string, message: RegExp];
const REFUSALS: readonly Refusal[] = [
  ["ports.get('nix')", 'RequestError', 'ERR_NO_SUCH_PORT', NO_PORT],
  ["ports.set('nix', {})", 'RequestError', 'ERR_NO_SUCH_PORT', NO_PORT],
  ["ports.remove('nix')", 'RequestError', 'ERR_NO_SUCH_PORT', NO_PORT],
  ["stats({ port: 'nix' })", 'RequestError', 'ERR_NO_SUCH_PORT', NO_PORT],
  ["capture({ ports: 'nix' })", 'RequestError', 'ERR_NO_SUCH_PORT', NO_PORT],
  ["stations.list({ port: 'nix' })", 'RequestError', 'ERR_NO_SUCH_PORT', NO_PORT],
  ["ports.add('lo')", 'StartError', 'ERR_REFUSED', /^lo: /],
  [
    'ports.add()',
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^expected a port as text or as a mapping, got /,
  ],
  [
    'ports.add(5)',
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^expected a port as text or as a mapping, got /,
  ],
  ["ports.set('script:a', { mtu: 'x' })", 'InvalidRequest', 'ERR_INVALID_VALUE', /^mtu: expected/],
  ["ports.set('script:a', 5)", 'InvalidRequest', 'ERR_INVALID_VALUE', /^expected a mapping, got 5/],
  ['stations.add()', 'InvalidRequest', 'ERR_INVALID_VALUE', /^mac: expected .*; port: expected/],
  [
    "stations.add({ mac: 'x', port: 'script:a' })",
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^mac: expected/,
  ],
  [
    "stations.remove('02:00:00:00:00:09')",
    'RequestError',
    'ERR_NOT_FOUND',
    /is not in the forwarding database$/,
  ],
  ['stations.remove()', 'InvalidRequest', 'ERR_INVALID_VALUE', /^mac: expected .* got nothing$/],
  [
    "neighbours.remove('192.0.2.99')",
    'RequestError',
    'ERR_NOT_FOUND',
    /is not in the neighbour table$/,
  ],
  ["addresses.add('192.0.2.1')", 'InvalidRequest', 'ERR_INVALID_VALUE', /^address: expected/],
  [
    "addresses.remove('192.0.2.1/24')",
    'RequestError',
    'ERR_NOT_FOUND',
    /is no address of the switch$/,
  ],
  ["mirrors.remove('m9')", 'RequestError', 'ERR_NOT_FOUND', /is no mirror of this switch$/],
  ["hooks.remove('h9')", 'RequestError', 'ERR_NOT_FOUND', /^h9 is no hook of this switch$/],
  ["hooks.reload('h9')", 'RequestError', 'ERR_NOT_FOUND', /^h9 is no hook of this switch$/],
  [
    "hooks.add({ file: 'h9.mjs' })",
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^file: expected an absolute path: /,
  ],
  [
    'hooks.add()',
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^file: expected the file of a JavaScript module, .* got nothing$/,
  ],
  [
    "hooks.add({ file: '/nowhere/h9.mjs' })",
    'RequestError',
    'ERR_CONFLICT',
    /^hook: .*: there is no such file$/,
  ],
  ["capture({ filter: '((' })", 'InvalidRequest', 'ERR_INVALID_VALUE', /^filter: /],
  ['capture({ snaplen: 1 })', 'InvalidRequest', 'ERR_INVALID_VALUE', /^snaplen: expected/],
  [
    "trace({ port: 'script:a', frame: 'xy' })",
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^frame: expected/,
  ],
  ...['get(7)', 'set(undefined, {})', 'remove({})', 'stream(Symbol.iterator)'].map(
    (call): Refusal => [
      `ports.${call}`,
      'InvalidRequest',
      'ERR_INVALID_VALUE',
      /^port: expected a port: \[KIND:\]NAME\[@NETNS\], got /,
    ],
  ),
  ['capture(null)', 'InvalidRequest', 'ERR_INVALID_VALUE', /^expected a mapping, got nothing$/],
  ["capture('script:a')", 'InvalidRequest', 'ERR_INVALID_VALUE', /^expected a mapping, got "/],
  [
    'capture({ ports: 7 })',
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^ports(\[0\])?: expected a port/,
  ],
  [
    "capture({ port: 'script:a' })",
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^port: no such key; did you mean ports\?$/,
  ],
  // These calls have a VID in place of a mapping with `vlan`.
  ...[
    "stations.remove('02:00:00:00:00:09', 10)",
    "neighbours.remove('192.0.2.99', 10)",
    "addresses.add('192.0.2.1/24', 10)",
    "addresses.remove('192.0.2.1/24', 10)",
    'groups.remove(10)',
  ].map((call): Refusal => [
    call,
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^expected a mapping, got 10$/,
  ]),
  [
    "on('lern', () => {})",
    'InvalidRequest',
    'ERR_INVALID_VALUE',
    /^lern: no such event; did you mean learn\?$/,
  ],
];

describeNetns('the Switch of startSwitch', () => {
  test('adds, shows, changes and removes ports', async () => {
    const [added, labels, changed, left, socket] = await valuesOf(`
      const [running] = await scripted(['a', 'b']);
      const { ports } = running;
      const wire = '/tmp/tapswitch-' + process.pid + '.sock';
      const added = await ports.add('stream:' + wire + ',isolated');
      print([added.kind, added.isolated, added.state]);
      print((await ports.list()).map(({ port }) => port === 'stream:' + wire ? 'stream' : port));
      print((await ports.set('script:a', { isolated: true, 'storm-broadcast': 100 }))['storm-broadcast']);
      await ports.remove('stream:' + wire);
      print((await ports.list()).length);
      print((await ports.add({ port: 'stream:127.0.0.1:0', connect: true }).catch(({ code }) => code)).kind ?? 'refused');
      await running.stop();
    `);
    expect([added, changed, left]).toEqual([['stream', true, 'down'], 100, 2]);
    expect(labels).toEqual(['script:a', 'script:b', 'stream']);
    expect(socket).toBeDefined();
  });

  test('has the tables of the API', async () => {
    const values = await valuesOf(`
      const [running, a] = await scripted(['a', 'b'], { 'vlan-filtering': true, 'mcast-snooping': true });
      const { stations, neighbours, addresses, vlans, mirrors, groups } = running;
      const folder = await mkdtemp(join(tmpdir(), 'tapswitch-library-'));
      a.write(between(7));
      await until(async () => (await stations.list()).length === 1);
      await stations.add({ mac: macOf(8), port: 'script:b', vlan: 1 });
      print((await stations.list({ port: 'script:b' })).map(({ mac, port, state }) => [mac, port, state]));
      await stations.remove(macOf(8), { vlan: 1 });
      print([await stations.flush(), (await stations.list()).length]);

      await neighbours.add({ address: '192.0.2.7', mac: macOf(7) });
      print((await neighbours.list()).map(({ dst, lladdr, state }) => [dst, lladdr, state]));
      await neighbours.remove('192.0.2.7');
      print([await neighbours.flush(), await neighbours.list()]);

      await addresses.add('192.0.2.1/24');
      await addresses.add('198.51.100.1/24');
      print((await addresses.list()).map(({ address }) => address));
      await addresses.remove('192.0.2.1/24');
      print([await addresses.flush(), await addresses.list()]);

      await vlans.add({ port: 'script:b', vid: '10-20' });
      print((await vlans.list({ port: 'script:b' }))[0].vlans);
      await vlans.remove({ port: 'script:b', vid: '10-20' });
      print((await vlans.list({ port: 'script:b' }))[0].vlans.length);

      await mirrors.add({ name: 'm1', from: ['script:a'], to: 'script:b', filter: 'arp', shared: true });
      print((await mirrors.list()).map(({ name, from, to, filter }) => [name, from, to, filter]));
      await mirrors.remove('m1');
      print(await mirrors.list());

      await running.impairments.add({ port: 'script:a', direction: 'in', words: 'loss 1%' });
      print((await running.impairments.list()).map(({ port, direction }) => [port, direction]));
      await running.impairments.remove({ port: 'script:a' });
      print(await running.impairments.list());

      const file = join(folder, 'deaf.mjs');
      await writeFile(file, 'export default { match: "arp", frame: () => "drop" };', { mode: 0o600 });
      await running.hooks.add({ file });
      print((await running.hooks.list()).map(({ name, match, frames, counters }) => [name, match, frames, counters]));
      await writeFile(file, "export default { match: 'udp', setup(bridge) { bridge.counter('loads').add(); }, frame() {} };");
      await running.hooks.reload('deaf');
      print((await running.hooks.list()).map(({ match, counters }) => [match, counters]));
      await writeFile(file, 'export default 5;');
      print(await failure(() => running.hooks.reload('deaf')));
      print((await running.config()).hook);
      await running.hooks.remove('deaf');
      print(await running.hooks.list());

      await groups.add({ port: 'script:a', group: '239.1.2.3', state: 'permanent', vlan: 1 });
      print((await groups.list()).mdb.map(({ grp, port, state }) => [grp, port, state]));
      await groups.remove({ port: 'script:a', group: '239.1.2.3', vlan: 1 });
      print([await groups.flush(), (await groups.list()).mdb.length]);
      await running.stop();
      await rm(folder, { recursive: true });
    `);
    expect(values).toEqual([
      [['02:00:00:00:00:08', 'script:b', 'static']],
      [1, 0],
      [['192.0.2.7', '02:00:00:00:00:07', ['PERMANENT']]],
      [0, []],
      ['192.0.2.1', '198.51.100.1'],
      [1, []],
      [
        { vlan: 1, flags: ['PVID', 'Egress Untagged'], mcast_n_groups: 0, mcast_max_groups: 0 },
        { vlan: 10, vlanEnd: 20, mcast_n_groups: 0, mcast_max_groups: 0 },
      ],
      1,
      [['m1', ['script:a'], 'script:b', 'arp']],
      [],
      [['script:a', 'in']],
      [],
      [['deaf', 'arp', 0, []]],
      [['udp', [{ name: 'loads', label: '', value: 1 }]]],
      {
        name: 'RequestError',
        code: 'ERR_CONFLICT',
        message: expect.stringMatching(/^hook: .*\/deaf\.mjs: its default export is no object; /),
      },
      [expect.stringMatching(/\/deaf\.mjs$/)],
      [],
      [['239.1.2.3', 'script:a', 'permanent']],
      [0, 0],
    ]);
  });

  test('returns its counters, configuration, version and the trace of a frame', async () => {
    const [overview, stats, traced, config, tree] = await valuesOf(`
      const [running, a, b] = await scripted(['a', 'b'], { name: 'lab', stp: 'rstp' });
      const { name, fdb, ports } = await running.overview();
      print([name, running.name, fdb.ageing, ports.length]);
      a.write(between(1).subarray(0, 13));
      const drops = async () => (await running.stats({ port: 'script:a' })).ports[0].drops['too-short'];
      await until(async () => await drops() === 1);
      print((await running.stats()).ports.map(({ port }) => port));
      print((await running.trace({ port: 'script:a', frame: between(1) })).steps.length > 0);
      print((await running.config()).name);
      print((await running.spanningTree()).protocol);
      await running.stop();
    `);
    expect(overview).toEqual(['lab', 'lab', 300, 2]);
    expect([stats, traced, config, tree]).toEqual([['script:a', 'script:b'], true, 'lab', 'rstp']);
  });

  test('refuses wrong calls with a class, a code and a reason', async () => {
    const calls = REFUSALS.map(([call]) => `() => running.${call}`);
    const failures = await valuesOf(`
      const [running] = await scripted(['a', 'b']);
      for (const call of [${calls.join(', ')}]) print(await failure(call));
      await running.stop();
    `);
    expect(failures).toMatchObject(
      REFUSALS.map(([, name, code, message]) => ({
        name,
        code,
        message: expect.stringMatching(message),
      })),
    );
  });

  test('refuses every call but a second stop after its end, with one code', async () => {
    const [failures, count, late] = await valuesOf(`
      const [running, a] = await scripted(['a']);
      const pending = failure(() => running.stations.list());
      await running.stop();
      await running.stop();
      const methodsOf = (object) => Object.getOwnPropertyNames(Object.getPrototypeOf(object));
      const calls = ['ports', 'stations', 'neighbours', 'addresses', 'vlans', 'mirrors', 'groups', 'impairments', 'hooks'].flatMap((table) =>
        methodsOf(running[table])
          .filter((method) => ['list', 'get', 'add', 'set', 'remove', 'flush', 'reload', 'script', 'stream'].includes(method))
          .map((method) => () => running[table][method]('script:a', {})));
      for (const method of ['overview', 'config', 'stats', 'spanningTree', 'trace', 'capture', 'events']) {
        calls.push(() => running[method]());
      }
      const failures = await Promise.all(calls.map(failure));
      print([...new Set(failures.map(({ name, code, message }) => [name, code, message].join(' ')))]);
      print(calls.length);
      print((await pending).code ?? 'done before');
    `);
    expect(failures).toEqual(['RequestError ERR_SWITCH_STOPPED br0: the switch has stopped']);
    expect(count).toBeGreaterThan(30);
    expect(['ERR_SWITCH_STOPPED', 'done before']).toContain(late);
  });

  test('is refused while another switch of the program has its name, and accepted after that one has stopped', async () => {
    const [same, other, again] = await valuesOf(`
      const [running] = await scripted(['a']);
      print(await failure(() => scripted(['b'])));
      const [second] = await scripted(['a'], { name: 'br1' });
      print((await second.ports.list()).length);
      await running.stop();
      const [third] = await scripted(['a']);
      print(third.name);
      await third.stop();
      await second.stop();
    `);
    expect(same).toEqual({
      name: 'StartError',
      code: 'ERR_SWITCH_EXISTS',
      message: 'name: a switch of this program is called br0 already; give another name',
    });
    expect([other, again]).toEqual([1, 'br0']);
  });

  test('leaves nothing of a start that is refused: its name and its streams are free', async () => {
    const [refused, started] = await valuesOf(`
      print(await failure(() => startSwitch({ ports: ['script:a', 'lo'] })));
      const [running, a] = await scripted(['a']);
      print(a.label);
      await running.stop();
    `);
    expect(refused).toMatchObject({ name: 'StartError', code: 'ERR_REFUSED' });
    expect(started).toBe('script:a');
  });

  describe('events', () => {
    test('have fields of their own, and reach listeners and iterations', async () => {
      const [learned, once, iterated, ended] = await valuesOf(`
        const [running, a, b] = await scripted(['a', 'b']);
        const [heard, first] = [[], []];
        const listener = ({ event, mac, port }) => heard.push([event, mac, port]);
        running.on('learn', listener);
        running.once('learn', ({ mac }) => first.push(mac));
        const events = running.events();
        a.write(between(1));
        await until(() => heard.length === 1);
        b.write(between(2));
        await until(() => heard.length === 2);
        running.off('learn', listener);
        a.write(between(3));
        for await (const { event, mac } of events) if (event === 'learn' && mac === macOf(3)) break;
        print(heard);
        print(first);
        const rest = (async () => { const names = []; for await (const { event } of running.events()) names.push(event); return names; })();
        await running.ports.script('c');
        await running.stop();
        print(await rest);
        print(await events.next());
      `);
      expect(learned).toEqual([
        ['learn', '02:00:00:00:00:01', 'script:a'],
        ['learn', '02:00:00:00:00:02', 'script:b'],
      ]);
      expect(once).toEqual(['02:00:00:00:00:01']);
      expect(iterated).toEqual(['port-opened', 'port-added']);
      expect(ended).toEqual({ done: true });
    });

    test('that a slow reader loses are counted; the oldest are lost first', async () => {
      const [first, sum] = await valuesOf(`
        const [running, a] = await scripted(['a', 'b']);
        let count = 0;
        running.on('port-vlans', () => count++);
        const events = running.events();
        for (let turn = 0; turn < 600; turn++) {
          await running.vlans.add({ port: 'script:a', vid: 10 });
          await running.vlans.remove({ port: 'script:a', vid: 10 });
        }
        const { value } = await events.next();
        print(value);
        let waiting = 0;
        const stopped = running.stop();
        for await (const { event } of events) if (event === 'port-vlans') waiting++;
        await stopped;
        print([count, waiting]);
      `);
      expect(first).toEqual({ event: 'lost', lost: 200 });
      expect(sum).toEqual([1200, 1000]);
    });

    test('go on after an exception in a listener, which is the program’s to handle', async () => {
      const [others, thrown, added] = await valuesOf(`
        const caught = [];
        process.on('uncaughtException', ({ message }) => caught.push(message));
        const [running] = await scripted(['a']);
        const others = [];
        running.on('port-added', () => { throw new Error('a mistake of the program'); });
        running.on('port-added', ({ port }) => others.push(port));
        const { label } = await running.ports.script('b');
        await until(() => caught.length === 1);
        print(others);
        print(caught);
        print(label);
        await running.stop();
      `);
      expect([others, thrown, added]).toEqual([
        ['script:b'],
        ['a mistake of the program'],
        'script:b',
      ]);
    });
  });

  describe('a capture', () => {
    test('returns the requested number of frames, with their port, direction and time', async () => {
      const [frames, isNow] = await valuesOf(`
        const [running, a, b] = await scripted(['a', 'b', 'c']);
        const capture = await running.capture({ ports: ['script:a', 'script:b'], filter: 'ether proto 0x88b5', count: 2, snaplen: 20 });
        const before = BigInt(Date.now()) * 1000000n;
        a.write(Buffer.from(frame.arp({ senderMac: macOf(1), senderIp: '192.0.2.1', targetIp: '192.0.2.2' })));
        a.write(between(1));
        const frames = [];
        for await (const one of capture) {
          // More frames come than were requested.
          if (frames.push(one) === 1) a.write(between(1));
        }
        print(frames.map(({ port, direction, bytes, length, lost }) => [port, direction, bytes.length, length, lost]));
        print(frames.every(({ timeNs }) => timeNs - before > -1000000000n && timeNs - before < 60000000000n));
        await running.stop();
      `);
      expect(frames).toEqual([
        ['script:a', 'in', 20, 60, 0],
        ['script:b', 'out', 20, 60, 0],
      ]);
      expect(isNow).toBe(true);
    });

    test('is a pcapng file as well, and ends with the switch', async () => {
      const [read, twice] = await valuesOf(`
        const [running, a] = await scripted(['a', 'b']);
        const capture = await running.capture({ direction: 'in' });
        const pieces = [];
        const file = (async () => { for await (const piece of capture.pcapng()) pieces.push(piece); })();
        a.write(between(1));
        const size = () => pieces.reduce((sum, { length }) => sum + length, 0);
        await until(() => size() > 160);
        await running.stop();
        await file;
        print(readCapture(Buffer.concat(pieces)).map(({ port, direction, bytes }) => [port, direction, bytes.length]));
        print(await failure(() => capture.pcapng()));
      `);
      expect(read).toEqual([['script:a', 'in', 60]]);
      expect(twice).toMatchObject({
        code: 'ERR_CONFLICT',
        message: 'the capture is read already; start another one',
      });
    });

    test('ends when its loop is left, and when it is stopped', async () => {
      const [left] = await valuesOf(`
        const [running, a] = await scripted(['a', 'b']);
        const ends = [];
        const one = await running.capture();
        const other = await running.capture();
        const reading = (async () => { for await (const frame of other); ends.push('stopped'); })();
        a.write(between(1));
        for await (const frame of one) break;
        ends.push('left');
        other.stop();
        await reading;
        
        print(ends);
        await running.stop();
      `);
      expect(left).toEqual(['left', 'stopped']);
    });
  });

  test('lets the program end when it is stopped, also by await using', async () => {
    const { status, stdout, stderr } = await runProgram(`
      const [running, a] = await scripted(['a']);
      const capture = await running.capture();
      await running[Symbol.asyncDispose]();
      print(await failure(() => running.stats()));
    `);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('ERR_SWITCH_STOPPED');
  });
});
