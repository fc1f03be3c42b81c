"use strict";
/** A mirror as the bridge takes it: its filter is a function. A trace makes it the same way. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.mirrorSettings = mirrorSettings;
const frame_filter_1 = require("../capture/frame-filter");
function mirrorSettings({ filter, ...settings }) {
    return { ...settings, ...(filter !== undefined && { accepts: (0, frame_filter_1.frameFilter)(filter) }) };
}
