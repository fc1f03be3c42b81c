/**
 * `neigh-suppress`, played from the table of cases in `test/conformance/flags.json`: whether a request for a
 * host behind the port crosses to it, and whether the asker gets an answer. Unlike a Linux bridge, the switch
 * answers for a known host also without the flag; the port then hears the request besides.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decode } from '../../../src/testing/decoder/decode';
import { frame } from '../../../src/testing/frames/frame';
import { network } from '../../../src/testing/network';
import { TestHost } from '../../../src/testing/test-host';

interface Row {
  readonly id: string;
  readonly family: 'arp' | 'nd';
  readonly state: string;
  readonly crosses: boolean;
  readonly answered: boolean;
}

const path = join(__dirname, '../../conformance/flags.json');
const { neighSuppress } = JSON.parse(readFileSync(path, 'utf8')) as {
  neighSuppress: { readonly table: readonly Row[] };
};

const ADDRESSES = {
  arp: { asker: '192.0.2.1', target: '192.0.2.2' },
  nd: { asker: '2001:db8::1', target: '2001:db8::2' },
} as const;
const TARGET_MAC = '02:00:00:00:00:02';

/** Milliseconds after which the switch no longer answers for a host that is gone. */
const GONE_MS = 120_000;

class Lab {
  private readonly net = network({ ports: ['ordinary', 'flagged'] });
  private readonly flagged = this.net.port('flagged');
  private readonly asker: TestHost;
  private readonly target: TestHost;
  private isTargetUp = true;

  constructor(private readonly row: Row) {
    const { asker: ip, target } = ADDRESSES[row.family];
    const { flagged } = this;
    this.asker = this.net.host('ordinary', { ip });
    this.target = new TestHost(
      { mac: TARGET_MAC, ip: target },
      { send: (bytes) => flagged.send(bytes), waitUntil: () => false },
    );
    flagged.onFrame((bytes) => {
      if (this.isTargetUp) this.target.receive(bytes);
    });
    this.asker.announce();
  }

  /** Makes the state that the row describes. */
  prepare(): void {
    const { asker, flagged, net, row, target } = this;
    const isOff = row.state.startsWith('flag off');
    const isKnown = row.state.includes('neighbour') || row.state.startsWith('the same');
    flagged.configure({ hearsRequests: isOff });
    if (row.state.includes('FDB entry')) {
      target.send(frame.ethernet({ from: TARGET_MAC, to: asker.mac }));
    }
    if (isKnown) target.announce();
    this.isTargetUp = !row.state.includes('target host down') && !row.state.includes('target down');
    if (this.isTargetUp || !isOff) return;
    // Without the flag, the switch does not answer for a host that is down: its binding has ended.
    target.announce();
    net.advance(GONE_MS);
    asker.announce();
  }

  /** @returns whether the request reaches the port, and whether the asker gets an answer */
  ask(): { readonly crosses: boolean; readonly answered: boolean } {
    const { asker, flagged, row } = this;
    flagged.take();
    asker.neighbours.clear();
    const answered = asker.resolve(ADDRESSES[row.family].target) === TARGET_MAC;
    return { crosses: flagged.take().some((bytes) => decode(bytes).from === asker.mac), answered };
  }
}

describe('neigh-suppress', () => {
  test.each(neighSuppress.table)('$id: $state', (row) => {
    const lab = new Lab(row);
    lab.prepare();
    expect(lab.ask()).toEqual({ crosses: row.crosses, answered: row.answered });
  });
});
