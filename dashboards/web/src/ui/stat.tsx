// A number with what it was before, and the way it took.

import { useWords } from '../i18n';

interface Props {
  name: string;
  value: number | null;
  before?: number | null | undefined;
  trend?: number[];
  color?: number;
  format?: (value: number) => string;
  /** More is neither better nor worse. */
  neutral?: boolean;
  /** It wants somebody's attention. */
  alarming?: boolean;
}

export function Stat({ name, value, before, trend, color = 1, format, neutral = false, alarming = false }: Props) {
  const { number } = useWords();
  const write = format ?? number;
  const words = value === null ? '–' : write(value);
  return (
    <div class={`stat${alarming ? ' alarming' : ''}`}>
      <dt>{name}</dt>
      <dd>
        <b class={words.length > 12 ? 'long' : ''} data-value={value ?? ''}>
          {words}
        </b>
        {value !== null && before != null && <Change value={value} before={before} write={write} neutral={neutral} />}
      </dd>
      {trend && trend.length > 1 && <Spark values={trend} color={color} />}
    </div>
  );
}

interface ChangeProps {
  value: number;
  before: number;
  write: (value: number) => string;
  neutral: boolean;
}

/** Change says by how much, in words for those who do not see the arrow. */
function Change({ value, before, write, neutral }: ChangeProps) {
  const { t, percent } = useWords();
  const share = before === 0 ? null : (value - before) / Math.abs(before);
  const direction = value > before ? 'up' : value < before ? 'down' : 'same';
  const words = direction === 'same' ? t('unchanged') : share === null ? t('new_here') : t(direction, { value: percent(Math.abs(share)) });
  return (
    <span class={`change ${neutral ? '' : direction}`}>
      <span aria-hidden="true">{direction === 'same' ? '=' : direction === 'up' ? '▲' : '▼'} {share === null ? '' : percent(Math.abs(share))}</span>
      <span class="unseen">{words}</span>
      <small>{t('before', { value: write(before) })}</small>
    </span>
  );
}

/** Spark is the way of a number over the range; the panels below have its figures. */
function Spark({ values, color }: { values: number[]; color: number }) {
  const most = Math.max(1, ...values);
  const points = values.map((value, i) => `${((i / (values.length - 1)) * 100).toFixed(1)},${(28 - (value / most) * 26).toFixed(1)}`).join(' ');
  return (
    <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,30 ${points} 100,30`} fill={`var(--series-${color})`} opacity="0.14" />
      <polyline points={points} fill="none" stroke={`var(--series-${color})`} stroke-width="1.6" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
