// Addresses of the dashboard. All of a place stands behind the #, so that a view
// can be shared, and is never sent to a server: it may name a person.

export interface Place {
  page: string;
  params: URLSearchParams;
}

/** placeOf reads an address such as #/users?range=30d. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { page: path || 'overview', params: new URLSearchParams(query) };
}

/** Parameters that say what is looked at on every page; others belong to their page. */
const shared = /^(range|from|to|interval|compare|timezone|role|type|object_type|tag|device|browser|country|bot|property\..+)$/;

/** carried are the parameters that go along to another page. */
export function carried(params: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...params].filter(([name]) => shared.test(name)));
}

/** address is the link to a page with parameters; empty ones are left out. */
export function address(page: string, params: URLSearchParams, changes: Record<string, string> = {}): string {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const query = next.toString();
  return `#/${page}${query ? `?${query}` : ''}`;
}
