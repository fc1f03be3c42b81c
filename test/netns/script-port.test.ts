/** Script ports: a program at the other end of a port. None of it needs root. */

import { expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { runProgram, valuesOf } from './support/program';

describeNetns('a script port', () => {
  test('carries frames of every length both ways, unchanged and in order', async () => {
    const [lengths, intact] = await valuesOf(`
      const [running, a, b] = await scripted(['a', 'b'], { ageing: 0 });
      await running.ports.set('script:b', { mtu: 9000 });
      const sent = [14, 15, 16, 17, 60, 63, 64, 1514, 9014].map((length) => {
        const bytes = between(1, undefined, new Uint8Array(9000).map((_, at) => at)).subarray(0, length);
        return bytes;
      });
      const got = collect(b);
      for (const one of sent) a.write(one);
      await until(() => got.length === sent.length);
      print(got.map((one) => one.length));
      const back = collect(a);
      for (const one of sent.slice(0, -1)) b.write(one);
      await until(() => back.length === sent.length - 1);
      print([...got, ...back].every((one, at) => one.equals(sent[at % sent.length])));
      await running.stop();
    `);
    expect(lengths).toEqual([14, 15, 16, 17, 60, 63, 64, 1514, 9014]);
    expect(intact).toBe(true);
  });

  test('delays a program that writes too fast, and loses none of its frames', async () => {
    const [result] = await valuesOf(`
      const COUNT = 10000;
      // A ring holds 17 of these frames.
      const long = between(1, 2, Buffer.alloc(60000));
      const [running, a, b] = await scripted(['a', 'b']);
      b.resume();
      let waits = 0;
      for (let count = 0; count < COUNT; count++) {
        if (a.write(long)) continue;
        waits++;
        await new Promise((resolve) => a.once('drain', resolve));
      }
      const received = async () => (await running.stats({ port: 'script:a' })).ports[0].counters['rx-frames'];
      await until(async () => await received() === COUNT);
      print({ received: await received(), hasWaited: waits > 0 });
      await running.stop();
    `);
    expect(result).toEqual({ received: 10_000, hasWaited: true });
  });

  test('drops and counts frames that the program does not read, and delays no other port', async () => {
    const [result] = await valuesOf(`
      const [running, a, b, c] = await scripted(['a', 'b', 'c']);
      const COUNT = 40000;
      const got = collect(c);
      const one = between(1);
      for (let count = 0; count < COUNT; count++) {
        if (!a.write(one)) await new Promise((resolve) => a.once('drain', resolve));
        while (count - got.length > 4000) await sleep(1);
      }
      await until(() => got.length === COUNT);
      const drops = async () => (await running.stats({ port: 'script:b' })).ports[0].drops.congested;
      const dropped = await drops();
      const late = collect(b);
      await until(() => late.length === COUNT - dropped);
      print({ hasDropped: dropped > 0, isStill: await drops() === dropped, toOther: got.length });
      await running.stop();
    `);
    expect(result).toEqual({ hasDropped: true, isStill: true, toOther: 40_000 });
  });

  test('is shown as any other port, and takes the keys of all ports', async () => {
    const [port, tagged, untagged, config] = await valuesOf(`
      const [running, a] = await scripted(['a'], { 'vlan-filtering': true });
      const trunk = await running.ports.script('trunk,trunk=10+20,native=1');
      const access = await running.ports.script({ port: 'script:access', vlan: 10, mtu: 2000 });
      print(await running.ports.get('script:access'));
      const atTrunk = collect(trunk);
      access.write(between(1));
      await until(() => atTrunk.length === 1);
      print(decode(atTrunk[0]).tags.map(({ vid }) => vid));
      const atAccess = collect(access);
      trunk.write(atTrunk[0]);
      trunk.write(Buffer.from(frame.ethernet({ from: macOf(2), to: macOf(1), vlan: { vid: 10 }, type: 0x88b5 })));
      await until(() => atAccess.length === 1);
      print(decode(atAccess[0]).tags);
      print((await running.config()).ports);
      await running.stop();
    `);
    expect(port).toMatchObject({
      port: 'script:access',
      kind: 'script',
      origin: 'opened',
      state: 'up',
      mtu: 2000,
      vlan: 10,
    });
    expect(tagged).toEqual([10]);
    expect(untagged).toEqual([]);
    expect(config).toContain('script:access,mtu=2000,vlan=10');
  });

  test('is made anew at once where its stream is destroyed, and is gone when this is closed', async () => {
    const results = await valuesOf(`
      const [running, a] = await scripted(['a', 'b']);
      const list = async () => (await running.ports.list()).map(({ port }) => port);
      a.destroy();
      const again = await running.ports.script('a');
      print(await list());
      again.destroy();
      await new Promise((resolve) => again.once('close', resolve));
      print(await list());
      const third = await running.ports.script('a');
      third.destroy();
      const both = await Promise.allSettled([running.ports.script('a'), running.ports.script('a')]);
      print(both.map(({ status, reason }) => reason?.code ?? status).sort());
      const got = collect(await running.ports.stream('script:a'));
      (await running.ports.stream('script:b')).write(between(1));
      await until(() => got.length === 1);
      print(await list());
      const open = () => new Duplex({ objectMode: true, read() {}, write(chunk, encoding, done) { done(); } });
      const joined = open();
      await running.ports.add(joined, 'c');
      joined.destroy();
      await running.ports.add(open(), 'c');
      print(await list());
      await running.stop();
    `);
    expect(results).toEqual([
      ['script:b', 'script:a'],
      ['script:b'],
      ['ERR_PORT_EXISTS', 'fulfilled'],
      ['script:b', 'script:a'],
      ['script:b', 'script:a', 'script:c'],
    ]);
  });

  test('is removed when its stream is destroyed, and ends its stream when it is removed', async () => {
    const [seen, ended, stopped] = await valuesOf(`
      const [running, a, b, c] = await scripted(['a', 'b', 'c']);
      const events = [];
      running.on('port-removed', ({ port }) => events.push(port));
      const labels = async () => (await running.ports.list()).map(({ port }) => port);
      a.destroy();
      await until(() => events.length === 1);
      print([...await labels(), events]);
      const again = await running.ports.script('a');
      const ends = [];
      for (const [name, end] of Object.entries({ b, c, again })) end.once('close', () => ends.push(name));
      await running.ports.remove('script:b');
      for await (const one of b) throw new Error('a frame: ' + one);
      print([ends, await failure(() => new Promise((done, fail) => {
        b.on('error', () => {});
        b.write(between(1), (error) => error ? fail(error) : done());
      }))]);
      await running.stop();
      await until(() => ends.length === 3);
      print(ends.sort());
    `);
    expect(seen).toEqual(['script:b', 'script:c', ['script:a']]);
    expect(ended).toEqual([
      ['b'],
      expect.objectContaining({ code: expect.stringMatching(/^ERR_STREAM_/) }),
    ]);
    expect(stopped).toEqual(['again', 'b', 'c']);
  });

  test('joins a Duplex of the program, until either ends', async () => {
    const [label, got, after, named] = await valuesOf(`
      const [running, a] = await scripted(['a']);
      const got = [];
      const duplex = new Duplex({
        objectMode: true,
        read() {},
        write(one, _, done) { got.push(one.length); done(); },
      });
      print((await running.ports.add(duplex)).port);
      const back = collect(a);
      duplex.push(between(2));
      await until(() => back.length === 1);
      a.write(between(1, 2));
      await until(() => got.length === 1);
      print(got);
      duplex.on('error', () => {});
      duplex.destroy(new Error('the program has had enough'));
      await until(async () => (await running.ports.list()).length === 1);
      const another = new PassThrough({ objectMode: true });
      const { port, isolated } = await running.ports.add(another, 'router,isolated');
      print((await running.ports.list()).length);
      await running.ports.remove(port);
      await until(() => another.destroyed);
      print([port, isolated]);
      await running.stop();
    `);
    expect([label, got, after]).toEqual(['script:script0', [60], 2]);
    expect(named).toEqual(['script:router', true]);
  });

  test.each([
    ['a text', "'frame'", /^expected a frame as a Uint8Array or Buffer, got string$/],
    ['nothing in it', 'Buffer.alloc(0)', /^expected a frame of 1 to 69632 bytes, got 0$/],
    ['too many bytes', 'Buffer.alloc(70000)', /^expected a frame of 1 to 69632 bytes, got 70000$/],
  ])('ends with an error where a frame is %s', async (_, chunk, message) => {
    const [failure, left] = await valuesOf(`
      const [running, a, b] = await scripted(['a', 'b']);
      const error = await new Promise((resolve) => { a.on('error', resolve); a.write(${chunk}); });
      print({ name: error.name, code: error.code, message: error.message });
      await until(async () => (await running.ports.list()).length === 1);
      print((await running.ports.list()).map(({ port }) => port));
      await running.stop();
    `);
    expect(failure).toEqual({
      name: 'FrameError',
      code: 'ERR_INVALID_FRAME',
      message: expect.stringMatching(message),
    });
    expect(left).toEqual(['script:b']);
  });

  test('is refused with a reason if it is invalid', async () => {
    const failures = await valuesOf(`
      const [running, a] = await scripted(['a']);
      const { ports } = running;
      for (const call of [
        () => ports.script('a'),
        () => ports.add('script:a'),
        () => ports.script('a b'),
        () => ports.script('tap:x0'),
        () => ports.script('b,colour=red'),
        () => ports.add(new PassThrough()),
        () => ports.add(new PassThrough({ objectMode: true }).destroy()),
        () => ports.stream('script:b'),
      ]) print(await failure(call));
      print((await ports.list()).length);
      const one = new PassThrough({ objectMode: true });
      print(await failure(() => ports.add(one, 'a')));
      print((await Promise.allSettled([ports.add(one, 'b'), ports.add(one, 'c')])).map(({ reason }) => reason?.message));
      print(await failure(() => ports.add(one, 'd')));
      await running.stop();
    `);
    const [taken, both, later] = failures.splice(-3);
    const joined = 'stream: is joined to a port already; give another one';
    expect(taken).toMatchObject({ code: 'ERR_PORT_EXISTS' });
    expect(both).toEqual([null, joined]);
    expect(later).toMatchObject({ code: 'ERR_CONFLICT', message: joined });
    expect(failures.pop()).toBe(1);
    expect(
      failures.map((failure) => Object.values(failure as Record<string, unknown>).slice(1, 3)),
    ).toEqual([
      ['ERR_PORT_EXISTS', 'script:a is a port of this switch already; give another name'],
      ['ERR_PORT_EXISTS', 'script:a is a port of this switch already; give another name'],
      ['ERR_INVALID_VALUE', expect.stringMatching(/^expected a name of letters, digits/)],
      ['ERR_INVALID_VALUE', 'port: expected a script port, got one of the kind tap'],
      ['ERR_INVALID_VALUE', expect.stringMatching(/^"?colour"?: no such key; one of mtu, /)],
      ['ERR_INVALID_VALUE', expect.stringMatching(/^stream: expected a Duplex in object mode/)],
      ['ERR_INVALID_VALUE', 'stream: expected an open stream, got a destroyed one'],
      ['ERR_NO_SUCH_PORT', 'no port script:b; the ports are: script:a'],
    ]);
  });

  test('cannot be on the command line', async () => {
    const { status, stderr } = await runProgram(`
      import { spawnSync } from 'node:child_process';
      const { status, stderr } = spawnSync(process.execPath, ['${process.cwd()}/dist/switch.js', 'script:a'], { encoding: 'utf8' });
      process.stderr.write(stderr);
      process.exitCode = status;
    `);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(
        /^switch: port script:a: "script": no such kind of port; one of tap/,
      ),
    });
  });
});
