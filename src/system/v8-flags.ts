/**
 * V8's flags for the programs. They are set when this module is loaded, for all threads of the process.
 *
 * V8 inlines functions until their bytecode exceeds a budget. The path of a frame is one function that calls
 * small ones, and each feature that is switched off still adds a test to it. With V8's own budget, 920 bytes in
 * all and 460 for one function, some of them are called instead, which costs a sixth of a forwarding decision:
 * `npm run bench -- --only decide` shows it.
 *
 * Bytecode is good under the flags with which it was written, so `bundle.ts` loads this module first.
 */

import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
setFlagsFromString('--max-inlined-bytecode-size=1000');
