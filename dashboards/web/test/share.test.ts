import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Path } from '../src/api/endpoints';
import { placeOf } from '../src/place';
import { viewToShare } from '../src/share';
import { question, viewOf } from '../src/view';
import views from './views.json';

// The other half is internal/httpapi/linkview_test.go, which writes the file.
test('a page asks what the server expects of a link', () => {
  for (const { now, zone, view, path, asks } of views) {
    const { params } = question(path as Path, viewOf(placeOf(view).params, zone, new Date(now)), {});
    assert.deepEqual(params, asks, `${view} at ${now}`);
  }
});

test('a link says what is looked at, and nothing else of the address', () => {
  const share = (hash: string) => viewToShare(placeOf(hash));
  assert.equal(share('#/users?range=7d&kind=streak&erasure=1&role=core'), 'users?range=7d&role=core&kind=streak');
  assert.equal(share('#/overview'), 'overview');
  assert.equal(share('#/events?range=7d&from=2026-01-01&to=2026-02-01&by='), 'events?from=2026-01-01&to=2026-02-01');
  assert.equal(share('#/events?range=7d&from=2026-01-01'), 'events?range=7d');
  assert.equal(share('#/funnel?steps=a,,b'), 'funnel?steps=a%2Cb');
});

test('what names persons, or shows nothing, is not shared', () => {
  for (const hash of ['#/person?user_id=ada', '#/keys', '#/live', '#/health', '#/post', '#/funnel?window=1d', '#/nowhere', '#/toString']) {
    assert.equal(viewToShare(placeOf(hash)), null, hash);
  }
});
