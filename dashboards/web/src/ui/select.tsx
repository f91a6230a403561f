import { useId } from 'preact/hooks';

interface Props {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  choose: (value: string) => void;
}

/** Select is the browser's own, with its label. */
export function Select({ label, value, options, choose }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
