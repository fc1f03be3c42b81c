import { describe, expect, test } from '@jest/globals';
import { settingTexts } from '../../../src/tapctl/commands/port';
import { eventText } from '../../../src/tapctl/event-text';
import { createProgram } from '../../../src/tapctl/program';
import { sortedBy } from '../../../src/tapctl/sorted';
import { leavesOf } from '../../../src/terminal/manual';

describe('the settings of a port', () => {
  test.each([
    [['mtu=9000'], ['mtu=9000']],
    [['mtu', '9000'], ['mtu=9000']],
    [
      ['mtu', '9000', 'isolated=on', 'up', 'off'],
      ['mtu=9000', 'isolated=on', 'up=off'],
    ],
    [['address', '192.0.2.1/24'], ['address=192.0.2.1/24']],
    [['mtu'], ['mtu']],
  ])('%j', (words, texts) => {
    expect(settingTexts(words)).toEqual(texts);
  });
});

describe('an event on a terminal', () => {
  test('has its time, its words and its fields', () => {
    const event = { mac: '02:00:00:00:00:01', port: 'tap0', seq: 3, event: 'learn' };
    expect(eventText(JSON.stringify({ ...event, time: '2026-01-02T06:55:12.507Z' }))).toBe(
      '06:55:12.507  station learn  mac 02:00:00:00:00:01  port tap0',
    );
  });

  test('says how many events are lost', () => {
    expect(eventText('{"event":"lost","lost":3}').trim()).toBe('lost  lost 3');
  });

  test('shows control characters as text', () => {
    const line = JSON.stringify({ event: 'port-up', port: 'a\u001b[2J', time: '', seq: 1 });
    expect(eventText(line)).toContain('a\\u001b[2J');
  });
});

describe('the rows of a table', () => {
  test('are sorted by numbers in names, and by the next key where the first is equal', () => {
    const rows = ['tap10 b', 'tap2 b', 'tap2 a', '192.0.2.10 x', '192.0.2.9 x'];
    expect(sortedBy(rows, (row) => row.split(' '))).toEqual([
      ...['192.0.2.9 x', '192.0.2.10 x', 'tap2 a', 'tap2 b', 'tap10 b'],
    ]);
  });
});

describe('the help of tapctl', () => {
  test('has the grammar of every command, in 80 columns', () => {
    for (const command of leavesOf(createProgram())) {
      const text = command.parent?.helpInformation() ?? '';
      expect(text).not.toContain('WORD');
      expect(
        text.split('\n').filter((line) => line.length > 80 && !/^ {2}(add|replace) /.test(line)),
      ).toEqual([]);
    }
  });
});
