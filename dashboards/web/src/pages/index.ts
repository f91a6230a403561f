// Every page, in the order of the navigation.

import type { FunctionComponent } from 'preact';
import type { Key } from '../i18n';
import { Overview } from './overview';

export interface Page {
  name: Key & string;
  show: FunctionComponent;
  /** Reached from other pages only. */
  hidden?: boolean;
  /** Not about a range of days. */
  timeless?: boolean;
}

export const pages: Page[] = [{ name: 'overview', show: Overview }];
