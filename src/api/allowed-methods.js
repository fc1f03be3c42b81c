"use strict";
/**
 * Methods of each path, for the answer to a request with another method.
 *
 * Source: RFC 9110 15.5.6 (405 Method Not Allowed), 10.2.1 (Allow).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.AllowedMethods = void 0;
class AllowedMethods {
    /** Paths by their text, such as `/v1/ports/:port`. */
    paths = new Map();
    /** Adds a route. @param path segments; one that begins with `:` stands for any segment */
    add(path, methods) {
        const known = this.paths.get(path) ?? { pattern: patternOf(path), methods: new Set() };
        this.paths.set(path, known);
        for (const method of [methods].flat())
            known.methods.add(method);
    }
    /**
     * Methods that the path of a URL has, in alphabetical order; none for an unknown path.
     * @param url path of a request, with or without a query
     */
    of(url) {
        const [path = ''] = url.split('?', 1);
        const found = [...this.paths.values()].filter(({ pattern }) => pattern.test(path));
        return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
    }
}
exports.AllowedMethods = AllowedMethods;
function patternOf(path) {
    const segments = path.split('/').map((segment) => {
        return segment.startsWith(':') ? '[^/]+' : segment.replace(/[^\w-]/g, '\\$&');
    });
    return new RegExp(`^${segments.join('/')}$`);
}
