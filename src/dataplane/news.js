"use strict";
/**
 * News of the lane for the journal: the name of an event, and its fields. There is one type for all news and
 * one kind of report that carries it. The texts are in `src/journal/events.ts`. A port is an id here; the
 * control plane knows its label.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.unpackNews = unpackNews;
const event_log_1 = require("../l2/event-log");
/** @returns the news, oldest first */
function unpackNews({ fields, lost }) {
    const news = (0, event_log_1.decodeEvents)(fields).map(({ event, mac, port, fromPort, atMs }) => ({
        event,
        mac,
        port,
        ...(fromPort >= 0 && { from: fromPort }),
        atMs,
    }));
    if (lost > 0)
        news.push({ event: 'stations-lost', lost });
    return news;
}
