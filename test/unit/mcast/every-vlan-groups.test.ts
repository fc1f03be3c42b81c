/** Permanent groups that an operator made without a VLAN: they follow the VLANs of their port. */

import { describe, expect, test } from '@jest/globals';
import { groupAddress } from '../../../src/config/values/group-address';
import { hostAddress } from '../../../src/config/values/host-address';
import { type GroupOrder, addGroups, removeGroup } from '../../../src/dataplane/group-orders';
import { GroupLab } from '../../support/group-lab';

const GROUP = '239.1.1.1';
const OTHER_GROUP = '239.1.1.2';
const MAC_GROUP = '01:02:03:04:05:06';

const order = (group: string, more: Partial<GroupOrder> = {}): GroupOrder => ({
  ...{ port: 0, group: groupAddress.fromText(group).bytes, isPermanent: true },
  ...more,
});

class Lab extends GroupLab {
  constructor(...vids: number[]) {
    super(2);
    this.bridge.configure({ vlanFiltering: true });
    this.setVlans(...vids);
    this.until(12).begin();
  }

  setVlans(...vids: number[]): void {
    this.bridge.setPortVlans(
      0,
      vids.map((vid) => ({ vid })),
    );
  }

  add(group: string, more: Partial<GroupOrder> = {}): string | undefined {
    return addGroups(this.bridge, [order(group, more)]);
  }

  /** Entries of the table: group, source, VLAN, and its kind. */
  get entries(): string[] {
    const { staticGroups } = this.bridge.rooms.mcast;
    return staticGroups
      .list(this.nowMs, 0, staticGroups.ceiling)
      .map(({ group, source, vlan, isPermanent, mode }) =>
        [group, source ?? '*', vlan, isPermanent ? mode : 'temp'].join(' '),
      )
      .sort();
  }

  flush(filter: { port?: number; vlan?: number; isPermanent?: boolean }): number {
    return this.bridge.rooms.mcast.staticGroups.flush(filter);
  }
}

