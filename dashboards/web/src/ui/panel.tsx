// A panel: a title with its definition, what was asked for as a chart or a table,
// and the same as files.

import type { ComponentChildren } from 'preact';
import { useContext, useId, useState } from 'preact/hooks';
import type { Asked } from '../api/ask';
import type { Answer } from '../api/types';
import { useWords } from '../i18n';
import { SharedContext } from '../share';
import { Export } from './export';
import { Remarks } from './remarks';
import { Empty, Failed, Loading } from './states';
import { Table } from './table';
import { type TableData } from './tabledata';

interface Props<D, S, R> {
  title: string;
  asked: Asked<D, S>;
  /** What the panel says, as a table: for the eye and the screen reader. */
  table: (answer: Answer<D, S>) => TableData<R>;
  /** The same as a picture; a panel without one is its table. */
  chart?: ((answer: Answer<D, S>) => ComponentChildren) | undefined;
  /** Whether there is nothing in the answer; no rows in the table, if absent. */
  empty?: (answer: Answer<D, S>) => boolean;
  /** What stands above the picture: choices of this panel. */
  tools?: ComponentChildren;
  /** Which table of the answer it is, where the answer has several: see docs/exports.md. */
  part?: string | undefined;
  wide?: boolean;
}

export function Panel<D, S, R>({ title, asked, table, chart, empty, tools, part, wide }: Props<D, S, R>) {
  const { t } = useWords();
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const shared = useContext(SharedContext);
  const { answer } = asked;
  const data = answer && table(answer);
  const nothing = answer && (empty ? empty(answer) : data?.rows.length === 0);
  return (
    <section class={`panel${wide ? ' wide' : ''}`} aria-labelledby={id} aria-busy={asked.loading}>
      <header>
        <h2 id={id}>{title}</h2>
        {answer && <Definition title={title} sentence={answer.meta.definition.sentence} />}
        {chart && data && !nothing && (
          <button type="button" class="quiet" aria-label={t('show_as', { name: title }) + ' ' + t(asTable ? 'chart' : 'table')} onClick={() => setAsTable(!asTable)}>
            {t(asTable ? 'chart' : 'table')}
          </button>
        )}
        {answer && !shared && <Export title={title} address={asked.address} part={part} />}
      </header>
      {!shared && tools}
      {asked.problem ? (
        <Failed problem={asked.problem} retry={asked.retry} />
      ) : !answer || !data ? (
        <Loading />
      ) : nothing ? (
        <Empty />
      ) : (
        <div class={asked.loading ? 'stale' : ''}>{chart && !asTable ? chart(answer) : <Table {...data} />}</div>
      )}
      <Remarks unfit={asked.unfit} notes={answer?.meta.notes ?? []} />
    </section>
  );
}

/** Definition is the sentence of the API that says what is counted. */
function Definition({ title, sentence }: { title: string; sentence: string }) {
  const { t } = useWords();
  return (
    <details class="menu definition">
      <summary aria-label={t('definition', { name: title })}>?</summary>
      <p lang="en">{sentence}</p>
    </details>
  );
}
