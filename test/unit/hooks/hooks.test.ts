/** Verdicts, timers, counters and failures of hooks, in a switch in memory. */

import { describe, expect, test } from '@jest/globals';
import type { Hook, HookVerdict } from '../../../src/hooks/hook';
import { hookProgram } from '../../../src/dataplane/hook-loader';
import type { HookPorts } from '../../../src/hooks/hook-ports';
import type { HookWatch } from '../../../src/hooks/hook-watch';
import type { FrameView } from '../../../src/hooks/frame-view';
import { Bridge } from '../../../src/l2/bridge';
import { frame } from '../../../src/testing/frames/frame';
import { MemoryIo, type MemoryPort } from '../../../src/testing/memory-port';
import { type Network, network } from '../../../src/testing/network';

const FROM = '02:00:00:00:00:01';
const TO = '02:00:00:00:00:02';
const HELLO = frame.ethernet({ from: FROM, to: TO, payload: 'hello' });
const DATAGRAM = frame.udp({
  from: FROM,
  to: TO,
  source: '192.0.2.1',
  destination: '192.0.2.2',
  sourcePort: 1000,
  destinationPort: 53,
  payload: 'question',
});
const PORTS = ['alice', 'bob', 'carol'] as const;

/**
 * A watch that fails without one `leave` for each `enter`. In a real switch, which has a mark, a second
 * `leave` would wait without end.
 */
class StrictWatch implements HookWatch {
  /** Number of the running hook; 0 if none runs. */
  running = 0;

  nowMs(): number {
    return 0;
  }

  enter(hook: number): void {
    if (this.running !== 0) throw new Error('a call begins within another one');
    this.running = hook;
  }

  leave(hook: number): void {
    if (this.running !== hook) throw new Error('a call ends that is not at work');
    this.running = 0;
  }

  check(): void {
    if (this.running !== 0) throw new Error('a check within a call');
  }
}

/** A network of three ports with one hook. */
function withHook(hook: Hook, hookWatch = new StrictWatch()): Network {
  return network({ ports: PORTS, hooks: [hook], hookWatch });
}

function always(verdict: (frame: FrameView, ports: HookPorts) => unknown): Hook {
  return { frame: verdict as Hook['frame'] };
}

/** Number of frames that left by each port. */
function sentTo(net: Network): number[] {
  return PORTS.map((name) => net.port(name).take().length);
}

