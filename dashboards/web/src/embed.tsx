import { render } from 'preact';
import { comeWith } from './api/client';
import { Shared } from './shared';
import './style/base.css';
import './style/frame.css';
import './style/panel.css';
import { watchMenus } from './ui/menus';

watchMenus();
// Another link in the same window is another page.
addEventListener('hashchange', () => location.reload());
const [token = '', wishes = ''] = location.hash.slice(1).split('?', 2);
comeWith(token || 'none');
const root = document.getElementById('app');
if (root) render(<Shared wishes={new URLSearchParams(wishes)} />, root);
