import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asFile } from '../src/api/client';

test('a file is the same question in another format', () => {
  assert.equal(asFile('api/v1/analytics/users/active?from=2026-01-01&role=a%26b', 'xlsx'), 'api/v1/analytics/users/active?from=2026-01-01&role=a%26b&format=xlsx');
});

test('of several tables a file has the one of the panel, and a workbook all', () => {
  assert.equal(asFile('api/v1/analytics/summary', 'csv', 'series_active'), 'api/v1/analytics/summary?format=csv&table=series_active');
  assert.equal(asFile('api/v1/analytics/summary', 'xlsx', 'series_active'), 'api/v1/analytics/summary?format=xlsx');
});
