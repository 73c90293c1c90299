'use strict';
(() => {
  /** Adds what only works with a script: copying, and open folds for print and for links. */
  const enhance = (root) => {
    for (const figure of root.querySelectorAll('figure.sql')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Copy';
      button.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(figure.querySelector('code').textContent);
          button.textContent = 'Copied';
        } catch {
          getSelection().selectAllChildren(figure.querySelector('code'));
          button.textContent = 'Press Ctrl+C';
        }
      });
      figure.querySelector('figcaption').append(button);
    }
  };
  const openTarget = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.matches('details')) target.open = true;
  };
  addEventListener('hashchange', openTarget);
  addEventListener('beforeprint', () => document.querySelectorAll('details.finding').forEach((d) => { d.open = true; }));
  openTarget();
  enhance(document);
})();
