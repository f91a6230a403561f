// Tables, which say in words what charts show, and rankings.

import type { Column, TableData } from './tabledata';

export function Table<R>({ caption, columns, rows }: TableData<R>) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" class={column.numeric ? 'number' : ''} data-key={column.key}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {columns.map((column, place) => (
                <Cell key={column.key} column={column} row={row} head={place === 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell<R>({ column, row, head }: { column: Column<R>; row: R; head: boolean }) {
  const shown = column.show ? column.show(row) : (column.value(row) ?? '–');
  const raw = String(column.value(row) ?? '');
  if (head) {
    return (
      <th scope="row" data-value={raw}>
        {shown}
      </th>
    );
  }
  return (
    <td class={column.numeric ? 'number' : ''} data-value={raw}>
      {shown}
    </td>
  );
}
