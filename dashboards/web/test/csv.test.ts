import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf, field } from '../src/ui/csv';
import { tableOf } from '../src/ui/tabledata';

test('a text that a spreadsheet would run is defused', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=HYPERLINK("http://evil")']) {
    assert.match(field(text), /^"?'/, text);
  }
  assert.equal(field('a=b'), 'a=b');
});

test('a negative number stays a number', () => {
  assert.equal(field(-5), '-5');
  assert.equal(field(null), '');
});

test('commas, quotes and line ends are quoted', () => {
  assert.equal(field('a,"b"\nc'), '"a,""b""\nc"');
});

test('a table has its keys on top and a row a line', () => {
  const table = tableOf('t', [{ a: 'x', b: 1 }], [
    { key: 'a', label: 'A', value: (row) => row.a },
    { key: 'b', label: 'B', value: (row) => row.b },
  ]);
  assert.equal(csvOf(table), 'a,b\r\nx,1\r\n');
});