describe('a verdict', () => {
  test.each([
    ['nothing', undefined],
    ['pass', 'pass'],
  ])('of %s lets the frame pass', (_, verdict) => {
    const net = withHook(always(() => verdict));
    net.port('alice').send(HELLO);
    expect(net.port('bob').take()).toEqual([HELLO]);
    expect(net.hooks).toMatchObject([{ name: 'hook1', frames: 1, edited: 0, failures: 0 }]);
  });

  test('of drop ends the trip, and is counted at the ingress', () => {
    const net = withHook(always(() => 'drop'));
    net.port('alice').send(HELLO);
    expect(sentTo(net)).toEqual([0, 0, 0]);
    net.port('alice').expectDropped('hook');
    expect(net.hooks).toMatchObject([{ dropped: 1 }]);
  });

  test('of no port at all is counted at the ingress', () => {
    const net = withHook(always(() => ({ to: [] })));
    net.port('alice').send(HELLO);
    expect(sentTo(net)).toEqual([0, 0, 0]);
    net.port('alice').expectDropped('hook');
    expect(net.hooks).toMatchObject([{ redirected: 1 }]);
  });

  test('comes after learning', () => {
    const net = withHook(always(() => 'drop'));
    net.port('alice').send(HELLO);
    expect(net.stations()).toMatchObject([{ mac: FROM, port: 0 }]);
  });

  test.each<[string, (ports: HookPorts) => unknown, number[]]>([
    ['a name', () => ({ to: 'carol' }), [0, 0, 1]],
    ['names, each once', () => ({ to: ['bob', 'carol', 'bob'] }), [0, 1, 1]],
    ['no name', () => ({ to: [] }), [0, 0, 0]],
    ['a port', (ports) => ports.get('carol'), [0, 0, 1]],
    ['ports', (ports) => ({ to: [...ports].filter(({ name }) => name !== 'bob') }), [0, 0, 1]],
  ])('of %s gives the frame to these ports alone', (_, to, expected) => {
    const net = withHook(always((_frame, ports) => to(ports)));
    net.port('alice').send(HELLO);
    expect(sentTo(net)).toEqual(expected);
    expect(net.hooks).toMatchObject([{ redirected: 1, failures: 0 }]);
  });

  test('of bytes puts another frame in place of this one', () => {
    const other = frame.ethernet({ from: FROM, to: TO, payload: 'a longer text than hello' });
    const net = withHook(always(() => other));
    net.host('bob', { mac: TO, ip: '192.0.2.2' });
    net.port('alice').send(HELLO);
    expect(net.port('carol').take()).toEqual([other]);
    expect(net.hooks).toMatchObject([{ edited: 1 }]);
  });

  test('of the frame with another destination is looked up anew', () => {
    const net = withHook({
      match: 'ether src 02:00:00:00:00:01',
      frame: (view) => {
        view.destination = '02:00:00:00:00:03';
        return view;
      },
    });
    net.port('carol').send(frame.ethernet({ from: '02:00:00:00:00:03', to: FROM }));
    sentTo(net);
    net.port('alice').send(HELLO);
    expect(sentTo(net)).toEqual([0, 0, 1]);
  });

  test('of a frame changed into a broadcast floods', () => {
    const net = withHook(
      always((view) => {
        view.destination = 'ff:ff:ff:ff:ff:ff';
      }),
    );
    net.port('bob').send(frame.ethernet({ from: TO, to: FROM }));
    sentTo(net);
    net.port('alice').send(HELLO);
    expect(sentTo(net)).toEqual([0, 1, 1]);
  });

  test.each<[string, unknown, string]>([
    ['an unknown port', { to: 'dave' }, 'no port dave; the ports are: alice, bob, carol'],
    [
      'another word',
      'dorp',
      "it returned no verdict; expected nothing, 'pass', 'drop', a port, { to }, the frame or bytes",
    ],
    [
      'a number',
      3,
      "it returned no verdict; expected nothing, 'pass', 'drop', a port, { to }, the frame or bytes",
    ],
    [
      'null',
      null,
      "it returned no verdict; expected nothing, 'pass', 'drop', a port, { to }, the frame or bytes",
    ],
    ['a promise', Promise.resolve('drop'), 'it returned a promise; a hook is synchronous'],
    ['a port that is no name', { to: [7] }, 'a port is its name, or an object of ports'],
    ['too few bytes', new Uint8Array(13), 'a frame of 13 bytes; it has 14 to 65550'],
    ['too many bytes', new Uint8Array(65_551), 'a frame of 65551 bytes; it has 14 to 65550'],
  ])('of %s is a failure, and the frame passes', (_, verdict, failure) => {
    const net = withHook(always(() => verdict));
    net.port('alice').send(HELLO);
    expect(net.port('bob').take()).toEqual([HELLO]);
    expect(net.hooks).toMatchObject([{ failures: 1, failure }]);
  });
});

describe('a frame that a hook changes', () => {
  test('is mirrored as it came in, and as it leaves', () => {
    const net = network({
      ports: [...PORTS, 'dave'],
      hooks: [
        always(({ ipv4 }) => {
          if (ipv4 !== undefined) ipv4.ttl = 9;
        }),
      ],
    });
    const mirror = { isShared: false, in: [], out: [] };
    net.bridge.addMirror({ ...mirror, name: 'in', in: [0], target: 2 });
    net.bridge.addMirror({ ...mirror, name: 'out', out: [1], target: 3 });
    net.port('alice').send(DATAGRAM, DATAGRAM);
    const seen = (port: string): unknown[] =>
      net
        .port(port)
        .decoded()
        .map(({ ip }) => ip?.ttl);
    expect([seen('bob'), seen('carol'), seen('dave')]).toEqual([
      [9, 9],
      [64, 64],
      [9, 9],
    ]);
  });
});

describe('a filter', () => {
  test('keeps other frames from the hook', () => {
    const seen: string[] = [];
    const net = withHook({
      match: 'udp port 53 and not host 192.0.2.53',
      frame: (view) => void seen.push(`${view.ingress} ${view.udp?.destinationPort}`),
    });
    net.port('alice').send(HELLO, DATAGRAM);
    expect(seen).toEqual(['alice 53']);
    expect(net.hooks).toMatchObject([{ match: 'udp port 53 and not host 192.0.2.53', frames: 1 }]);
  });

  test('that is invalid is refused, and the hook of the same name stays', () => {
    const net = withHook(always(() => 'drop'));
    const wrong: Hook = { match: 'udp prot 53', frame: () => undefined };
    expect(() => net.loadHook('hook1', wrong)).toThrow(/^match: word 2, "prot"/);
    net.port('alice').send(HELLO);
    expect(sentTo(net)).toEqual([0, 0, 0]);
  });
});

