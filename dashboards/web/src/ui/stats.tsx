// The numbers on top of a page.

import type { ComponentChildren } from 'preact';
import type { Asked } from '../api/ask';
import { Remarks } from './remarks';
import { Failed, Loading } from './states';

interface Props<D> {
  asked: Asked<D>;
  children: (now: D, before: D | undefined) => ComponentChildren;
}

/** Stats shows numbers once they are there, and what to do if they do not come. */
export function Stats<D>({ asked, children }: Props<D>) {
  if (asked.problem) return <Failed problem={asked.problem} retry={asked.retry} />;
  if (!asked.answer) return <Loading />;
  return (
    <>
      <dl class={`stats${asked.loading ? ' stale' : ''}`}>{children(asked.answer.data, asked.answer.compare?.data)}</dl>
      <Remarks unfit={asked.unfit} notes={asked.answer.meta.notes ?? []} />
    </>
  );
}
