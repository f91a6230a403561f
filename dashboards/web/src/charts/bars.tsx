// Bars that lie, each with its name and number: a list, for the eye a chart.

interface Bar {
  name: string;
  value: number;
  says: string;
  note?: string;
}

export function Bars({ bars, color = 1 }: { bars: Bar[]; color?: number }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul class="bars">
      {bars.map((bar) => (
        <li key={bar.name}>
          <span>{bar.name}</span>
          <span class="track" aria-hidden="true">
            <i style={{ width: `${(bar.value / most) * 100}%`, background: `var(--series-${color})` }} />
          </span>
          <b>{bar.says}</b>
          {bar.note && <small>{bar.note}</small>}
        </li>
      ))}
    </ul>
  );
}