describe('several hooks', () => {
  test('are asked in their order, until one decides', () => {
    const order: string[] = [];
    const note = (name: string, verdict: HookVerdict): Hook => ({
      frame: () => {
        order.push(name);
        return verdict;
      },
    });
    const net = network({
      ports: PORTS,
      hooks: [note('first', 'pass'), note('second', 'drop'), note('third', 'pass')],
    });
    net.port('alice').send(HELLO);
    expect(order).toEqual(['first', 'second']);
  });

  test('see what the one before has changed, and match it', () => {
    const seen: string[] = [];
    const net = network({
      ports: PORTS,
      hooks: [
        { frame: () => DATAGRAM },
        { match: 'udp', frame: (view) => void seen.push(view.ipv4?.source ?? '') },
      ],
    });
    net.port('alice').send(HELLO);
    expect(seen).toEqual(['192.0.2.1']);
    expect(net.port('bob').take()).toEqual([DATAGRAM]);
  });

  test('are replaced by name, and removed', () => {
    const net = withHook(always(() => 'drop'));
    net.loadHook(
      'hook1',
      always(() => 'pass'),
    );
    net.port('alice').send(HELLO);
    expect(sentTo(net)).toEqual([0, 1, 1]);
    expect(net.removeHook('hook1')).toBe(true);
    expect(net.removeHook('hook1')).toBe(false);
    expect(net.hooks).toEqual([]);
  });

  test('are sixteen at most', () => {
    const net = network({
      ports: PORTS,
      hooks: Array.from({ length: 16 }, () => always(() => 'pass')),
    });
    expect(() =>
      net.loadHook(
        'more',
        always(() => 'pass'),
      ),
    ).toThrow('16 hooks at most');
  });
});

describe('a failure', () => {
  test('is counted and reported once; the frame passes', () => {
    const news: unknown[] = [];
    const net = network({
      ports: PORTS,
      news: (one) => void news.push(one),
      hooks: [
        always(() => {
          throw new RangeError('no such thing\nand more');
        }),
      ],
    });
    net.port('alice').send(HELLO, HELLO);
    expect(sentTo(net)).toEqual([0, 2, 2]);
    expect(net.hooks).toMatchObject([{ failures: 2, failure: 'no such thing' }]);
    expect(news).toEqual([{ event: 'hook-failed', hook: 'hook1', why: 'no such thing' }]);
  });

  test("drops the frame with onError: 'drop'", () => {
    const net = withHook({
      onError: 'drop',
      frame: () => {
        throw Object.create(null);
      },
    });
    net.port('alice').send(HELLO);
    net.port('alice').expectDropped('hook-failed');
    expect(net.hooks).toMatchObject([{ failure: 'it threw something that has no text' }]);
  });

  test('is turned into text, and the ports of a verdict are read, while the watchdog watches the call', () => {
    const watch = new StrictWatch();
    const seen: number[] = [];
    const text = { toString: () => `${seen.push(watch.running)}` };
    const thrower = always(() => {
      throw text as unknown as Error;
    });
    withHook(thrower, watch).port('alice').send(HELLO);
    const setup = (): never => {
      throw text as unknown as Error;
    };
    expect(() => withHook({ ...thrower, setup }, watch)).toThrow('setup failed');
    const verdict = {
      get to() {
        seen.push(watch.running);
        return 'bob';
      },
    };
    withHook(
      always(() => verdict),
      watch,
    )
      .port('alice')
      .send(HELLO);
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(seen).not.toContain(0);
  });

  test('of setup refuses the hook, and sends nothing', () => {
    const net = network({ ports: PORTS });
    const hook: Hook = {
      setup: (bridge) => {
        bridge.send(HELLO, { to: 'bob' });
        throw new Error('no list');
      },
      frame: () => 'drop',
    };
    expect(() => net.loadHook('firewall', hook)).toThrow('setup failed: no list');
    net.advance(1_000);
    expect(net.hooks).toEqual([]);
    expect(sentTo(net)).toEqual([0, 0, 0]);
  });

  test('is a returned promise, also of setup or a timer, and its rejection has no effect', async () => {
    const rejected = async (): Promise<never> => Promise.reject(new Error('nobody waits'));
    const late: () => unknown = rejected;
    const net = withHook({
      setup: (bridge) => void bridge.after(5, late),
      frame: rejected as unknown as Hook['frame'],
    });
    const failure = 'it returned a promise; a hook is synchronous';
    net.port('alice').send(HELLO);
    expect(net.hooks).toMatchObject([{ failures: 1, failure }]);
    net.advance(5);
    expect(net.hooks).toMatchObject([{ failures: 2, failure }]);
    const setup = rejected as unknown as () => void;
    expect(() => net.loadHook('late', { setup, frame: () => undefined })).toThrow(failure);
    await new Promise(setImmediate);
  });

  test.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      'its default export is no object; expected { match, frame(frame, ports) }',
    ],
    ['no frame', { match: 'arp' }, 'it has no function frame'],
    [
      'a filter that is no text',
      { match: 3, frame: () => undefined },
      'match: expected a filter as text, in the words of captures',
    ],
    ['a setup that is none', { setup: 3, frame: () => undefined }, 'setup: expected a function'],
    [
      'another onError',
      { onError: 'stop', frame: () => undefined },
      "onError: expected 'pass' or 'drop'",
    ],
    [
      'a budget of 0',
      { budgetMs: 0, frame: () => undefined },
      'budgetMs: expected milliseconds of a second, 1 to 1000',
    ],
  ])('of a module with %s is said', (_, module, message) => {
    const net = network({ ports: PORTS });
    expect(() => net.loadHook('firewall', module as Hook)).toThrow(message);
  });
});

