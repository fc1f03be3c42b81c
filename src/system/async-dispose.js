"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.asyncDispose = void 0;
/** Symbol of `await using`. Node has it since 20.5, but the environment of a Jest test may lack it. */
exports.asyncDispose = Symbol.asyncDispose ??
    Symbol.for('nodejs.asyncDispose');
