import { describe, expect, test } from '@jest/globals';
import { VlanTable } from '../../../src/l2/vlan-table';

describe('the VLAN table', () => {
  test('has a port in the default VLAN, untagged, until it is told otherwise', () => {
    const vlans = new VlanTable(4, 1);
    vlans.setPort(2, undefined);
    expect(vlans.vidsOf(2)).toEqual([1]);
    expect([vlans.pvid(2), vlans.isUntagged(2, 1), vlans.isMember(3, 1)]).toEqual([1, true, false]);
    expect(
      vlans.setPort(2, [
        { vid: 10, vidEnd: 12 },
        { vid: 20, pvid: true },
      ]),
    ).toEqual([1]);
    expect(vlans.vidsOf(2)).toEqual([10, 11, 12, 20]);
    expect([vlans.pvid(2), vlans.isUntagged(2, 20)]).toEqual([20, false]);
  });

  test('grows with the ports and keeps what it had', () => {
    const vlans = new VlanTable(1_024, 1);
    for (let port = 0; port < 1_024; port++) vlans.setPort(port, [{ vid: port + 1 }]);
    for (let port = 0; port < 1_024; port++) expect(vlans.vidsOf(port)).toEqual([port + 1]);
  });

  test('forgets a port that is gone', () => {
    const vlans = new VlanTable(4, 1);
    vlans.setPort(0, [{ vid: 7, pvid: true, untagged: true }]);
    vlans.remove(0);
    expect([vlans.vidsOf(0), vlans.pvid(0), vlans.isUntagged(0, 7)]).toEqual([[], 0, false]);
  });

  test('changes the default VLAN of ports that have no other', () => {
    const vlans = new VlanTable(4, 1);
    vlans.setPort(0, undefined);
    vlans.setPort(1, [{ vid: 1, pvid: true }]);
    const left: unknown[] = [];
    vlans.setDefaultPvid(0, (port, vids) => left.push([port, vids]));
    expect(left).toEqual([[0, [1]]]);
    expect([vlans.vidsOf(0), vlans.vidsOf(1), vlans.pvid(0)]).toEqual([[], [1], 0]);
  });

  test('never has the reserved VIDs', () => {
    const vlans = new VlanTable(1, 1);
    vlans.setPort(0, [{ vid: 1, vidEnd: 4094 }]);
    expect([vlans.isMember(0, 0), vlans.isMember(0, 4095)]).toEqual([false, false]);
  });
});