describe('a timer', () => {
  test('has the time of the switch, and ends with the hook', () => {
    const at: number[] = [];
    const net = withHook({
      setup: (bridge) => {
        bridge.every(10, () => at.push(bridge.nowMs));
        bridge.after(25, () => at.push(-bridge.nowMs));
        bridge.every(1, () => at.push(0)).stop();
      },
      frame: () => undefined,
    });
    net.advance(30);
    expect(at).toEqual([10, 20, -25, 30]);
    net.removeHook('hook1');
    net.advance(100);
    expect(at).toHaveLength(4);
  });

  test('that throws is a failure', () => {
    const net = withHook({
      setup: (bridge) =>
        void bridge.every(10, () => {
          throw new Error('late');
        }),
      frame: () => undefined,
    });
    net.advance(20);
    expect(net.hooks).toMatchObject([{ failures: 2, failure: 'late' }]);
  });

  test('without a time, and one timer too many, are refused', () => {
    const net = network({ ports: PORTS });
    const setUp = (setup: Hook['setup']) => () =>
      net.loadHook('timers', { frame: () => undefined, ...(setup && { setup }) });
    expect(setUp((bridge) => void bridge.every(0, () => undefined))).toThrow(
      'setup failed: a timer needs a time of at least 1 ms',
    );
    expect(
      setUp((bridge) => {
        for (let index = 0; index < 257; index++) bridge.after(1, () => undefined);
      }),
    ).toThrow('setup failed: more than 256 timers');
  });
});

describe('timers that are stopped', () => {
  test('do not count towards the limit', () => {
    let start = (): void => undefined;
    const net = withHook({
      setup: (bridge) => {
        start = () => bridge.after(1_000, () => undefined).stop();
      },
      frame: () => start(),
    });
    for (let index = 0; index < 600; index++) net.port('alice').send(HELLO);
    expect(net.hooks).toMatchObject([{ failures: 0 }]);
  });
});

describe('a number that is text', () => {
  test('is refused for a timer and for a counter', () => {
    const net = network({ ports: PORTS });
    const setUp = (setup: Hook['setup']) => () =>
      net.loadHook('text', { frame: () => undefined, ...(setup && { setup }) });
    const text = '10' as unknown as number;
    expect(setUp((bridge) => void bridge.every(text, () => undefined))).toThrow('at least 1 ms');
    expect(setUp((bridge) => bridge.counter('seen').add(text))).toThrow('a counter only grows');
    expect(setUp((bridge) => bridge.counter('seen').add(Infinity))).toThrow('a counter only grows');
  });
});

