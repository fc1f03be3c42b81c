"use strict";
/** The type of the API, for the files that add routes: fastify, with requests checked by zod. */
Object.defineProperty(exports, "__esModule", { value: true });
