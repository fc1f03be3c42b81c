"use strict";
/**
 * Receiver of every decision about a frame. The deciding code calls it, as Open vSwitch calls
 * `xlate_report` (ofproto/ofproto-dpif-xlate.c). The bridge has one while somebody traces, and a room
 * reaches it through the outbox.
 *
 * Tracing is rare. So a caller first checks that there is a reporter, and makes no sentence and no object
 * before that.
 */
Object.defineProperty(exports, "__esModule", { value: true });
