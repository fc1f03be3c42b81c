// `npm run contrib`: writes files for packagers and editors, made from the compiled sources: manual
// pages, completion for bash, and the schema of the configuration file.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const DIST = join(import.meta.dirname, '../dist');
const { contribFiles } = createRequire(import.meta.url)(join(DIST, 'contrib.js'));

const folder = join(DIST, 'contrib');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(contribFiles())) writeFileSync(join(folder, name), text);
