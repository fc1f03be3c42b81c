import fs from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { type LoggerOptions, createLogger } from '../../../src/journal/logger';

function record(options: Partial<LoggerOptions>) {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    format: 'json',
    bridge: 'br0',
    write: (line) => lines.push(line),
    ...options,
  });
  const records = (): unknown[] => lines.map((line) => JSON.parse(line) as unknown);
  return { logger, lines, records };
}

const ANY_TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('the log', () => {
  test('as text has the time, the level, the bridge, the message and its fields on one line', () => {
    const { logger, lines } = record({ format: 'text' });
    logger.warn('port is down', { port: 'tap0@red', errno: 'EIO', count: 3, since: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d{4}\] WARN: br0: port is down \{"port":"tap0@red","errno":"EIO","count":3\}\n$/,
    );
  });

  test('as text keeps a line break in a field on the line', () => {
    const { logger, lines } = record({ format: 'text' });
    logger.info('x', { path: 'line\nbreak' });
    expect(lines[0]).toMatch(/INFO: br0: x \{"path":"line\\nbreak"\}\n$/);
  });

  test('as text has local time with the offset from UTC', () => {
    const { logger, lines } = record({ format: 'text' });
    const before = Date.now();
    logger.info('x');
    const after = Date.now();
    const [, day = '', time = '', zone = ''] = /^\[(\S+) (\S+) (\S+)\]/.exec(lines[0] ?? '') ?? [];
    const at = new Date(`${day}T${time}${zone.slice(0, 3)}:${zone.slice(3)}`);
    expect(at.getTime()).toBeGreaterThanOrEqual(before);
    expect(at.getTime()).toBeLessThanOrEqual(after);
    const local = [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours()];
    expect([...day.split('-'), time.slice(0, 2)].map(Number)).toEqual(local);
  });

  test('as text sends no control sequences to a terminal, even from names', () => {
    const { logger, lines } = record({ format: 'text', bridge: 'br\x9b' });
    const hostile = '\x1b[2J\x7f\x9b2J\u202e';
    logger.warn(`gone ${hostile}`, {
      port: hostile,
      [hostile]: 'x',
      type: 'Error',
      stack: hostile,
    });
    const shown = '\\u001b[2J\\u007f\\u009b2J\\u202e';
    expect(lines.join('')).toMatch(/^[^\p{C}]*\n$/u);
    expect(lines[0]).toContain(
      `WARN: br\\u009b: gone ${shown} {"port":"${shown}","${shown}":"x","type":"Error","stack":"${shown}"}\n`,
    );
  });

  test('as JSON has the same content, one object per line', () => {
    const { logger, lines, records } = record({});
    logger.error('gone', { port: 'tap0', count: 3, since: undefined });
    expect(records()).toEqual([
      { time: ANY_TIME, level: 'error', bridge: 'br0', message: 'gone', port: 'tap0', count: 3 },
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

  test.each([
    ['before', true],
    ['after', false],
  ])('takes the level that was set last, %s it is loaded', (_, isEarly) => {
    const { logger, lines } = record({ level: 'error' });
    if (!isEarly) logger.load();
    logger.setLevel('info');
    logger.debug('d');
    logger.info('i');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"message":"i"');
  });

  test('says which levels it writes, and writes no other', () => {
    const { logger, lines } = record({ level: 'warn' });
    const levels = ['debug', 'info', 'warn', 'error'] as const;
    const written = () => levels.filter((level) => logger.writes?.(level));
    expect(written()).toEqual(['warn', 'error']);
    logger.setLevel('debug');
    expect(written()).toEqual(levels);
    logger.setLevel('warn');
    for (const level of levels) logger[level]('x');
    expect(lines).toHaveLength(written().length);
  });

  test('goes to standard error by default', () => {
    const writeSync = jest.spyOn(fs, 'writeSync').mockReturnValue(0);
    createLogger({ level: 'info', format: 'json', bridge: 'br0' }).info('up');
    const [descriptor, line] = writeSync.mock.calls[0] ?? [];
    writeSync.mockRestore();
    expect(descriptor).toBe(2);
    expect(JSON.parse(String(line))).toMatchObject({ message: 'up' });
  });

  test('begins a new line behind one that a full disk has cut off', () => {
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    let room = 20;
    let written = '';
    const writeSync = jest.spyOn(fs, 'writeSync').mockImplementation((_, line) => {
      if (room === 0) throw full;
      const taken = Buffer.from(line as unknown as Uint8Array).subarray(0, room);
      room -= taken.length;
      written += taken.toString();
      return taken.length;
    });
    const log = createLogger({ level: 'info', format: 'json', bridge: 'br0' });
    log.info('cut off');
    log.info('lost');
    room = 10_000;
    log.info('written');
    log.info('next');
    writeSync.mockRestore();
    const [cut, ...lines] = written.trimEnd().split('\n');
    expect(cut).toHaveLength(20);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { message: 'written', lostLines: 2 },
      { message: 'next' },
    ]);
  });

  test.each(['json', 'text'] as const)(
    'as %s tells warnings and errors from other lines',
    (format) => {
      const told: boolean[] = [];
      const { logger } = record({ format, write: (_line, matters) => told.push(matters) });
      for (const level of ['debug', 'info', 'warn', 'error', 'info'] as const) logger[level]('x');
      expect(told.slice(-4)).toEqual([false, true, true, false]);
    },
  );

  test.each(['json', 'text'] as const)(
    'as %s that cannot be written loses lines, and says how many',
    (format) => {
      const lines: string[] = [];
      let isFull = true;
      const { logger } = record({
        format,
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
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(/third.*"lostLines":2|"lostLines":2.*third/);
      expect(lines[1]).toContain('fourth');
      expect(lines[1]).not.toContain('lostLines');
    },
  );
});
