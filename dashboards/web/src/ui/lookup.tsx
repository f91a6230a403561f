import { useState } from 'preact/hooks';
import { useWords } from '../i18n';

interface Props {
  label: string;
  value: string;
  find: (value: string) => void;
}

/** Lookup asks for an id. */
export function Lookup({ label, value, find }: Props) {
  const { t } = useWords();
  const [text, setText] = useState(value);
  const submit = (event: Event) => {
    event.preventDefault();
    find(text.trim());
  };
  return (
    <form class="lookup" onSubmit={submit}>
      <label>
        {label}
        <input required value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit">{t('show')}</button>
    </form>
  );
}
