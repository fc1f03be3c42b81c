/** Folder of the package or the clone. Bundles are as deep in it as the files of this folder. */

import { join } from 'node:path';

export const PACKAGE_ROOT = join(__dirname, '../..');
