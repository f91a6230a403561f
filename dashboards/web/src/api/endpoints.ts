// What may be asked of which question; the list is made from the server's registry.

import list from './endpoints.json';

export type Path = keyof typeof list;

interface Endpoint {
  filters: string[];
  options: string[];
  series: boolean;
  ranking: boolean;
}

const endpoints: Record<Path, Endpoint> = list;

/** takes reports whether a question can be narrowed down by a filter (a property by any name). */
export function takes(path: Path, filter: string): boolean {
  const name = filter.startsWith('property.') ? 'property' : filter;
  return endpoints[path].filters.includes(name);
}

/** isSeries reports whether the answer is by period, so that an interval makes sense. */
export function isSeries(path: Path): boolean {
  return endpoints[path].series;
}
