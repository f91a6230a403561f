// Asking a question while a page is shown: loading, answered or failed. Panels
// that ask the same share one answer.

import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { usePlace } from '../router';
import { question, viewOf, type View } from '../view';
import { analytics, answerAge, getJSON, Problem } from './client';
import type { Path } from './endpoints';
import type { Answer, Session } from './types';

export const SessionContext = createContext<Session>({ project: '', timezone: 'UTC', scope: 'read', key_id: '' });

/** OverContext is called when the session, or the link, turns out to be over. */
export const OverContext = createContext<(why?: Problem) => void>(() => undefined);

/** isOver reports whether a refusal is of who asks, not of what is asked. */
export const isOver = ({ status, code }: Problem) => status === 401 || code === 'link_revoked' || code === 'link_expired';

/** Asked is a question and what has become of it. While it is asked anew, the answer before is still there. */
export interface Asked<D, S = unknown> {
  address: string;
  unfit: string[];
  answer: Answer<D, S> | null;
  problem: Problem | null;
  loading: boolean;
  retry: () => void;
}

/** useView returns what is looked at. */
export function useView(): View {
  return viewOf(usePlace().params, useContext(SessionContext).timezone);
}

/** useQuestion asks a question about what is looked at, with parameters of its own; an empty one takes a common one away. */
export function useQuestion<D, S = unknown>(path: Path, extra: Record<string, string> = {}): Asked<D, S> {
  const { params, unfit } = question(path, useView(), extra);
  return { ...useAddress<Answer<D, S>>(analytics(path, params)), unfit };
}

interface Loaded<T> {
  address: string;
  answer: T | null;
  problem: Problem | null;
  loading: boolean;
  retry: () => void;
}

const memory = new Map<string, { at: number; answer: Promise<unknown> }>();

const mostRemembered = 200;

/** forget has every question asked anew. */
export function forget(): void {
  memory.clear();
}

function remembered<T>(address: string): Promise<T> {
  const known = memory.get(address);
  if (known && Date.now() - known.at < answerAge * 1000) return known.answer as Promise<T>;
  if (memory.size >= mostRemembered) memory.clear();
  const answer = getJSON<T>(address);
  answer.catch(() => memory.delete(address));
  memory.set(address, { at: Date.now(), answer });
  return answer;
}

/** useAddress asks an address of the API, and again when it changes. */
export function useAddress<T>(address: string): Loaded<T> {
  const [state, setState] = useState<{ of: string; answer: T | null; problem: Problem | null }>({ of: '', answer: null, problem: null });
  const [attempt, setAttempt] = useState(0);
  const over = useContext(OverContext);
  useEffect(() => {
    let current = true;
    remembered<T>(address).then(
      (answer) => current && setState({ of: address, answer, problem: null }),
      (error: unknown) => {
        if (!current) return;
        const problem = error instanceof Problem ? error : new Problem(0, 'unknown', String(error));
        if (isOver(problem)) over(problem);
        setState({ of: address, answer: null, problem });
      },
    );
    return () => {
      current = false;
    };
  }, [address, attempt]);
  const retry = () => {
    setState({ of: '', answer: null, problem: null });
    setAttempt(attempt + 1);
  };
  return { address, answer: state.answer, problem: state.of === address ? state.problem : null, loading: state.of !== address, retry };
}
