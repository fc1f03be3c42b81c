"use strict";
/**
 * Messages between the main thread and the data-plane worker. A command carries a number, and one `done`
 * with the same number answers it. Commands are carried out in the order in which they were given, but
 * `copy-fdb` may be answered after later commands, because the copy is taken piece by piece between bursts.
 */
Object.defineProperty(exports, "__esModule", { value: true });
