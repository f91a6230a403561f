// Every page, in the order of the navigation. Another one is an entry here, and
// its name a message.

import type { FunctionComponent } from 'preact';
import type { Key } from '../i18n';
import { Attendance } from './attendance';
import { Content } from './content';
import { Events } from './events';
import { Funnel } from './funnel';
import { Health } from './health';
import { Keys } from './keys';
import { Live } from './live';
import { Messaging } from './messaging';
import { Overview } from './overview';
import { Pages } from './pages';
import { Person } from './person';
import { Post } from './post';
import { Users } from './users';

export interface Page {
  name: Key;
  show: FunctionComponent;
  /** Reached from other pages only. */
  hidden?: boolean;
  /** For who signed in with an admin key. */
  admin?: boolean;
  /** Not about a range of days. */
  timeless?: boolean;
  /** Neither by period nor compared with anything. */
  plain?: boolean;
}

export const pages: Page[] = [
  { name: 'overview', show: Overview },
  { name: 'live', show: Live, timeless: true },
  { name: 'users', show: Users },
  { name: 'content', show: Content },
  { name: 'post', show: Post, hidden: true },
  { name: 'events', show: Events },
  { name: 'pages', show: Pages },
  { name: 'attendance', show: Attendance },
  { name: 'messaging', show: Messaging },
  { name: 'funnel', show: Funnel },
  { name: 'person', show: Person, plain: true },
  { name: 'health', show: Health, timeless: true },
  { name: 'keys', show: Keys, timeless: true, admin: true },
];
