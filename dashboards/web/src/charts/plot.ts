// How a chart by period is drawn, by uPlot on a canvas.

import uPlot from 'uplot';
import { fitted, parts, stacked, type Series, type Shape } from './series';

export interface Drawing {
  labels: string[]; // of periods, as they are to be read
  partial: boolean[]; // which periods are not whole
  series: Series[];
  shape: Shape;
  format: (value: number) => string;
  whole: boolean; // values are counts, of which there are no fractions
}

export const styleOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const colorOf = (series: Series, place: number) => `var(--series-${(series.color ?? place) + 1})`;

const inkOf = (series: Series, place: number) => styleOf(`--series-${(series.color ?? place) + 1}`);

/** hatch is the pattern of bars of partial periods. */
function hatch(ink: string): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const pen = tile.getContext('2d');
  if (!pen) return ink;
  pen.strokeStyle = ink;
  pen.lineWidth = 2;
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, 'repeat') ?? ink;
}

interface Layer {
  values: (number | null)[];
  options: uPlot.Series;
}

const dash = [5, 4];

const barPaths = uPlot.paths.bars?.({ size: [0.72, 48], radius: 0.15 });

/** layersOf are what is drawn, from the back to the front. */
function layersOf(drawing: Drawing): Layer[] {
  const { series, shape, labels } = drawing;
  const drawn = shape === 'stack' ? stacked(series).reverse() : series;
  const layers: Layer[] = [];
  drawn.forEach((one, i) => {
    const place = shape === 'stack' ? drawn.length - 1 - i : i;
    layers.push(...partLayers(drawing, one, inkOf(one, place), drawn.length === 1));
  });
  const before = drawn.flatMap((one) => (one.before ? [beforeLayer(fitted(one.before, labels.length))] : []));
  // Behind lines, but before bars, which would hide it.
  if (shape === 'line') layers.unshift(...before);
  else layers.push(...before);
  return layers;
}

function beforeLayer(values: (number | null)[]): Layer {
  const paths = uPlot.paths.linear?.();
  return { values, options: { stroke: styleOf('--before'), width: 1.5, points: { show: false }, ...(paths && { paths }) } };
}

function partLayers(drawing: Drawing, one: Series, ink: string, alone: boolean): Layer[] {
  const line = drawing.shape === 'line';
  const [whole, rest] = parts(fitted(one.values, drawing.labels.length), drawing.partial, line);
  const dots = { show: drawing.labels.length <= 40, size: 5, fill: ink };
  if (line) {
    return [
      { values: whole, options: { stroke: ink, width: 2, points: dots, ...(alone && { fill: `${ink}1f` }) } },
      { values: rest, options: { stroke: ink, width: 2, dash, points: { show: false } } },
    ];
  }
  const bars = { width: 0, points: { show: false }, ...(barPaths && { paths: barPaths }) };
  return [
    { values: whole, options: { ...bars, fill: ink, stroke: ink } },
    { values: rest, options: { ...bars, width: 1, stroke: ink, fill: () => hatch(ink) as string } },
  ];
}

function axesOf(drawing: Drawing): uPlot.Axis[] {
  const ink = { stroke: styleOf('--muted'), font: '12px system-ui, sans-serif' };
  const grid = { stroke: styleOf('--grid'), width: 1 };
  const labelAt = (place: number) => (Number.isInteger(place) ? (drawing.labels[place] ?? '') : '');
  return [
    { ...ink, grid: { show: false }, ticks: { show: false }, size: 30, space: 84, incrs: [1, 2, 3, 4, 6, 7, 12, 14, 24, 28, 52, 104, 365], values: (_, places) => places.map(labelAt) },
    {
      ...ink,
      grid,
      ticks: { show: false },
      size: (_, values) => Math.max(32, ...(values ?? []).map((text) => text.length * 7 + 14)),
      values: (_, values) => values.map((value) => (drawing.whole && !Number.isInteger(value) ? '' : drawing.format(value))),
    },
  ];
}

/** draw puts a chart into a box. The caller destroys it. */
export function draw(box: HTMLElement, drawing: Drawing, height: number, hover: (place: number | null, left: number) => void): uPlot {
  const layers = layersOf(drawing);
  const places = drawing.labels.map((_, i) => i);
  const margin = drawing.shape === 'line' ? 0.15 : 0.6;
  const options: uPlot.Options = {
    width: Math.max(1, box.clientWidth),
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: () => [-margin, places.length - 1 + margin] },
      y: { range: (_, least, most) => uPlot.rangeNum(Math.min(0, least ?? 0), Math.max(1, most ?? 1), { min: { pad: 0, soft: 0, mode: 1 }, max: { pad: 0.1, soft: 1, mode: 2 } }) },
    },
    series: [{}, ...layers.map((layer) => layer.options)],
    axes: axesOf(drawing),
    hooks: { setCursor: [(u) => hover(u.cursor.idx ?? null, u.cursor.left ?? 0)] },
  };
  return new uPlot(options, [places, ...layers.map((layer) => layer.values)], box);
}
