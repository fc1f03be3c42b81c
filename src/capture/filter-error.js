"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.FilterError = void 0;
/** A filter that was refused. The message names the word and says what would be right. */
class FilterError extends Error {
    name = 'FilterError';
}
exports.FilterError = FilterError;
