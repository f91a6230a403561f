// What has to be said of an answer: filters that it knows nothing of, and the
// API's own notes.

import { useWords, type Key } from '../i18n';

const filterKeys: readonly string[] = ['role', 'type', 'object_type', 'tag', 'device', 'browser', 'country', 'bot'];

/** useFilterName returns how a filter is called. */
export function useFilterName(): (name: string) => string {
  const { t } = useWords();
  return (name) => (filterKeys.includes(name) ? t(name as Key) : name);
}

/** Remarks stands below the numbers that it is about. */
export function Remarks({ unfit, notes }: { unfit: string[]; notes: string[] }) {
  const { t } = useWords();
  const nameOf = useFilterName();
  if (unfit.length + notes.length === 0) return null;
  return (
    <footer class="remarks">
      {unfit.length > 0 && <p>{t('unfit', { names: unfit.map(nameOf).join(', ') })}</p>}
      {notes.map((note) => (
        <p key={note} lang="en">
          {note}
        </p>
      ))}
    </footer>
  );
}
