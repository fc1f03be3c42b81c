"use strict";
/** Notes the news of the lane in the journal, with the labels of ports and with wall-clock times. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.noteNews = noteNews;
const refusal_reason_1 = require("../hosts/refusal-reason");
/** @param labelOf gives the label of a port by its id */
function noteNews(journal, news, labelOf) {
    const atMs = 'atMs' in news ? Date.now() - monotonicMs() + news.atMs : undefined;
    journal.note(news.event, fieldsOf(news, labelOf), atMs);
}
function fieldsOf(news, labelOf) {
    if (news.event === 'inspection-refused') {
        const { reason, address, mac, port, untold } = news;
        const { name, advice } = refusal_reason_1.REFUSAL_REASONS[reason];
        const whose = { ...(address !== undefined && { address }), mac, port: labelOf(port) };
        return { reason: name, ...whose, advice, untold };
    }
    const isPort = (name) => name === 'port' || name === 'from';
    const fields = Object.entries(news).filter(([name]) => name !== 'event' && name !== 'atMs');
    return Object.fromEntries(fields.map(([name, value]) => [
        name,
        isPort(name) ? labelOf(Number(value)) : value,
    ]));
}
/** Time of the data plane's clock. */
function monotonicMs() {
    return Number(process.hrtime.bigint() / 1000000n);
}
