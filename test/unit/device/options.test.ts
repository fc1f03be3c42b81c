import { describe, expect, test } from '@jest/globals';
import { ValueError } from '../../../src/config/values/rule';
import {
  type DeviceOptions,
  type DeviceSettings,
  checkOptions,
  checkSettings,
} from '../../../src/device/device-options';
import type { DeviceMode } from '../../../src/device/link';
import { TunTapError } from '../../../src/system/tuntap-error';

describe('the options of a device', () => {
  test('are by default those of a TAP that the kernel names', () => {
    expect(checkOptions({}, 'tap')).toEqual({
      name: 'tap%d',
      netnsPath: undefined,
      settings: { addresses: [] },
      native: { name: 'tap%d', tun: false, packetInfo: false, multiQueue: false },
    });
    expect(checkOptions({}, 'tun').name).toBe('tun%d');
  });

  test('become the options of the addon', () => {
    const options = {
      name: 'tun7',
      netns: 'red',
      user: 'root',
      group: 7,
      packetInfo: true,
      multiQueue: true,
      mtu: 65_535,
      up: false,
      addresses: ['192.0.2.1/24', { address: '2001:db8::1/128', peer: '2001:DB8::0002' }],
    };
    expect(checkOptions(options, 'tun')).toEqual({
      name: 'tun7',
      netnsPath: '/run/netns/red',
      settings: {
        mtuBytes: 65_535,
        isUp: false,
        addresses: [
          { address: Uint8Array.of(192, 0, 2, 1), prefixLength: 24, peer: undefined },
          { address: ipv6(1), prefixLength: 128, peer: ipv6(2) },
        ],
      },
      native: {
        name: 'tun7',
        netnsPath: '/run/netns/red',
        tun: true,
        packetInfo: true,
        multiQueue: true,
        owner: 0,
        group: 7,
      },
    });
  });

  test('may name a namespace by its file', () => {
    expect(checkOptions({ netns: '/proc/1/ns/net' }, 'tap').netnsPath).toBe('/proc/1/ns/net');
  });

  test('are refused for a user that does not exist', () => {
    const check = (): unknown => checkOptions({ user: 'no-such-user' }, 'tap');
    expect(check).toThrow(TunTapError);
    expect(check).toThrow('there is no user "no-such-user" (ENOENT); name one that exists');
  });

  test.each<[DeviceOptions, DeviceMode, string]>([
    [{ name: '' }, 'tap', 'name: expected an interface name of 1 to 15 bytes'],
    [{ name: 'a/b' }, 'tap', 'name: expected an interface name without "/"'],
    [{ netns: 'a/b' }, 'tap', 'netns: expected a network namespace'],
    [{ user: '-x' }, 'tap', 'user: expected a user or group'],
    [{ group: -1 }, 'tap', 'group: expected a whole number'],
    [{ mtu: 65_522 }, 'tap', 'mtu: expected a whole number of bytes from 68 to 65521, got 65522'],
    [{ mtu: 65_536 }, 'tun', 'mtu: expected a whole number of bytes from 68 to 65535, got 65536'],
    [{ mtu: 1400.5 }, 'tap', 'mtu: expected a whole number'],
    [{ mac: 'ff:ff:ff:ff:ff:ff' }, 'tap', 'mac: expected the MAC address of one station'],
    [{ mac: '02:00:00:00:00:01' }, 'tun', 'mac: a TUN device has no MAC address; leave it out'],
    [{ addresses: ['192.0.2.1'] }, 'tap', 'address: expected the address of a host'],
    [{ addresses: ['127.0.0.1/8'] }, 'tap', 'a loopback address'],
    [
      { addresses: [{ address: '192.0.2.1/32', peer: 'x' }] },
      'tun',
      'peer: expected an IP address',
    ],
    [
      { addresses: [{ address: '192.0.2.1/32', peer: '2001:db8::2' }] },
      'tun',
      'peer: expected an IPv4 address, as 192.0.2.1 is, got 2001:db8::2',
    ],
  ])('%j of a %s is refused', (options, mode, complaint) => {
    expect(() => checkOptions(options, mode)).toThrow(ValueError);
    expect(() => checkOptions(options, mode)).toThrow(complaint);
  });
});

describe('settings', () => {
  test('become the bytes that the kernel takes', () => {
    const settings: DeviceSettings = { mac: '02-00-00-00-00-0A', up: true };
    expect(checkSettings(settings, 'tap')).toEqual({
      mac: Uint8Array.of(2, 0, 0, 0, 0, 10),
      isUp: true,
      addresses: [],
    });
  });
});

/** 2001:db8::LAST */
function ipv6(last: number): Uint8Array {
  return Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
}
