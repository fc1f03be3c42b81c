/** Times at which the ports are refreshed: at events, and every few seconds without one. */

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PortWatch, type WatchedPorts } from '../../../src/ports/port-watch';

/** Ports that count the calls of their watch. */
class CountingPorts implements WatchedPorts {
  isTroubled = false;
  netnsPaths: string[] = [];
  onTrouble: (() => void) | undefined = undefined;
  readonly calls: string[] = [];

  refresh(): void {
    this.calls.push('refresh');
  }
  refreshChanged(): void {
    this.calls.push('changed');
  }
  refreshTroubled(): void {
    if (this.isTroubled || this.netnsPaths.length > 0) this.calls.push('troubled');
  }
  releaseNetns(): void {
    this.calls.push('release');
  }

  take(): string[] {
    return this.calls.splice(0);
  }
}

describe('the watch of the ports', () => {
  let ports: CountingPorts;
  let watch: PortWatch;

  beforeEach(() => {
    jest.useFakeTimers();
    ports = new CountingPorts();
    watch = new PortWatch(ports);
  });

  afterEach(() => {
    watch.close();
    jest.useRealTimers();
  });

  test('refreshes all of them every 5 s, and releases namespaces ahead', () => {
    watch.start();
    expect(ports.take()).toEqual(['refresh']);
    jest.advanceTimersByTime(10_010);
    expect(ports.take()).toEqual(['release', 'refresh', 'release', 'refresh']);
  });

  test('wakes twice in 5 s while none has trouble', () => {
    watch.start();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersToNextTimer();
    jest.advanceTimersToNextTimer();
    expect(performance.now()).toBeGreaterThanOrEqual(5_000);
  });

  test('tries a port again twice a second while it has trouble, and no longer', () => {
    watch.start();
    ports.take();
    ports.isTroubled = true;
    ports.onTrouble?.();
    jest.advanceTimersByTime(2_010);
    expect(ports.take()).toEqual(['troubled', 'troubled', 'troubled', 'troubled']);
    ports.isTroubled = false;
    jest.advanceTimersByTime(2_000);
    expect(ports.take()).toEqual([]);
  });

  test('checks a namespace whose end no event reports twice a second', () => {
    ports.netnsPaths = ['/proc/1/ns/net'];
    watch.start();
    ports.take();
    jest.advanceTimersByTime(1_010);
    expect(ports.take()).toEqual(['troubled', 'troubled']);
  });

  test('does nothing before its start and after its end', () => {
    jest.advanceTimersByTime(20_000);
    watch.start();
    watch.close();
    ports.onTrouble?.();
    ports.take();
    jest.advanceTimersByTime(20_000);
    expect(ports.take()).toEqual([]);
  });
});
