// Menus are details elements. They close as menus do: by Escape, which gives the
// focus back, and when one goes elsewhere.

const open = () => [...document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')];

function closeOthers(event: Event): void {
  for (const menu of open()) {
    if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
  }
}

function closeByKey(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  for (const menu of open()) {
    if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus();
    menu.open = false;
  }
}

/** watchMenus is called once. */
export function watchMenus(): void {
  document.addEventListener('click', closeOthers);
  document.addEventListener('focusin', closeOthers);
  document.addEventListener('keydown', closeByKey);
}
