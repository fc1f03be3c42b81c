/**
 * Methods of each path, for the answer to a request with another method.
 *
 * Source: RFC 9110 15.5.6 (405 Method Not Allowed), 10.2.1 (Allow).
 */

interface Path {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

export class AllowedMethods {
  /** Paths by their text, such as `/v1/ports/:port`. */
  private readonly paths = new Map<string, Path>();

  /** Adds a route. @param path segments; one that begins with `:` stands for any segment */
  add(path: string, methods: string | readonly string[]): void {
    const known = this.paths.get(path) ?? { pattern: patternOf(path), methods: new Set<string>() };
    this.paths.set(path, known);
    for (const method of [methods].flat()) known.methods.add(method);
  }

  /**
   * Methods that the path of a URL has, in alphabetical order; none for an unknown path.
   * @param url path of a request, with or without a query
   */
  of(url: string): string[] {
    const [path = ''] = url.split('?', 1);
    const found = [...this.paths.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  }
}

function patternOf(path: string): RegExp {
  const segments = path.split('/').map((segment) => {
    return segment.startsWith(':') ? '[^/]+' : segment.replace(/[^\w-]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
