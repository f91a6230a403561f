import { render } from 'preact';
import { App } from './app';
import './style/base.css';
import './style/frame.css';
import './style/panel.css';
import { watchMenus } from './ui/menus';

watchMenus();
const root = document.getElementById('app');
if (root) render(<App />, root);
