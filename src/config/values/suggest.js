"use strict";
/** Suggestions ("did you mean …?") for a mistyped key. Commander makes those for options. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.nearestWord = nearestWord;
exports.noSuch = noSuch;
exports.noneSuch = noneSuch;
/** Maximum edit distance of a suggestion. A word farther away is another word, not a typing error. */
const DISTANCE_MAX = 2;
/** @returns the word nearest to `typed`, or `undefined` if none is near. */
function nearestWord(typed, words) {
    let nearest;
    let least = Math.min(DISTANCE_MAX, Math.ceil(typed.length / 2)) + 1;
    for (const word of words) {
        // Each edit changes the length by one at most. Without this a key of a megabyte takes seconds.
        if (Math.abs(typed.length - word.length) >= least)
            continue;
        const distance = editDistance(typed, word);
        if (distance < least) {
            least = distance;
            nearest = word;
        }
    }
    return nearest;
}
/** Text `no such THING; did you mean WORD?`, or a list of the words where none of them is near. */
function noSuch(thing, typed, words) {
    if (words.length === 0)
        return `no such ${thing}; leave it out`;
    const nearest = nearestWord(typed, words);
    const cure = nearest === undefined ? `one of ${words.join(', ')}` : `did you mean ${nearest}?`;
    return `no such ${thing}; ${cure}`;
}
/**
 * Complaints about several unknown words in one place, one for each. Only the first one without a
 * suggestion lists all known words: 10,000 lists would be megabytes.
 */
function noneSuch(thing, typed, words) {
    let isListed = false;
    return typed.map((word) => {
        if (nearestWord(word, words) !== undefined)
            return noSuch(thing, word, words);
        if (isListed)
            return `no such ${thing} either`;
        isListed = true;
        return noSuch(thing, word, words);
    });
}
/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(from, to) {
    let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
    for (let row = 1; row <= from.length; row++) {
        const current = [row];
        for (let column = 1; column <= to.length; column++) {
            const replace = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
            const remove = (previous[column] ?? 0) + 1;
            const insert = (current[column - 1] ?? 0) + 1;
            current.push(Math.min(replace, remove, insert));
        }
        previous = current;
    }
    return previous[to.length] ?? from.length;
}
