// A table as CSV (RFC 4180), made in the browser of what a panel shows.

import type { TableData } from './tabledata';

/** A spreadsheet takes a text that begins so for a formula. */
const formula = /^[=+\-@\t\r]/;

/** field writes one value. Texts that a spreadsheet would run are defused by a leading apostrophe. */
export function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf<R>({ columns, rows }: TableData<R>): string {
  const lines = [columns.map((column) => field(column.key)), ...rows.map((row) => columns.map((column) => field(column.value(row))))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** download hands a text to the browser as a file; the mark at its beginning tells spreadsheets that it is UTF-8. */
export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