describe('a frame of its own', () => {
  test('leaves by the ports that are named', () => {
    const net = withHook({
      setup: (bridge) => void bridge.after(5, () => bridge.send(HELLO, { to: ['bob', 'carol'] })),
      frame: () => 'drop',
    });
    net.advance(5);
    expect(sentTo(net)).toEqual([0, 1, 1]);
    expect(net.hooks).toMatchObject([{ sent: 1, frames: 0 }]);
  });

  test('travels as if a port had received it, and passes no hook', () => {
    const net = withHook({
      setup: (bridge) => void bridge.after(5, () => bridge.send(HELLO, { from: 'carol' })),
      frame: () => 'drop',
    });
    net.advance(5);
    expect(sentTo(net)).toEqual([1, 1, 0]);
    expect(net.stations()).toMatchObject([{ mac: FROM, port: 2 }]);
  });

  test('has the bytes that a Buffer had when it was sent', () => {
    const net = withHook({
      setup: (bridge) => {
        const template = Buffer.from(HELLO);
        bridge.after(5, () => {
          for (const digit of [1, 2]) {
            template[14] = digit;
            bridge.send(template, { to: 'bob' });
          }
        });
      },
      frame: () => undefined,
    });
    net.advance(5);
    expect(
      net
        .port('bob')
        .take()
        .map((bytes) => bytes[14]),
    ).toEqual([1, 2]);
  });

  test('leaves after the frame that it answers', () => {
    const net = network({ ports: PORTS });
    net.loadHook('echo', {
      setup(bridge) {
        this.frame = () => bridge.send(DATAGRAM, { to: 'bob' });
      },
      frame: () => undefined,
    });
    net.port('alice').send(HELLO);
    expect(net.port('bob').take()).toEqual([HELLO, DATAGRAM]);
  });

  test('is untagged in the VLAN of its port, unless it names another', () => {
    const net = network({
      ports: [
        { name: 'alice', settings: { vlans: [{ vid: 10, pvid: true, untagged: true }] } },
        {
          name: 'bob',
          settings: { vlans: [{ vid: 10 }, { vid: 20, pvid: true, untagged: true }] },
        },
      ],
      vlanFiltering: true,
    });
    net.loadHook('generator', {
      setup: (bridge) => {
        bridge.after(1, () => bridge.send(HELLO, { to: ['alice', 'bob'] }));
        bridge.after(2, () => bridge.send(HELLO, { to: 'bob', vlan: 10 }));
      },
      frame: () => undefined,
    });
    net.advance(2);
    expect(net.port('alice').take()).toEqual([HELLO]);
    expect(
      net
        .port('bob')
        .decoded()
        .map(({ tags }) => tags.map(({ vid }) => vid)),
    ).toEqual([[], [10]]);
  });

  test.each<[string, unknown, unknown, string]>([
    ['short', new Uint8Array(3), { to: 'bob' }, 'a frame of 3 bytes; it has 14 to 65550'],
    ['of text', 'hello', { to: 'bob' }, 'a frame is a Uint8Array'],
    ['without a way', HELLO, undefined, 'send: expected { to } or { from }'],
    ['to nobody', HELLO, { to: 'dave' }, 'no port dave; the ports are: alice, bob, carol'],
    ['of a wrong VLAN', HELLO, { to: 'bob', vlan: 4095 }, 'vlan: expected a VID of at most 4094'],
  ])('that is %s is refused', (_, bytes, way, failure) => {
    const net = withHook({
      setup: (bridge) =>
        void bridge.after(1, () => bridge.send(bytes as Uint8Array, way as { to: string })),
      frame: () => undefined,
    });
    net.advance(1);
    expect(sentTo(net)).toEqual([0, 0, 0]);
    expect(net.hooks).toMatchObject([{ failures: 1, failure }]);
  });

  test('is refused beyond 1,024 at once', () => {
    const net = withHook({
      setup: (bridge) =>
        void bridge.after(1, () => {
          for (let index = 0; index < 2_000; index++) bridge.send(HELLO, { to: 'bob' });
        }),
      frame: () => undefined,
    });
    net.advance(1);
    expect(net.port('bob').take()).toHaveLength(1_024);
    expect(net.hooks).toMatchObject([{ sent: 1_024, failure: 'more than 1024 frames at once' }]);
  });

  test('may be as long as the switch can carry, many times', () => {
    const long = new Uint8Array(65_550).fill(0xa5);
    long.set(HELLO);
    const net = network({
      ports: ['alice', { name: 'bob', mtuBytes: 65_536 }],
      hooks: [always(() => long)],
    });
    for (let index = 0; index < 20; index++) net.port('alice').send(HELLO, HELLO, HELLO);
    const taken = net.port('bob').take();
    expect(taken).toHaveLength(60);
    expect(taken.every((bytes) => Buffer.from(bytes).equals(long))).toBe(true);
  });
});

