import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intervalFor, rangeOf, today } from '../src/range';
import { address, carried, placeOf } from '../src/place';
import { question, viewOf } from '../src/view';

const now = new Date('2026-03-01T22:30:00Z');

const view = (query: string) => viewOf(new URLSearchParams(query), 'UTC', now);

test('today is the day of the zone', () => {
  assert.equal(today('UTC', now), '2026-03-01');
  assert.equal(today('Africa/Kigali', now), '2026-03-02');
  assert.equal(today('Nowhere/Land', now), '2026-03-01');
});

test('ranges by name end with today', () => {
  assert.deepEqual(rangeOf('7d', '2026-03-01'), { from: '2026-02-23', to: '2026-03-02' });
  assert.deepEqual(rangeOf('month', '2026-03-31'), { from: '2026-03-01', to: '2026-04-01' });
  assert.deepEqual(rangeOf('last_month', '2026-01-31'), { from: '2025-12-01', to: '2026-01-01' });
  assert.deepEqual(rangeOf('12m', '2026-03-01'), { from: '2025-04-01', to: '2026-03-02' });
  assert.deepEqual(rangeOf('last_year', '2024-02-29'), { from: '2023-01-01', to: '2024-01-01' });
});

test('an interval fits its range', () => {
  assert.equal(intervalFor({ from: '2026-01-01', to: '2026-01-02' }), 'hour');
  assert.equal(intervalFor({ from: '2026-01-01', to: '2026-02-01' }), 'day');
  assert.equal(intervalFor({ from: '2026-01-01', to: '2027-01-01' }), 'month');
});

test('what is no value of a parameter is left out', () => {
  const odd = view('range=never&from=2026-02-01&to=2026-01-01&interval=second&compare=moon');
  assert.deepEqual([odd.preset, odd.intervalChosen, odd.compare], ['30d', '', 'previous']);
  assert.equal(view('compare=none').compare, '');
});

test('a question has the filters that it takes, and names the others', () => {
  const asked = question('users/growth', view('role=core&type=login&property.plan=pro&from=2026-01-01&to=2026-02-01&timezone=Africa/Kigali'), { limit: '5' });
  assert.deepEqual(asked, {
    params: { from: '2026-01-01', to: '2026-02-01', max_age: '60', interval: 'day', compare: 'previous', timezone: 'Africa/Kigali', role: 'core', limit: '5' },
    unfit: ['type', 'property.plan'],
  });
});

test('an address is read as it is written', () => {
  const params = new URLSearchParams('range=7d&property.a=b&user_id=ann');
  const place = placeOf(address('person', params, { tag: 'x & y', range: '' }));
  assert.equal(place.page, 'person');
  assert.deepEqual([...place.params], [['property.a', 'b'], ['user_id', 'ann'], ['tag', 'x & y']]);
  assert.deepEqual(placeOf('').page, 'overview');
});

test('who is looked at does not go along to another page', () => {
  assert.equal(carried(new URLSearchParams('range=7d&user_id=ann&steps=a,b&role=core')).toString(), 'range=7d&role=core');
});
