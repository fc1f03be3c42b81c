import { describe, expect, test } from '@jest/globals';
import { readPingMean, readSockperf } from '../../../bench/traffic/round-trip';

describe('readPingMean', () => {
  test('takes the mean of what each echo took, in µs', () => {
    const report = [
      '64 bytes from 198.18.0.2: icmp_seq=1 ttl=64 time=0.012 ms',
      '64 bytes from 198.18.0.2: icmp_seq=2 ttl=64 time=0.011 ms',
      '64 bytes from 198.18.0.2: icmp_seq=3 ttl=64 time=1.05 ms',
      '',
      '--- 198.18.0.2 ping statistics ---',
      '5000 packets transmitted, 5000 received, 0% packet loss, time 218ms',
      'rtt min/avg/max/mdev = 0.015/0.024/0.409/0.018 ms, ipg/ewma 0.043/0.023 ms',
    ];
    expect(readPingMean(report.join('\n'))).toBeCloseTo((12 + 11 + 1050) / 3);
  });

  test('refuses a report without one', () => {
    const report = '10 packets transmitted, 0 received, 100% packet loss, time 9ms';
    expect(() => readPingMean(report)).toThrow('no round-trip time');
  });
});

describe('readSockperf', () => {
  const line = (percentile: string, value: string): string =>
    `sockperf: ---> percentile ${percentile} =   ${value}`;

  test('reads the percentiles in µs', () => {
    const report = [
      line('99.999', '900.100'),
      line('99.990', '800.200'),
      line('99.900', '41.250'),
      line('99.000', '30.500'),
      line('90.000', '20.000'),
      line('50.000', '18.750'),
    ];
    expect(readSockperf(report.join('\n'))).toEqual({ p50: 18.75, p99: 30.5, 'p99.9': 41.25 });
  });

  test('refuses a report without them', () => {
    expect(() => readSockperf('sockperf: ERROR: no answer')).toThrow('no percentile');
  });
});
