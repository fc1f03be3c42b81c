'use strict';

/**
 * Preloaded into a program (`node --require`), it notes what each thread loads: bundles, with what V8 thinks
 * of their bytecode, when they are compiled; files that Node itself has loaded, when the thread ends. Each is a
 * line of JSON in the file LOADS.
 */

const { appendFileSync } = require('node:fs');
const vm = require('node:vm');
const { isMainThread } = require('node:worker_threads');

const note = (load) => {
  const line = { thread: isMainThread ? 'main' : 'lane', ...load };
  appendFileSync(process.env.LOADS, `${JSON.stringify(line)}\n`);
};

const { Script } = vm;
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options);
    note({ bundle: options.filename, isBytecodeTaken: this.cachedDataRejected === false });
  }
};

process.on('exit', () => {
  for (const file of Object.keys(require.cache)) note({ file });
});
