/**
 * A network of bridges with RSTP has no loop at any instant, in whatever order its BPDUs arrive. Links come and
 * go as long as every bridge can reach the root. If the root is lost, RSTP may loop for seconds, and the test checks
 * only the state at the end.
 */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StpNetwork, type LinkedPort, type Protocol } from '../../support/stp-network';

interface Link {
  readonly name: string;
  readonly ends: readonly [number, number];
}

interface Plan {
  readonly bridges: number;
  readonly links: readonly Link[];
  /** Indices of links that go down, and come up again before the next one goes. */
  readonly cuts: readonly number[];
  /** Choices of the next BPDU to deliver. */
  readonly seed: number;
}

const plan: fc.Arbitrary<Plan> = fc
  .integer({ min: 2, max: 6 })
  .chain((bridges) =>
    fc.record({
      bridges: fc.constant(bridges),
      more: fc.array(fc.tuple(fc.nat(bridges - 1), fc.nat(bridges - 1)), { maxLength: 6 }),
      cuts: fc.array(fc.nat(20), { maxLength: 4 }),
      seed: fc.integer(),
    }),
  )
  .map(({ bridges, more, cuts, seed }) => {
    const ring = Array.from({ length: bridges }, (_, at): [number, number] => [
      at,
      (at + 1) % bridges,
    ]);
    const pairs = [...ring, ...more.filter(([one, other]) => one !== other)];
    const links = pairs.map((ends, at) => ({ name: `l${at}`, ends }));
    return { bridges, links, cuts: cuts.map((cut) => cut % links.length), seed };
  });

class Random {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) | 0;
    return (this.state >>> 8) % limit;
  }
}

/** Bridges with the planned links, and the BPDUs on their way between them. */
class Lab {
  readonly network = new StpNetwork();
  private readonly random: Random;
  private readonly ends = new Map<string, LinkedPort[]>();
  /** The first fault. */
  loop: string | undefined;
  watches = true;

  constructor(
    private readonly plan: Plan,
    protocol: Protocol,
  ) {
    this.random = new Random(plan.seed);
    for (let at = 0; at < plan.bridges; at++) this.network.add(`${at}`, at + 1, { protocol });
    const counts = new Array<number>(plan.bridges).fill(0);
    for (const { name, ends } of plan.links) {
      for (const end of ends) {
        const number = (counts[end] ?? 0) + 1;
        counts[end] = number;
        const port = this.network.bridge(`${end}`).addPort(number);
        port.lan = name;
        this.ends.set(name, [...(this.ends.get(name) ?? []), port]);
      }
    }
    this.network.stateChanged = () => {
      if (this.watches) this.loop ??= this.findLoop();
    };
  }

  /** The link that closes a loop of forwarding ports. */
  findLoop(): string | undefined {
    const group = Array.from({ length: this.plan.bridges }, (_, at) => at);
    const rootOf = (at: number): number => {
      const next = group[at] ?? at;
      return next === at ? at : rootOf(next);
    };
    for (const { name, ends } of this.plan.links) {
      const ports = this.ends.get(name) ?? [];
      if (!ports.every(({ state, isUp }) => isUp && state === 'forwarding')) continue;
      const [one, other] = [rootOf(ends[0]), rootOf(ends[1])];
      if (one === other) return `${name} at ${this.network.now}`;
      group[one] = other;
    }
    return undefined;
  }

  /** Delivers all BPDUs: in order on each link and direction, otherwise in any order. */
  deliver(): void {
    const { queue } = this.network;
    for (let count = 0; queue.length > 0; count++) {
      if (count === 20_000) throw new Error('the bridges do not stop sending');
      const heads = [...new Set(queue.map(({ port }) => port))];
      const head = heads[this.random.below(heads.length)];
      const [sent] = queue.splice(
        queue.findIndex(({ port }) => port === head),
        1,
      );
      if (sent !== undefined) this.network.deliverOne(sent);
    }
  }

  setLink(at: number, isUp: boolean): void {
    const link = this.plan.links[at];
    if (link === undefined) return;
    const ports = this.ends.get(link.name) ?? [];
    for (const [index, end] of link.ends.entries()) {
      this.network.bridge(`${end}`).setLinks([ports[index]?.number ?? 0], isUp);
    }
    // BPDUs on their way are lost with their link.
    const { queue } = this.network;
    if (!isUp) queue.splice(0, Infinity, ...queue.filter(({ port }) => !ports.includes(port)));
  }

  run(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.network.now++;
      for (const { tree } of this.network.bridges.values()) {
        tree.tick();
        // The clocks of the bridges tick at different times.
        if (this.random.below(2) === 0) this.deliver();
      }
      this.deliver();
    }
  }

  /** Brings up all links: some one after the other, and the rest at the same time. */
  start(): void {
    const late = this.random.below(this.plan.links.length + 1);
    for (const at of this.plan.links.keys()) {
      this.setLink(at, true);
      if (at < late) this.deliver();
    }
    this.deliver();
  }

  /** Whether all bridges agree on one root, and the tree reaches each of them. */
  isWhole(): boolean {
    const reached = new Set([0]);
    for (let round = 0; round < this.plan.bridges; round++) {
      for (const { name, ends } of this.plan.links) {
        const isOpen = (this.ends.get(name) ?? []).every(({ state }) => state === 'forwarding');
        if (isOpen && ends.some((end) => reached.has(end))) {
          for (const end of ends) reached.add(end);
        }
      }
    }
    return reached.size === this.plan.bridges;
  }

  get endless(): number {
    return [...this.network.bridges.values()].reduce((sum, { tree }) => sum + tree.endlessCount, 0);
  }
}

const RUNS = { numRuns: 40 };

describe('a network of bridges with RSTP', () => {
  test('never loops while links come and go, and reaches every bridge', () => {
    fc.assert(
      fc.property(plan, (planned) => {
        const lab = new Lab(planned, 'rstp');
        lab.start();
        lab.run(10);
        // Every bridge is on a ring, so that one cut leaves a path.
        for (const cut of planned.cuts) {
          lab.setLink(cut, false);
          lab.deliver();
          lab.run(8);
          expect(lab.isWhole()).toBe(true);
          lab.setLink(cut, true);
          lab.deliver();
          lab.run(8);
        }
        expect(lab.loop).toBeUndefined();
        expect(lab.isWhole()).toBe(true);
        expect(lab.endless).toBe(0);
      }),
      RUNS,
    );
  });

  test('has the right tree again within max age and 20 s after its root got worse', () => {
    fc.assert(
      fc.property(plan, (planned) => {
        const lab = new Lab(planned, 'rstp');
        lab.start();
        lab.run(10);
        lab.watches = false;
        const settings = { helloTime: 2, maxAge: 20, forwardDelay: 15 };
        lab.network.bridge('0').tree.configure({ ...settings, protocol: 'rstp', priority: 61_440 });
        lab.deliver();
        lab.run(40);
        expect(lab.findLoop()).toBeUndefined();
        expect(lab.isWhole()).toBe(true);
        expect(lab.network.bridge('1').tree.isRoot).toBe(true);
      }),
      RUNS,
    );
  });
});

test('a network of bridges with STP never loops while all links come up', () => {
  fc.assert(
    fc.property(plan, (planned) => {
      const lab = new Lab(planned, 'stp');
      lab.start();
      lab.run(60);
      expect(lab.loop).toBeUndefined();
      expect(lab.isWhole()).toBe(true);
    }),
    RUNS,
  );
});
