import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMetrics, total } from '../src/api/metrics';
import { fitted, parts, stacked } from '../src/charts/series';

test('stacked bars add up on their own side of zero', () => {
  const drawn = stacked([
    { name: 'stayed', values: [2, 0] },
    { name: 'new', values: [3, 1] },
    { name: 'left', values: [-4, -1] },
  ]);
  assert.deepEqual(drawn.map(({ values }) => values), [[2, 0], [5, 1], [-4, -1]]);
});

test('a partial period is drawn apart, and a line reaches it', () => {
  assert.deepEqual(parts([1, 2, 3], [false, false, true], true), [[1, 2, null], [null, 2, 3]]);
  assert.deepEqual(parts([1, 2, 3], [false, false, true], false), [[1, 2, null], [null, null, 3]]);
});

test('what is compared with has as many periods', () => {
  assert.deepEqual(fitted([1, 2, 3], 2), [1, 2]);
  assert.deepEqual(fitted([1], 2), [1, null]);
});

test('metrics are read by name and label', () => {
  const metrics = parseMetrics('# HELP x y\nx_total{table="events"} 5\nx_total{table="page_views"} 2\nx_bucket{le="1"} 9\ny 1.5e+3\nnonsense');
  assert.equal(total(metrics, 'x_total'), 7);
  assert.equal(total(metrics, 'x_total', 'events'), 5);
  assert.equal(total(metrics, 'y'), 1500);
  assert.equal(total(metrics, 'x_bucket'), null);
});
