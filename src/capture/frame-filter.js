"use strict";
/** A compiled filter that is asked about frames of a burst, one at a time, as they lie there. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.frameFilter = frameFilter;
const read_1 = require("../wire/read");
const filter_program_1 = require("./filter-program");
const frame_fields_1 = require("./frame-fields");
/** Makes a function that says whether the filter accepts a frame of a burst. */
function frameFilter(program) {
    const fields = new frame_fields_1.FrameFields();
    return (burst, frame) => {
        const at = (0, read_1.i32At)(burst.offset, frame);
        fields.read(burst.u8, at, at + (0, read_1.i32At)(burst.length, frame), program.parts);
        return (0, filter_program_1.isAccepted)(program, fields);
    };
}
