// What a panel asked for as a file: the same address in another format, which the
// server writes.

import { asFile, fileFormats } from '../api/client';
import { useWords } from '../i18n';

interface Props {
  title: string;
  address: string;
  /** The panel's own table, where the answer has several; a workbook has them all. */
  part: string | undefined;
}

const names = { csv: 'CSV', xlsx: 'Excel', ndjson: 'NDJSON', parquet: 'Parquet' } as const;

export function Export({ title, address, part }: Props) {
  const { t } = useWords();
  return (
    <details class="menu">
      <summary aria-label={t('export_of', { name: title })}>{t('export')}</summary>
      <ul>
        {fileFormats.map((format) => (
          <li key={format}>
            <a href={asFile(address, format, part)} data-format={format} download>
              {names[format]}
            </a>
          </li>
        ))}
        <li>
          <a href={address} data-format="json" target="_blank" rel="noreferrer">
            JSON
          </a>
        </li>
      </ul>
    </details>
  );
}
