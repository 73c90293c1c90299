// Light or dark: as the system says until the button is pressed. Nothing is stored.

const dark = matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;

/** @returns {boolean} */
const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);

/** @param {HTMLButtonElement} button */
export function startTheme(button) {
  const name = () => { button.textContent = isDark() ? 'Light colours' : 'Dark colours'; };
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    name();
  });
  dark.addEventListener('change', name);
  // Paper is light.
  let chosen = '';
  addEventListener('beforeprint', () => {
    chosen = root.dataset.theme ?? '';
    root.dataset.theme = 'light';
  });
  addEventListener('afterprint', () => {
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
  });
  name();
  button.hidden = false;
}
