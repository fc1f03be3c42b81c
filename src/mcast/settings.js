"use strict";
/**
 * Settings of snooping. Names, defaults and meanings are those of a Linux bridge (`ip link set … type bridge
 * mcast_…`), but for the default of `mcastSnooping`, and for intervals that are derived unless given.
 *
 * Source: `br_multicast_ctx_init` in net/bridge/br_multicast.c; RFC 3376 section 8, RFC 3810 section 9.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.DEFAULT_MCAST_SETTINGS = void 0;
exports.mcastSettingsIn = mcastSettingsIn;
exports.membershipMs = membershipMs;
exports.querierMs = querierMs;
exports.startupMs = startupMs;
exports.lastMemberMs = lastMemberMs;
const group_table_1 = require("./group-table");
exports.DEFAULT_MCAST_SETTINGS = {
    mcastSnooping: false,
    mcastQuerier: false,
    mcastIgmpVersion: 2,
    mcastMldVersion: 1,
    mcastHashMax: group_table_1.DEFAULT_HASH_MAX,
    mcastLastMemberCount: 2,
    mcastLastMemberIntervalMs: 1_000,
    mcastMembershipIntervalMs: 0,
    mcastQuerierIntervalMs: 0,
    mcastQueryIntervalMs: 125_000,
    mcastQueryResponseIntervalMs: 10_000,
    mcastStartupQueryCount: 2,
    mcastStartupQueryIntervalMs: 0,
};
/** The settings of snooping among others. */
function mcastSettingsIn(settings) {
    const names = Object.keys(exports.DEFAULT_MCAST_SETTINGS);
    const given = names.filter((name) => settings[name] !== undefined);
    return Object.fromEntries(given.map((name) => [name, settings[name]]));
}
const ROBUSTNESS = 2;
/** Milliseconds for which a report holds: RFC 3376 8.4. */
function membershipMs(settings) {
    const { mcastMembershipIntervalMs: given, mcastQueryResponseIntervalMs: response } = settings;
    return given || ROBUSTNESS * settings.mcastQueryIntervalMs + response;
}
/** Milliseconds for which a query of somebody else holds: RFC 3376 8.5. */
function querierMs(settings) {
    const { mcastQuerierIntervalMs: given, mcastQueryResponseIntervalMs: response } = settings;
    return given || ROBUSTNESS * settings.mcastQueryIntervalMs + response / 2;
}
/** Milliseconds between the first general queries: RFC 3376 8.6. */
function startupMs(settings) {
    return settings.mcastStartupQueryIntervalMs || settings.mcastQueryIntervalMs / 4;
}
/** Milliseconds after which a group ends that nobody answers for: RFC 3376 8.8. */
function lastMemberMs(settings) {
    return settings.mcastLastMemberCount * settings.mcastLastMemberIntervalMs;
}
