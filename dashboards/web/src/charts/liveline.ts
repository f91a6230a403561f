// The rates of the last minutes, as they come: a chart that moves on by itself.

import uPlot from 'uplot';
import { styleOf } from './plot';

/** Moment is what was taken in a second; null while nothing is known of it. */
export interface Moment {
  at: number; // milliseconds, as Date.now has them
  events: number | null;
  page_views: number | null;
}

/** span is how much the chart shows, in seconds. */
export const span = 300;

/** recent are the moments that the chart shows, and a little more. */
export const recent = (moments: Moment[], now: number) => moments.filter(({ at }) => now - at <= (span + 5) * 1000);

/** columns are the moments as seconds before now, with their values. */
export function columns(moments: Moment[], now: number): [number[], (number | null)[], (number | null)[]] {
  return [moments.map(({ at }) => (at - now) / 1000), moments.map((m) => m.events), moments.map((m) => m.page_views)];
}

export const liveColors = ['--series-3', '--series-6'] as const;

interface Labels {
  ago: (minutes: number) => string;
  number: (value: number) => string;
}

/** drawLive puts the chart into a box. The caller destroys it. */
export function drawLive(box: HTMLElement, height: number, { ago, number }: Labels): uPlot {
  const ink = { stroke: styleOf('--muted'), font: '12px system-ui, sans-serif', ticks: { show: false } };
  const options: uPlot.Options = {
    width: Math.max(1, box.clientWidth),
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-span, 0] },
      y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.15)] },
    },
    series: [{}, ...liveColors.map((name) => ({ stroke: styleOf(name), width: 2, points: { show: false }, fill: `${styleOf(name)}1f` }))],
    axes: [
      { ...ink, grid: { show: false }, size: 30, space: 84, incrs: [60, 120, 300], values: (_, places) => places.map((place) => ago(Math.round(-place / 60))) },
      { ...ink, grid: { stroke: styleOf('--grid'), width: 1 }, size: 44, values: (_, values) => values.map(number) },
    ],
  };
  return new uPlot(options, [[], [], []], box);
}
