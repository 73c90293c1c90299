// Text for display, new elements, and file names.

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** @param {number} bytes @returns {string} like "22.4 MiB" */
export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return bytes === 1 ? '1 byte' : `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** @param {string} text @returns {string} the text as a sentence */
export function sentence(text) {
  const trimmed = text.trim();
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/**
 * Sets the content of an element; text between backticks becomes code.
 *
 * @param {Element} place
 * @param {string} text
 */
export function setWithCode(place, text) {
  const parts = text.split('`').map((part, index) => {
    if (index % 2 === 0) return part;
    const code = document.createElement('code');
    code.textContent = part;
    return code;
  });
  place.replaceChildren(...parts);
}

/** @param {string} tag @param {string} [className] @param {string} [text] @returns {HTMLElement} a new element */
export function make(tag, className = '', text = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** @param {string} name of a snapshot @param {string} ending @returns {string} name of a file made from it */
export function savedName(name, ending) {
  const base = name.replace(/\.gz$/i, '').replace(/\.json$/i, '') || 'snapshot';
  return `${base}-${ending}`;
}
