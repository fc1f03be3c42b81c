"use strict";
/** Settings of a configuration that the lane takes while it runs: the options marked `live: 'lane'`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.laneSettings = laneSettings;
const schema_1 = require("../config/schema");
function laneSettings(config) {
    const options = schema_1.CONFIG_OPTIONS.filter(({ live }) => live === 'lane');
    const settings = Object.fromEntries(options.map(({ property }) => [property, config[property]]));
    return settings;
}
