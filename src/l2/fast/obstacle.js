"use strict";
/** Reasons why the bridge keeps the fast path of a port shut. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FAST_OBSTACLES = exports.FastObstacle = void 0;
exports.FastObstacle = {
    None: 0,
    Down: 1,
    Discarding: 2,
    NotLearning: 3,
    Watched: 4,
    VlanFiltering: 5,
    Mirrored: 6,
};
/** Texts of the reasons, to follow the label of a port. */
exports.FAST_OBSTACLES = [
    '',
    'the port is down',
    'the port does not forward',
    'the port does not learn',
    'a capture sees every frame',
    'the switch filters by VLAN',
    'a mirror copies its frames',
];
