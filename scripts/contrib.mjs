// `npm run contrib`: writes what is made from the compiled sources for packagers and editors: manual
// pages, completion for bash, and the schema of the configuration file.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, '../dist');
const { contribFiles } = createRequire(import.meta.url)(join(DIST, 'contrib.js'));

const folder = join(DIST, 'contrib');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(contribFiles())) writeFileSync(join(folder, name), text);
