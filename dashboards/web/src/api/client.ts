// How the dashboard talks to the server: the public API, with the cookie of the
// session instead of a key.

import type { Session, SharedView } from './types';

/** Problem is an answer that is not the one asked for (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId = '',
  ) {
    super(detail);
  }
}

/** The header without which the server takes no change from a signed-in browser. */
const ownHeader = { 'X-Ibarura-Request': '1' };

let link = '';

/** comeWith has every request come with a link's token, and never with a session: in a frame of another site there is none, and here nobody shall act by it. */
export function comeWith(token: string): void {
  link = token;
}

/** presented is how a request says whom it comes from. */
const presented = (init: RequestInit = {}): RequestInit =>
  link ? { ...init, credentials: 'omit', headers: { ...init.headers, 'X-Ibarura-Link': link } } : { ...init, credentials: 'same-origin' };

const sessionPath = 'api/v1/session';

/** answerAge is how old an answer may be, in seconds: see max_age in docs/reading.md. */
export const answerAge = 60;

/** analytics returns the address of a question. */
export function analytics(path: string, params: Record<string, string>): string {
  const query = new URLSearchParams(params).toString();
  return `api/v1/analytics/${path}${query ? `?${query}` : ''}`;
}

export const fileFormats = ['csv', 'xlsx', 'ndjson', 'parquet'] as const;

/** asFile is the address of a question's answer as a file: of one table of it, if that is named and the format holds but one. */
export function asFile(address: string, format: (typeof fileFormats)[number], table?: string): string {
  const [path = '', query] = address.split('?', 2);
  const params = new URLSearchParams(query);
  params.set('format', format);
  if (table && format !== 'xlsx') params.set('table', table);
  return `${path}?${params}`;
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const sent = (await response.json()) as { code?: string; detail?: string; request_id?: string };
    return new Problem(response.status, sent.code ?? 'unknown', sent.detail ?? response.statusText, sent.request_id);
  } catch {
    return new Problem(response.status, 'unknown', response.statusText || String(response.status));
  }
}

async function send(address: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, presented(init));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'unreachable', '');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** getJSON asks an address; it throws a Problem if there is no answer. */
export async function getJSON<T>(address: string, signal?: AbortSignal): Promise<T> {
  return (await send(address, signal ? { signal } : {})).json() as Promise<T>;
}

/** refusalOf asks an address for nothing but whether it would answer; null: it would. */
export async function refusalOf(address: string): Promise<Problem | null> {
  const enough = new AbortController();
  try {
    await send(address, { signal: enough.signal });
    return null;
  } catch (error) {
    return error instanceof Problem ? error : null;
  } finally {
    enough.abort();
  }
}

/** getText is getJSON for what is not JSON. */
export async function getText(address: string): Promise<string> {
  return (await send(address)).text();
}

/** currentSession returns who is signed in, or null. */
export const currentSession = () => getJSON<Session | null>(sessionPath);

/** currentLink returns what the link shows that was come with. */
export const currentLink = () => getJSON<SharedView>('api/v1/link');

/** change asks the server to change something: it takes that only with the header of its own page. */
export async function change<T>(method: 'POST' | 'DELETE', address: string, body?: unknown): Promise<T> {
  const init = body === undefined ? { method, headers: ownHeader } : { method, headers: { ...ownHeader, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  return (await send(address, init)).json() as Promise<T>;
}

export async function signIn(key: string): Promise<Session> {
  return change<Session>('POST', sessionPath, { key });
}

export async function signOut(): Promise<void> {
  await change('DELETE', sessionPath);
}