describe('the switch of a hook', () => {
  test('counts by name and label', () => {
    const net = network({ ports: PORTS });
    net.loadHook('account', {
      setup(bridge) {
        const all = bridge.counter('frames');
        this.frame = (view) => {
          all.add();
          bridge.counter('bytes', view.source).add(view.length);
        };
      },
      frame: () => undefined,
    });
    net.port('alice').send(HELLO, HELLO);
    expect(net.hooks[0]?.counters).toEqual([
      { name: 'frames', label: '', value: 2 },
      { name: 'bytes', label: FROM, value: 2 * HELLO.length },
    ]);
  });

  test('refuses wrong and too many counters', () => {
    const net = withHook({
      setup: (bridge) => {
        bridge.after(1, () => bridge.counter('no name'));
        bridge.after(2, () => bridge.counter('loss').add(-1));
        bridge.after(3, () => {
          for (let index = 0; ; index++) bridge.counter('hosts', `${index}`);
        });
      },
      frame: () => undefined,
    });
    const failures: (string | undefined)[] = [];
    for (let ms = 0; ms < 3; ms++) {
      net.advance(1);
      failures.push(net.hooks[0]?.failure);
    }
    expect(failures).toEqual([
      'the name of a counter has letters, digits and underscores',
      'a counter only grows',
      'more than 4096 counters',
    ]);
  });

  test('logs ten lines a second, and reports how many lines it left out', () => {
    const news: { event: string; text?: string; untold?: number }[] = [];
    const net = network({
      ports: PORTS,
      news: (one) => void news.push(one),
      hooks: [
        {
          setup: (bridge) => {
            bridge.after(1, () => {
              for (let line = 0; line < 15; line++) bridge.log(`line ${line}`);
            });
            bridge.after(1_100, () => bridge.log('later'));
          },
          frame: () => undefined,
        },
      ],
    });
    net.advance(1_100);
    expect(news).toHaveLength(11);
    expect(news.at(-1)).toEqual({ event: 'hook-log', hook: 'hook1', text: 'later', untold: 5 });
  });

  test('has its ports and its MAC', () => {
    const seen: unknown[] = [];
    const net = withHook({
      setup: (bridge) =>
        void bridge.every(1, () => {
          seen.push([bridge.mac, [...bridge.ports].map(({ name, isUp }) => `${name} ${isUp}`)]);
        }),
      frame: () => undefined,
    });
    net.port('bob').setUp(false);
    net.bridge.removePort(2);
    net.advance(1);
    expect(seen).toEqual([['02:00:00:00:00:00', ['alice true', 'bob false']]]);
  });

  test('refuses a port that was removed', () => {
    const net = network({ ports: PORTS });
    net.loadHook('mirror', {
      setup(bridge) {
        const carol = bridge.ports.get('carol');
        this.frame = () => carol;
      },
      frame: () => undefined,
    });
    net.bridge.removePort(2);
    net.port('alice').send(HELLO);
    expect(net.port('bob').take()).toEqual([HELLO]);
    expect(net.hooks).toMatchObject([{ failures: 1, failure: 'port carol is removed' }]);
  });
});

