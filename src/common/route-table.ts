interface Route {
  readonly method: string;
  readonly pattern: RegExp;
}

/** Knows which methods an address has, to tell "nothing is here" from "not with this method". */
export class RouteTable {
  private readonly routes: Route[] = [];

  /** @param url In the syntax of Fastify's router, e.g. `/models/:id` or `/docs/*`. */
  add(method: string | readonly string[], url: string): void {
    const pattern = new RegExp(
      `^${url
        .split('/')
        .map((segment) => (segment.startsWith(':') ? '[^/]+' : escape(segment)))
        .join('/')}/?$`,
    );
    for (const name of [method].flat()) this.routes.push({ method: name, pattern });
  }

  /** @returns Methods that `path` can be called with, sorted; none when nothing is there. */
  methodsOf(path: string): readonly string[] {
    const found = this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(found)].sort();
  }
}

function escape(segment: string): string {
  return segment.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
}
