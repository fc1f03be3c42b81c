"use strict";
/**
 * The OpenAPI 3.1 document of the control API, made of the routes and their zod schemas. It has all that a
 * generator of clients needs: a server, an `operationId` for each operation, a name for each schema that has
 * one (`.meta({ id: 'Port' })`), and every status with the type of its body.
 *
 * Source: OpenAPI Specification 3.1.1, https://spec.openapis.org/oas/v3.1.1.html.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ApiDocument = exports.NO_BODY = void 0;
exports.streamOf = streamOf;
exports.linesOf = linesOf;
const node_http_1 = require("node:http");
const zod_1 = require("zod");
const rule_schema_1 = require("../config/rule-schema");
const shapes_1 = require("../control/shapes");
const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
/** Schema of an answer without a body. */
exports.NO_BODY = zod_1.z.undefined().describe('done');
/** Schema of an answer that is text or bytes of this media type. */
function streamOf(mediaType, description) {
    return zod_1.z.unknown().meta({ type: 'string', contentMediaType: mediaType, description });
}
/** Schema of an answer with one JSON value in each line (NDJSON), and no end. */
function linesOf(mediaType, line) {
    return line.meta({ contentMediaType: mediaType, description: 'a line for each, without end' });
}
class ApiDocument {
    version;
    paths = {};
    schemas = {};
    constructor(version) {
        this.version = version;
    }
    /** @param url path of the route with its parameters as `:name` */
    add(method, url, words) {
        if (words.hide === true)
            return;
        const { operationId, summary, description, params, querystring, body, response } = words;
        const path = url.replace(/:(\w+)/g, '{$1}');
        const parameters = [
            ...this.parameters('path', params),
            ...this.parameters('query', querystring),
        ];
        const answers = Object.entries((response ?? {}));
        this.paths[path] = {
            ...this.paths[path],
            [method.toLowerCase()]: {
                operationId,
                summary,
                description,
                ...(parameters.length > 0 && { parameters }),
                ...(body !== undefined && { requestBody: this.requestBody(body) }),
                responses: {
                    ...Object.fromEntries(answers.map(([status, shape]) => [status, this.answer(status, shape)])),
                    '4XX': { $ref: '#/components/responses/Refused' },
                    '5XX': { $ref: '#/components/responses/Failed' },
                },
            },
        };
    }
    /** @returns the document as JSON. */
    render() {
        const problem = { [PROBLEM_TYPE]: { schema: this.schemaOf(shapes_1.problemShape) } };
        const text = JSON.stringify({
            openapi: '3.1.0',
            info: {
                title: 'tapswitch',
                version: this.version,
                description: 'Controls a running switch over its control socket.',
                license: { name: 'MIT', identifier: 'MIT' },
            },
            servers: [
                {
                    url: 'http://switch',
                    description: 'Any host name: a client connects to the control socket, /run/tapswitch/NAME.sock, and looks none up',
                },
            ],
            // Whoever may open the socket may do everything.
            security: [],
            paths: this.paths,
            components: {
                responses: {
                    Refused: {
                        description: 'the request is wrong, or does not fit the state',
                        content: problem,
                    },
                    Failed: { description: 'the switch failed, or is busy', content: problem },
                },
                schemas: this.schemas,
            },
        });
        // zod keeps named schemas in $defs of each schema; here they have one place.
        return text.replaceAll('"#/$defs/', '"#/components/schemas/');
    }
    parameters(place, shape) {
        if (shape === undefined)
            return [];
        const { properties = {}, required = [] } = (0, rule_schema_1.toJsonSchema)(shape);
        return Object.entries(properties).map(([name, schema]) => ({
            name,
            in: place,
            required: place === 'path' || required.includes(name),
            schema,
        }));
    }
    requestBody(shape) {
        return { required: true, content: { [JSON_TYPE]: { schema: this.schemaOf(shape) } } };
    }
    answer(status, shape) {
        const { description = node_http_1.STATUS_CODES[status] } = shape;
        if (shape === exports.NO_BODY)
            return { description };
        const type = (shape.meta()?.['contentMediaType'] ?? JSON_TYPE);
        return { description, content: { [type]: { schema: this.schemaOf(shape) } } };
    }
    /** A reference to a named schema, or the schema itself. Notes the named schemas inside it. */
    schemaOf(shape) {
        // The wrapper lets zod treat the schema itself as one with a name, too.
        const { properties, $defs } = (0, rule_schema_1.toJsonSchema)(zod_1.z.object({ shape }));
        Object.assign(this.schemas, $defs);
        return properties.shape;
    }
}
exports.ApiDocument = ApiDocument;
