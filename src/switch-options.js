"use strict";
/** Options of a switch that a program starts: the keys and values of a configuration file. */
Object.defineProperty(exports, "__esModule", { value: true });
