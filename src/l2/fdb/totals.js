"use strict";
/** The totals of the forwarding database: two counts, in memory that another thread may read. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FdbTotals = exports.TOTALS_BYTES = exports.TOTALS = void 0;
/** Words of the totals. */
exports.TOTALS = { DYNAMIC: 0, STATICS: 1 };
exports.TOTALS_BYTES = 8;
/** Numbers of learned and of static entries, which another thread reads. */
class FdbTotals {
    memory = new SharedArrayBuffer(exports.TOTALS_BYTES);
    totals = new Int32Array(this.memory);
    get dynamic() {
        return Atomics.load(this.totals, exports.TOTALS.DYNAMIC);
    }
    get static() {
        return Atomics.load(this.totals, exports.TOTALS.STATICS);
    }
}
exports.FdbTotals = FdbTotals;
