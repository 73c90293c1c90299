// Light or dark colors: the system's preference until the button is pressed. Nothing is stored.

const dark = matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;

/** @returns {boolean} */
const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);

/** @param {HTMLButtonElement} button */
export function startTheme(button) {
  const updateLabel = () => { button.textContent = isDark() ? 'Light colors' : 'Dark colors'; };
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    updateLabel();
  });
  dark.addEventListener('change', updateLabel);
  // Print with light colors.
  let chosen = '';
  addEventListener('beforeprint', () => {
    chosen = root.dataset.theme ?? '';
    root.dataset.theme = 'light';
  });
  addEventListener('afterprint', () => {
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
  });
  updateLabel();
  button.hidden = false;
}
