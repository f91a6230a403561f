// Which views can be shared by a link, and what a link says. The server has the
// same list (internal/httpapi/linkpages.go) and decides.

import { createContext } from 'preact';
import { carried, type Place } from './place';
import { isDate } from './range';

/** own are the parameters that belong to a page alone, by the pages that can be shared. */
const own: Record<string, { params: string[]; needs?: string }> = {
  overview: { params: [] },
  users: { params: ['kind'] },
  content: { params: [] },
  post: { params: ['object_id'], needs: 'object_id' },
  events: { params: ['by'] },
  pages: { params: ['by'] },
  attendance: { params: [] },
  messaging: { params: ['by'] },
  funnel: { params: ['steps', 'window', 'order', 'breakdown'], needs: 'steps' },
};

/** viewToShare is what a link to a place says; null where no link can show it. */
export function viewToShare({ page, params }: Place): string | null {
  const mine = Object.hasOwn(own, page) ? own[page] : undefined;
  if (!mine || (mine.needs && !params.get(mine.needs))) return null;
  const said = carried(params);
  for (const name of mine.params) {
    const value = params.get(name);
    if (value) said.set(name, name === 'steps' ? value.split(',').filter(Boolean).join(',') : value);
  }
  const [from, to] = [said.get('from') ?? '', said.get('to') ?? ''];
  const ignored = isDate(from) && isDate(to) && from < to ? ['range'] : ['from', 'to'];
  ignored.forEach((name) => said.delete(name));
  const query = said.toString();
  return query ? `${page}?${query}` : page;
}

/** SharedContext says that a view is shown by a link: nothing else can be reached from it. */
export const SharedContext = createContext(false);