describe('the budget', () => {
  /** A network whose hook takes `ms` milliseconds for each frame. */
  function withSlowHook(
    takesMs: number,
    budgetMs: number,
  ): { net: Network; news: unknown[]; wait: (ms: number) => void } {
    let clockMs = 0;
    const wait = (ms: number): void => void (clockMs += ms);
    const news: unknown[] = [];
    const net = network({
      ports: PORTS,
      news: (one) => void news.push(one),
      hookWatch: {
        nowMs: () => clockMs,
        enter: () => undefined,
        leave: () => undefined,
        check: () => undefined,
      },
      hooks: [
        {
          budgetMs,
          frame: () => {
            clockMs += takesMs;
          },
        },
      ],
    });
    return { net, news, wait };
  }

  test('switches off a hook that exceeds it', () => {
    const { net, news } = withSlowHook(30, 100);
    for (let index = 0; index < 10; index++) net.port('alice').send(HELLO);
    expect(net.port('bob').take()).toHaveLength(10);
    expect(net.hooks).toMatchObject([{ frames: 4, off: 'it took longer than its budget' }]);
    expect(news).toEqual([
      { event: 'hook-off', hook: 'hook1', why: 'it took longer than its budget' },
    ]);
  });

  test('holds for a second, and begins anew', () => {
    const { net, wait } = withSlowHook(30, 100);
    for (let second = 0; second < 5; second++) {
      for (let index = 0; index < 3; index++) net.port('alice').send(HELLO);
      wait(1_000);
    }
    expect(net.hooks).toMatchObject([{ frames: 15 }]);
    expect(net.hooks[0]).not.toHaveProperty('off');
  });

  test('is estimated from one call of sixteen when there are many calls', () => {
    const { net } = withSlowHook(0.1, 100);
    for (let index = 0; index < 1_100; index++) net.port('alice').send(HELLO);
    const [hook] = net.hooks;
    expect(hook?.off).toBe('it took longer than its budget');
    expect(hook?.frames).toBeGreaterThan(980);
    expect(hook?.frames).toBeLessThan(1_020);
  });
});

/**
 * The bridge asks all filters about a burst at once. A frame that becomes another one since, or meets other hooks
 * than those that were on, is asked about anew.
 */
describe('a filter, asked about a burst at once', () => {
  const counting = (match: string): Hook & { readonly seen: string[] } => {
    const seen: string[] = [];
    return {
      match,
      seen,
      frame: ({ bytes }) => void seen.push(Buffer.from(bytes).toString('hex')),
    };
  };

  test.each([1, 2, 3])('takes the frames of a burst that match, as one of %i hooks', (hooks) => {
    const hook = counting('udp port 53');
    const others = Array.from({ length: hooks - 1 }, () => counting('arp'));
    const bridge = new Bridge({ hookWatch: new StrictWatch() });
    const io = new MemoryIo(bridge);
    const [alice, bob] = ['alice', 'bob'].map((name) => io.port(name)) as [MemoryPort, MemoryPort];
    for (const [index, each] of [hook, ...others].entries()) {
      bridge.loadHook(hookProgram(`hook${index}`, each));
    }
    alice.send(HELLO, DATAGRAM, HELLO, DATAGRAM);
    io.runBurst();
    expect(hook.seen).toHaveLength(2);
    expect(others.flatMap(({ seen }) => seen)).toEqual([]);
    expect(bob.received).toEqual([HELLO, DATAGRAM, HELLO, DATAGRAM]);
  });

  test('is asked about the frame that another hook has left', () => {
    const first: Hook = {
      match: 'udp port 53',
      frame: ({ udp }) => {
        if (udp !== undefined) udp.destinationPort = 5353;
      },
    };
    const [old, now] = [counting('udp port 53'), counting('udp port 5353')];
    const net = network({ ports: PORTS, hooks: [first, old, now], hookWatch: new StrictWatch() });
    net.port('alice').send(DATAGRAM);
    expect([old.seen.length, now.seen.length]).toEqual([0, 1]);
  });

  test.each([
    ['vlan 5', 0],
    ['not vlan', 1],
  ])('%s is asked about the frame without the tag that the port takes off', (match, frames) => {
    const hook = counting(match);
    const net = network({
      ports: [{ name: 'alice', settings: { vlans: [{ vid: 5 }] } }, 'bob'],
      hooks: [hook],
      hookWatch: new StrictWatch(),
      vlanFiltering: true,
    });
    net.port('alice').send(frame.ethernet({ from: FROM, to: TO, vlan: 5, payload: 'hello' }));
    expect(hook.seen).toHaveLength(frames);
  });

  test('is asked anew about a frame that was held while the hook was loaded', () => {
    const early = counting('arp');
    const net = network({ ports: PORTS, hooks: [early], hookWatch: new StrictWatch() });
    net.impair('alice in delay 10ms');
    net.port('alice').send(DATAGRAM);
    const late = counting('udp');
    net.loadHook('late', late);
    net.advance(20);
    expect([early.seen.length, late.seen.length]).toEqual([0, 1]);
  });
});
