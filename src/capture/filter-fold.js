"use strict";
/**
 * Makes a filter small without changing what it matches: `not` only in front of primitives, no
 * double negation, no lists within lists of the same kind, nothing twice in a list, and no list
 * whose answer is known (`arp and not arp`).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.foldFilter = foldFilter;
const filter_1 = require("./filter");
/** @returns a filter that matches the same frames */
function foldFilter(filter) {
    return fold(filter, false);
}
/** @param isNegated whether to fold the opposite: De Morgan's laws carry it down to the leaves */
function fold(filter, isNegated) {
    let term = filter;
    let isOpposite = isNegated;
    // A loop, not a recursion: a program may write thousands of `not`.
    while (term.kind === 'not') {
        term = term.term;
        isOpposite = !isOpposite;
    }
    switch (term.kind) {
        case 'all':
            return isOpposite ? filter_1.NONE : filter_1.ALL;
        case 'none':
            return isOpposite ? filter_1.ALL : filter_1.NONE;
        case 'and':
        case 'or':
            return foldList(term.terms, (term.kind === 'and') !== isOpposite ? 'and' : 'or', isOpposite);
        default:
            return isOpposite ? { kind: 'not', term } : term;
    }
}
function foldList(terms, kind, isNegated) {
    /** The term that adds nothing to the list, and the term that decides it alone. */
    const [neutral, decisive] = kind === 'and' ? [filter_1.ALL, filter_1.NONE] : [filter_1.NONE, filter_1.ALL];
    const kept = new Map();
    for (const term of terms) {
        const folded = fold(term, isNegated);
        for (const part of folded.kind === kind ? folded.terms : [folded]) {
            if (part.kind === decisive.kind || kept.has(keyOf(part, true)))
                return decisive;
            if (part.kind !== neutral.kind)
                kept.set(keyOf(part), part);
        }
    }
    const list = [...kept.values()];
    if (list.length === 0)
        return neutral;
    return list.length === 1 ? list[0] : { kind, terms: list };
}
/**
 * A key that is equal for equal folded filters, whatever the order of their lists.
 * @param isNegated whether to give the key of the opposite. To fold the opposite for it at each depth would
 *   double the work with each depth.
 */
function keyOf(filter, isNegated = false) {
    switch (filter.kind) {
        case 'not':
            return keyOf(filter.term, !isNegated);
        case 'and':
        case 'or': {
            const word = (filter.kind === 'and') !== isNegated ? 'and' : 'or';
            const keys = filter.terms.map((term) => keyOf(term, isNegated));
            return `(${keys.sort().join(` ${word} `)})`;
        }
        default:
            return isNegated ? `not ${primitiveKey(filter)}` : primitiveKey(filter);
    }
}
function primitiveKey(primitive) {
    return JSON.stringify(Object.entries(primitive).sort());
}
