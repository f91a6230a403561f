// How much comes a second, over the last minutes.

import 'uplot/dist/uPlot.min.css';
import { useContext, useEffect, useId, useRef } from 'preact/hooks';
import { columns, drawLive, liveColors, recent, type Moment } from '../charts/liveline';
import { useWords } from '../i18n';
import { ShadeContext } from '../theme';

const height = 200;

/** LiveRates looks once a second at what is known now: null while nothing is. */
export function LiveRates({ title, now }: { title: string; now: () => { events: number; page_views: number } | null }) {
  const { t, number } = useWords();
  const shade = useContext(ShadeContext);
  const box = useRef<HTMLDivElement>(null);
  const moments = useRef<Moment[]>([]);
  const look = useRef(now);
  look.current = now;
  const id = useId();

  useEffect(() => {
    if (!box.current) return undefined;
    const element = box.current;
    const plot = drawLive(element, height, { ago: (minutes) => (minutes === 0 ? t('now') : t('minutes_ago', { count: minutes })), number });
    const show = () => {
      const at = Date.now();
      const { events, page_views } = look.current() ?? { events: null, page_views: null };
      moments.current = [...recent(moments.current, at), { at, events, page_views }];
      plot.setData(columns(moments.current, at));
    };
    show();
    const timer = setInterval(show, 1000);
    const resize = new ResizeObserver(() => plot.setSize({ width: Math.max(1, element.clientWidth), height }));
    resize.observe(element);
    return () => {
      clearInterval(timer);
      resize.disconnect();
      plot.destroy();
    };
  }, [shade, t]);

  return (
    <section class="panel wide" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
      </header>
      <figure class="chart">
        <div class="plot" ref={box} role="img" aria-label={t('live_chart_says')} />
        <figcaption class="legend">
          {(['events', 'page_views'] as const).map((key, i) => (
            <span key={key}>
              <i style={{ background: `var(${liveColors[i]})` }} />
              {t(key)}
            </span>
          ))}
        </figcaption>
      </figure>
    </section>
  );
}