describe('a permanent group without a VLAN', () => {
  test('joins each VLAN that its port joins, and leaves those that it leaves', () => {
    const lab = new Lab(10);
    expect(lab.add(GROUP)).toBeUndefined();
    expect(lab.add(MAC_GROUP)).toBeUndefined();
    lab.setVlans(10, 20);
    expect(lab.entries).toEqual([
      `${MAC_GROUP} * 10 exclude`,
      `${MAC_GROUP} * 20 exclude`,
      `${GROUP} * 10 exclude`,
      `${GROUP} * 20 exclude`,
    ]);
    lab.setVlans(20);
    expect(lab.entries).toEqual([`${MAC_GROUP} * 20 exclude`, `${GROUP} * 20 exclude`]);
    lab.setVlans();
    expect(lab.entries).toEqual([]);
    lab.setVlans(30);
    expect(lab.entries).toEqual([`${MAC_GROUP} * 30 exclude`, `${GROUP} * 30 exclude`]);
  });

  test('keeps its sources and its mode', () => {
    const lab = new Lab(10);
    const sources = [hostAddress.fromText('192.0.2.7').bytes];
    expect(lab.add(GROUP, { mode: 'include', sources })).toBeUndefined();
    expect(lab.add(OTHER_GROUP, { source: hostAddress.fromText('192.0.2.8').bytes })).toBe(
      undefined,
    );
    lab.setVlans(20);
    expect(lab.entries).toEqual([
      `${GROUP} * 20 include`,
      `${GROUP} 192.0.2.7 20 include`,
      `${OTHER_GROUP} 192.0.2.8 20 include`,
    ]);
  });

  test('follows the default PVID, and filtering that is switched off and on', () => {
    const lab = new Lab(10);
    lab.bridge.setPortVlans(0, undefined);
    expect(lab.add(GROUP)).toBeUndefined();
    lab.bridge.configure({ vlanDefaultPvid: 5 });
    expect(lab.entries).toEqual([`${GROUP} * 5 exclude`]);
    lab.bridge.configure({ vlanFiltering: false });
    expect(lab.entries).toEqual([`${GROUP} * 0 exclude`]);
    lab.bridge.configure({ vlanFiltering: true });
    expect(lab.entries).toEqual([`${GROUP} * 5 exclude`]);
  });

  test('of a port in no VLAN waits for one', () => {
    const lab = new Lab();
    expect(lab.add(GROUP)).toBeUndefined();
    expect(lab.add(GROUP, { isPermanent: false })).toBe('port tap0 is in no VLAN');
    lab.setVlans(10);
    expect(lab.entries).toEqual([`${GROUP} * 10 exclude`]);
  });

  test('leaves an entry of one VLAN as it is, and that one stays when the port leaves its VLAN', () => {
    const lab = new Lab(10, 20);
    const sources = [hostAddress.fromText('192.0.2.7').bytes];
    const own = { vlan: 20, mode: 'exclude', sources } as const;
    expect(lab.add(GROUP)).toBeUndefined();
    expect(lab.add(GROUP, { ...own, isReplacing: true })).toBeUndefined();
    expect(lab.add(OTHER_GROUP, own)).toBeUndefined();
    lab.setVlans(10);
    const kept = [
      `${GROUP} * 10 exclude`,
      `${GROUP} * 20 exclude`,
      `${GROUP} 192.0.2.7 20 include`,
      `${OTHER_GROUP} * 20 exclude`,
      `${OTHER_GROUP} 192.0.2.7 20 include`,
    ];
    expect(lab.entries).toEqual(kept);
    lab.setVlans(10, 20);
    expect(lab.entries).toEqual(kept);
  });

  test('takes the place of what a host has joined', () => {
    const lab = new Lab(10, 20);
    expect(lab.add(GROUP, { vlan: 20, isPermanent: false })).toBeUndefined();
    lab.setVlans(10);
    expect(lab.add(GROUP)).toBeUndefined();
    lab.setVlans(10, 20);
    lab.until(3_600);
    expect(lab.entries).toEqual([`${GROUP} * 10 exclude`, `${GROUP} * 20 exclude`]);
  });

  test.each([
    ['is removed', (lab: Lab) => removeGroup(lab.bridge, order(GROUP))],
    ['is flushed', (lab: Lab) => lab.flush({})],
    ['is flushed with its port', (lab: Lab) => lab.flush({ port: 0, isPermanent: true })],
  ])('follows no VLAN any more once it %s', (_, remove) => {
    const lab = new Lab(10, 20);
    expect(lab.add(GROUP)).toBeUndefined();
    remove(lab);
    lab.setVlans(10, 30);
    expect(lab.entries).toEqual([]);
  });

  test('is not brought back into a VLAN from which it was flushed, until the port joins that anew', () => {
    const lab = new Lab(10, 20);
    expect(lab.add(GROUP)).toBeUndefined();
    expect(lab.flush({ vlan: 20 })).toBe(1);
    lab.setVlans(10, 20, 30);
    expect(lab.entries).toEqual([`${GROUP} * 10 exclude`, `${GROUP} * 30 exclude`]);
    lab.setVlans(10);
    lab.setVlans(10, 20);
    expect(lab.entries).toEqual([`${GROUP} * 10 exclude`, `${GROUP} * 20 exclude`]);
  });

  test('is not inherited by a port that takes the place of its port', () => {
    const lab = new Lab(10);
    expect(lab.add(GROUP)).toBeUndefined();
    lab.bridge.removePort(0);
    lab.bridge.addPort(0, { name: 'tap9', mtuBytes: 1_500, takesOffloads: false, isUp: true });
    lab.setVlans(10, 20);
    expect(lab.entries).toEqual([]);
  });

  test('is refused, counted and told where a limit is reached, and enters once there is room', () => {
    const lab = new Lab(10);
    lab.bridge.configurePort(0, { mcastVlanLimits: [{ vid: 20, vidEnd: 30, groups: 1 }] });
    expect(lab.add(GROUP)).toBeUndefined();
    expect(lab.add(OTHER_GROUP)).toBeUndefined();
    lab.setVlans(10, 20);
    expect(lab.entries).toEqual([
      `${GROUP} * 10 exclude`,
      `${GROUP} * 20 exclude`,
      `${OTHER_GROUP} * 10 exclude`,
    ]);
    expect(lab.counts(0)['mcast-refused']).toBe(1);
    expect(lab.news).toEqual([
      { event: 'mcast-refused', group: OTHER_GROUP, port: 0, groups: 3, vlan: 20, vlanGroups: 1 },
    ]);
    removeGroup(lab.bridge, order(GROUP));
    lab.setVlans(10, 20);
    expect(lab.entries).toEqual([`${OTHER_GROUP} * 10 exclude`, `${OTHER_GROUP} * 20 exclude`]);
  });
});
