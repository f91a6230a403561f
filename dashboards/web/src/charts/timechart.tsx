// A chart by period with its legend and what it says where one points.

import 'uplot/dist/uPlot.min.css';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { useView } from '../api/ask';
import { useWords } from '../i18n';
import { ShadeContext } from '../theme';
import { colorOf, draw } from './plot';
import { extent, type Series, type Shape } from './series';

interface Props {
  name: string;
  periods: string[]; // labels, as the API writes them
  interval: string;
  partial: string[];
  series: Series[];
  shape?: Shape;
  height?: number;
  /** The unit, if it is not a count. */
  format?: (value: number) => string;
}

export function TimeChart({ name, periods, interval, partial, series, shape = 'line', height = 240, format }: Props) {
  const { t, number, period } = useWords();
  const shade = useContext(ShadeContext);
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ place: number; left: number } | null>(null);
  const write = format ?? number;
  const labels = periods.map((label) => period(label, interval));
  const isPartial = periods.map((label) => partial.includes(label));
  const drawn = JSON.stringify([labels, isPartial, series, shape]);

  useEffect(() => {
    if (!box.current) return undefined;
    const element = box.current;
    const hover = (place: number | null, left: number) => setAt(place === null || left < 0 ? null : { place, left });
    const plot = draw(element, { labels, partial: isPartial, series, shape, format: write, whole: !format }, height, hover);
    const resize = new ResizeObserver(() => plot.setSize({ width: Math.max(1, element.clientWidth), height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [drawn, shade, height]);

  const [min, max] = extent(series);
  const says = t('chart_says', { name, count: periods.length, min: write(min), max: write(max) });
  return (
    <figure class="chart">
      <div class="plot" ref={box} role="img" aria-label={says}>
        {at && <Tip labels={labels} partial={isPartial} series={series} at={at} write={write} width={box.current?.clientWidth ?? 0} />}
      </div>
      <Legend series={series} partial={isPartial.includes(true)} />
    </figure>
  );
}

function Legend({ series, partial }: { series: Series[]; partial: boolean }) {
  const { t } = useWords();
  const { compare } = useView();
  const compares = series.some((one) => one.before);
  if (series.length < 2 && !compares && !partial) return null;
  return (
    <figcaption class="legend">
      {(series.length > 1 || compares) &&
        series.map((one, i) => (
          <span key={one.name}>
            <i style={{ background: colorOf(one, i) }} />
            {one.name}
          </span>
        ))}
      {compares && (
        <span>
          <i class="before" />
          {t(compare === 'year' ? 'compare_year' : 'compare_previous')}
        </span>
      )}
      {partial && (
        <span>
          <i class="partial" />
          {t('partial')}
        </span>
      )}
    </figcaption>
  );
}

interface TipProps {
  labels: string[];
  partial: boolean[];
  series: Series[];
  at: { place: number; left: number };
  write: (value: number) => string;
  width: number;
}

/** Tip shows the values of the period that the pointer is over; the table has them for everybody. */
function Tip({ labels, partial, series, at, write, width }: TipProps) {
  const { t } = useWords();
  const onTheLeft = at.left > width / 2;
  return (
    <div class="tip" style={onTheLeft ? { right: `${Math.max(0, width - at.left - 30)}px` } : { left: `${at.left + 60}px` }}>
      <strong>
        {labels[at.place]}
        {partial[at.place] ? ` (${t('partial_mark')})` : ''}
      </strong>
      {series.map((one, i) => (
        <span key={one.name}>
          <i style={{ background: colorOf(one, i) }} />
          {one.name} <b>{write(one.values[at.place] ?? 0)}</b>
          {one.before?.[at.place] != null && <em>{t('before', { value: write(one.before[at.place] ?? 0) })}</em>}
        </span>
      ))}
    </div>
  );
}
