// What is looked at: the part of the address that every page has, made into the
// parameters of a question.

import { answerAge } from './api/client';
import { isSeries, takes, type Path } from './api/endpoints';
import { intervalFor, intervals, isDate, isPreset, rangeOf, today, type Interval, type Preset, type Range } from './range';

export const filterNames = ['role', 'type', 'object_type', 'tag', 'device', 'browser', 'country', 'bot'] as const;

export interface View {
  preset: Preset | 'custom';
  range: Range;
  interval: Interval;
  intervalChosen: Interval | ''; // '': by the length of the range
  compare: string; // '': with nothing
  timezone: string;
  timezoneChosen: string; // '': the project's
  filters: Record<string, string>;
}

const defaultPreset: Preset = '30d';

/** viewOf reads the parameters of an address; what is no value of one is left out. */
export function viewOf(params: URLSearchParams, projectZone: string, now = new Date()): View {
  const timezoneChosen = params.get('timezone') ?? '';
  const timezone = timezoneChosen || projectZone;
  const [from, to] = [params.get('from') ?? '', params.get('to') ?? ''];
  const custom = isDate(from) && isDate(to) && from < to;
  const named = params.get('range') ?? '';
  const preset = isPreset(named) ? named : defaultPreset;
  const range = custom ? { from, to } : rangeOf(preset, today(timezone, now));
  const intervalChosen = intervals.find((name) => name === params.get('interval')) ?? '';
  return {
    preset: custom ? 'custom' : preset,
    range,
    interval: intervalChosen || intervalFor(range),
    intervalChosen,
    compare: comparisonOf(params.get('compare')),
    timezone,
    timezoneChosen,
    filters: filtersOf(params),
  };
}

/** comparisonOf is the range before unless another one, or none, is asked for. */
function comparisonOf(asked: string | null): string {
  if (asked === 'none') return '';
  return asked === 'year' ? 'year' : 'previous';
}

function filtersOf(params: URLSearchParams): Record<string, string> {
  const filters: Record<string, string> = {};
  for (const [name, value] of params) {
    if (value && ((filterNames as readonly string[]).includes(name) || name.startsWith('property.'))) filters[name] = value;
  }
  return filters;
}

/** question returns the parameters of a question about a view, and the filters that it does not take. */
export function question(path: Path, view: View, extra: Record<string, string>): { params: Record<string, string>; unfit: string[] } {
  const params: Record<string, string> = { ...view.range, max_age: String(answerAge) };
  if (isSeries(path)) params['interval'] = view.interval;
  if (view.compare) params['compare'] = view.compare;
  if (view.timezoneChosen) params['timezone'] = view.timezoneChosen;
  const unfit: string[] = [];
  for (const [name, value] of Object.entries(view.filters)) {
    if (takes(path, name)) params[name] = value;
    else unfit.push(name);
  }
  for (const [name, value] of Object.entries(extra)) {
    if (value) params[name] = value;
    else delete params[name];
  }
  return { params, unfit };
}
