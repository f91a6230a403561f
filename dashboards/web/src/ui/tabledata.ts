// What a table says, apart from how it looks.

import type { ComponentChildren } from 'preact';

export interface Column<R> {
  key: string;
  label: string;
  /** What it is, as the API has it. */
  value: (row: R) => string | number | null;
  /** How it looks; the value itself if absent. */
  show?: (row: R) => ComponentChildren;
  /** A number stands on the right. */
  numeric?: boolean;
}

export interface TableData<R> {
  caption: string;
  columns: Column<R>[];
  rows: R[];
}

/** tableOf puts a table together; what a row is follows from the rows. */
export function tableOf<R>(caption: string, rows: R[], columns: Column<NoInfer<R>>[]): TableData<R> {
  return { caption, rows, columns };
}
