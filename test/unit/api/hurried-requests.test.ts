/** Requests that run at the priority of the data plane. */

import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { HurriedRequests } from '../../../src/api/hurried-requests';

describe('a request', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function setUp(isAllowed = true) {
    const set: boolean[] = [];
    const requests = new HurriedRequests((isHurried) => {
      set.push(isHurried);
      return isAllowed;
    });
    /** Begins a request. @returns a function that ends it */
    const begin = (): (() => void) => {
      const answer = new EventEmitter();
      requests.begin(answer);
      return () => void answer.emit('close');
    };
    return { set, begin };
  }

  test('is hurried after a pause, from its beginning to its end', () => {
    const { set, begin } = setUp();
    const end = begin();
    expect(set).toEqual([true]);
    end();
    expect(set).toEqual([true, false]);
    jest.advanceTimersByTime(99);
    begin()();
    expect(set).toEqual([true, false]);
    jest.advanceTimersByTime(100);
    begin()();
    expect(set).toEqual([true, false, true, false]);
  });

  test('is no longer hurried after two seconds, as a stream is', () => {
    const { set, begin } = setUp();
    const end = begin();
    jest.advanceTimersByTime(1_999);
    expect(set).toEqual([true]);
    jest.advanceTimersByTime(1);
    expect(set).toEqual([true, false]);
    begin();
    end();
    expect(set).toEqual([true, false, true]);
  });

  test('is hurried while another one is, until both have ended', () => {
    const { set, begin } = setUp();
    const first = begin();
    jest.advanceTimersByTime(100);
    const second = begin();
    first();
    expect(set).toEqual([true]);
    second();
    expect(set).toEqual([true, false]);
  });

  test('stays where it is if the system allows no other priority', () => {
    const { set, begin } = setUp(false);
    begin()();
    jest.advanceTimersByTime(5_000);
    expect(set).toEqual([true]);
  });
});
