import { useState } from 'preact/hooks';
import { useWords } from '../i18n';

/** Copied is a text to take away, by a button where the browser lets pages copy. */
export function Copied({ label, text }: { label: string; text: string }) {
  const { t } = useWords();
  const [done, setDone] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setDone(true),
      () => undefined, // the text is there to be selected
    );
  return (
    <div class="secret">
      <span>{label}</span>
      <code>{text}</code>
      {'clipboard' in navigator && (
        <button type="button" aria-label={t('copy_of', { name: label })} onClick={() => void copy()}>
          {t(done ? 'copied' : 'copy')}
        </button>
      )}
    </div>
  );
}
