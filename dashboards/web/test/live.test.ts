import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../src/api/client';
import { mayPass, pauseBefore } from '../src/api/live';
import { columns, recent, span } from '../src/charts/liveline';

test('attempts come at ever longer intervals, and never more than half a minute apart', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map(pauseBefore), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
});

test('a stream is tried again where that may help', () => {
  const tried = [0, 400, 401, 403, 404, 429, 500, 503].filter((status) => mayPass(new Problem(status, '', '')));
  assert.deepEqual(tried, [0, 429, 500, 503]);
});

test('the chart forgets what it does not show', () => {
  const now = 1e12;
  const moments = [span + 60, span, 1, 0].map((seconds) => ({ at: now - seconds * 1000, events: seconds, page_views: null }));
  assert.deepEqual(columns(recent(moments, now), now), [[-span, -1, 0], [span, 1, 0], [null, null, null]]);
});
