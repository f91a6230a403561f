// Following the live stream: server-sent events by the cookie of the session. It
// comes back by itself, where it was, and rests while nobody looks at the page.

import { analytics, Problem, refusalOf } from './client';
import type { LiveUpdate } from './types';

/** Connection is how the stream is doing; lost is one that is tried again. */
export type Connection = 'connecting' | 'open' | 'lost' | 'resting';

export interface Watcher {
  /** whole: the rows are all that there are to list, and not those since the last time. */
  told: (update: LiveUpdate, whole: boolean) => void;
  connection: (state: Connection) => void;
  /** The server does not let this be watched; nothing more comes. */
  refused: (problem: Problem) => void;
}

/** pauseBefore is how long to wait before another attempt, in milliseconds. */
export const pauseBefore = (attempt: number) => Math.min(30_000, 1000 * 2 ** attempt);

/** mayPass says whether an attempt that was refused so may succeed later. */
export const mayPass = ({ status }: Problem) => status === 0 || status === 429 || status >= 500;

/** watchLive follows the stream until the function that it returns is called. */
export function watchLive(params: Record<string, string>, watcher: Watcher): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let attempt = 0;
  let last = '';

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const told = (event: MessageEvent<string>) => {
    last = event.lastEventId || last;
    watcher.told(JSON.parse(event.data) as LiveUpdate, event.type === 'state');
  };
  const open = () => {
    close();
    if (document.hidden) return watcher.connection('resting');
    if (attempt === 0) watcher.connection('connecting');
    const address = analytics('live/events', last ? { ...params, last_event_id: last } : params);
    const here = (source = new EventSource(address));
    here.onopen = () => watcher.connection('open');
    here.addEventListener('state', told);
    here.addEventListener('update', (event) => {
      attempt = 0; // it is of use
      told(event);
    });
    here.addEventListener('reset', () => (last = ''));
    here.addEventListener('end', () => void broken(here, address));
    here.onerror = () => void broken(here, address);
  };
  // The browser does not say why a stream could not be had: the address is asked once more.
  const broken = async (was: EventSource, address: string) => {
    if (was !== source) return;
    close();
    watcher.connection('lost');
    const asked = (timer = window.setTimeout(open, pauseBefore(attempt++)));
    const problem = await refusalOf(address);
    if (problem && !mayPass(problem) && asked === timer) {
      close();
      watcher.refused(problem);
    }
  };
  const look = () => {
    attempt = 0;
    open();
  };
  document.addEventListener('visibilitychange', look);
  open();
  return () => {
    document.removeEventListener('visibilitychange', look);
    close();
  };
}
