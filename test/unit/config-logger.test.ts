import fs from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { type LoggerOptions, createLogger } from '../../src/config/logger';

const MOMENT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function record(options: Partial<LoggerOptions>) {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    format: 'text',
    bridge: 'br0',
    clock: () => MOMENT_MS,
    write: (line) => lines.push(line),
    ...options,
  });
  return { logger, lines };
}

describe('the log', () => {
  test('as text has the time, the level, the bridge, the message and its fields', () => {
    const { logger, lines } = record({});
    logger.warn('port is down', { port: 'tap0@red', errno: 'EIO', count: 3, since: undefined });
    expect(lines).toEqual([
      '03:04:05.678 warn  br0: port is down port=tap0@red errno=EIO count=3\n',
    ]);
  });

  test('as text quotes what would be mistaken for something else', () => {
    const { logger, lines } = record({});
    logger.info('x', { a: 'two words', b: '', c: 'line\nbreak', d: 'a"b' });
    expect(lines).toEqual([
      '03:04:05.678 info  br0: x a="two words" b="" c="line\\nbreak" d="a\\"b"\n',
    ]);
  });

  test('as JSON has the same, and no field takes the place of another', () => {
    const { logger, lines } = record({ format: 'json' });
    logger.error('gone', { port: 'tap0', time: 'never', count: 3, since: undefined });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        time: '2026-01-02T03:04:05.678Z',
        level: 'error',
        bridge: 'br0',
        message: 'gone',
        port: 'tap0',
        count: 3,
      },
    ]);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
  });

  test.each([
    ['error', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
  ] as const)('at level %s takes %i of the four levels', (level, count) => {
    const { logger, lines } = record({ level });
    logger.debug('d');
    logger.info('i');
    logger.warn('w');
    logger.error('e');
    expect(lines).toHaveLength(count);
    expect(lines.at(-1)).toContain('error');
  });

  test('goes to standard error with the time of the system, unless told otherwise', () => {
    const writeSync = jest.spyOn(fs, 'writeSync').mockReturnValue(0);
    createLogger({ level: 'info', format: 'json', bridge: 'br0' }).info('up');
    const [descriptor, line] = writeSync.mock.calls[0] ?? [];
    writeSync.mockRestore();
    expect(descriptor).toBe(2);
    const { time } = JSON.parse(String(line)) as { time: string };
    expect(new Date(time).toISOString()).toBe(time);
  });

  test('that cannot be written loses lines, and says how many', () => {
    const lines: string[] = [];
    let isFull = true;
    const { logger } = record({
      write: (line) => {
        if (isFull) throw new Error('EAGAIN');
        lines.push(line);
      },
    });
    logger.info('first');
    logger.info('second');
    isFull = false;
    logger.info('third');
    logger.info('fourth');
    expect(lines).toEqual([
      '03:04:05.678 info  br0: third lostLines=2\n',
      '03:04:05.678 info  br0: fourth\n',
    ]);
  });
});
