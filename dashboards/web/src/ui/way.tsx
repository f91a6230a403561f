import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import { SharedContext } from '../share';

/** Way leads to another place, where one can go; in a view that is shared it is its text. */
export function Way({ to, children }: { to: string; children: ComponentChildren }) {
  return useContext(SharedContext) ? <>{children}</> : <a href={to}>{children}</a>;
}
