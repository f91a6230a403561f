import { languages, useWords, type Language } from '../i18n';
import { themes, type Theme } from '../theme';
import { Select } from './select';

interface Props {
  language: Language;
  speak: (language: Language) => void;
  theme: Theme;
  choose: (theme: Theme) => void;
}

/** Settings are what one person prefers; they stay in this browser and are not part of the address. */
export function Settings({ language, speak, theme, choose }: Props) {
  const { t } = useWords();
  return (
    <div class="settings">
      <Select
        label={t('language')}
        value={language}
        options={Object.entries(languages).map(([value, label]) => ({ value, label }))}
        choose={(name) => speak(name as Language)}
      />
      <Select
        label={t('theme')}
        value={theme}
        options={themes.map((name) => ({ value: name, label: t(`theme_${name}`) }))}
        choose={(name) => choose(name as Theme)}
      />
    </div>
  );
}
