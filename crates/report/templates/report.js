// What only works with a script: copying, and open folds for print and for links. A saved report carries this text as
// its one inline module; the page imports it.

/** @param {Element} figure with SQL in it */
function addCopy(figure) {
  const code = figure.querySelector('code');
  const caption = figure.querySelector('figcaption');
  if (!code || !caption) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      getSelection()?.selectAllChildren(code);
      button.textContent = 'Press Ctrl+C';
    }
  });
  caption.append(button);
}

/** @param {Iterable<Element>} parts of a report */
export function enhance(parts) {
  for (const part of parts) part.querySelectorAll('figure.sql').forEach(addCopy);
}

/** Opens the finding that the address names. */
export function openTarget() {
  const target = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (target instanceof HTMLDetailsElement) target.open = true;
}

addEventListener('hashchange', openTarget);
addEventListener('beforeprint', () => {
  for (const finding of document.querySelectorAll('details.finding')) finding.setAttribute('open', '');
});
enhance([document.body]);
openTarget();
