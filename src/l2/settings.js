"use strict";
/**
 * Settings of a bridge that can change while frames flow. `Bridge.configure` takes them at the start, at a
 * reload, and for the twin that a trace runs. The names are those of the configuration.
 */
Object.defineProperty(exports, "__esModule", { value: true });
