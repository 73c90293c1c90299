// The states of the page: empty, reading, error, what-if tuning, and the report that replaces them.
import { enhance, openTarget } from '../crates/report/templates/report.js';
import { make, sentence, setWithCode, size } from './text.js';
import { parseReport } from './trusted.js';

/** @param {string} id @returns {any} the element, which is in index.html */
export function element(id) {
  return document.getElementById(id) ?? main.querySelector(`#${id}`);
}

const main = /** @type {HTMLElement} */ (document.getElementById('page-content'));
const skip = /** @type {HTMLAnchorElement} */ (document.querySelector('.page-skip'));
const status = element('page-status');
const states = ['page-empty', 'page-reading', 'page-error', 'page-tuning'];
const resultTools = ['page-another', 'page-policy', 'page-tune', 'page-save-report', 'page-save-findings'];
/** @type {Element[]} */
let shown = [];

/** @param {string} text for screen readers */
const announce = (text) => { status.textContent = text; };

/** @param {string} id of a state @param {string} title */
function show(id, title) {
  if (shown.length > 0) {
    shown[0].before(main);
    for (const part of shown) part.remove();
    shown = [];
    skip.href = '#page-content';
  }
  document.adoptedStyleSheets = [];
  for (const state of states) element(state).hidden = state !== id;
  main.classList.toggle('page-wide', id === 'page-tuning');
  for (const tool of [...resultTools, 'page-key', 'page-save-changes']) element(tool).hidden = true;
  element('page-file').textContent = '';
  document.title = title;
}

/** Shows the start page. */
export function showEmpty() {
  show('page-empty', 'pgdba');
  announce('');
}

/** @param {string} name @param {number} bytes */
export function showReading(name, bytes) {
  show('page-reading', `Reading ${name} – pgdba`);
  element('page-reading-name').textContent = name;
  element('page-reading-size').textContent = size(bytes);
  element('page-progress').value = 0;
  element('page-step').textContent = 'Reading the file';
  announce(`Reading ${name}, ${size(bytes)}`);
  element('page-cancel').focus();
}

/** @param {number} read @param {number} bytes */
export function showProgress(read, bytes) {
  element('page-progress').value = bytes > 0 ? read / bytes : 1;
  element('page-step').textContent = `${size(read)} of ${size(bytes)}`;
}

/** The file has been read; the duration of the rest is unknown. */
export function showAnalyzing() {
  element('page-progress').removeAttribute('value');
  element('page-step').textContent = 'Analyzing the snapshot';
}

/**
 * @param {string} name @param {number | null} bytes @param {{ message: string, hint: string }} fault
 * @param {boolean} hasReport whether the snapshot itself can be shown
 */
export function showError(name, bytes, fault, hasReport = false) {
  show('page-error', 'Cannot use file – pgdba');
  element('page-error-name').textContent = name;
  element('page-error-size').textContent = bytes === null ? '' : `, ${size(bytes)}`;
  element('page-error-message').textContent = sentence(fault.message);
  setWithCode(element('page-error-hint'), sentence(fault.hint));
  announce(`This file cannot be used. ${sentence(fault.message)}`);
  element('page-report-again').hidden = !hasReport;
  element('page-retry').focus();
}

/** @param {string} style the text of a style sheet */
function adopt(style) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
}

/** @param {string | null} name of the snapshot, if there is one */
export function showTuning(name) {
  show('page-tuning', 'What-if tuning – pgdba');
  element('page-file').textContent = name ?? '';
  element('page-tuning-lead').textContent =
    name === null ? 'Describe the host and the workload of a server.' : 'Change a field to get values for another host or workload.';
  element('page-tuning-back').textContent = name === null ? 'Back to start' : 'Back to the report';
  element('page-tuning-answer').replaceChildren();
  scrollTo(0, 0);
  element('page-tuning-title').focus({ preventScroll: true });
}

/** Each cell gets the heading of its column, which it shows where the screen is too narrow for columns.
 * @param {HTMLTableElement} table */
function labelCells(table) {
  const headings = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent ?? '');
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, index) => { cell.dataset.label = headings[index]; });
  }
}

/** @param {string} html the rendered values @param {boolean} hasChanges @param {string[]} wrong what is wrong with fields */
export function showTuned(html, hasChanges, wrong) {
  const { style, document: answer } = parseReport(html);
  if (document.adoptedStyleSheets.length === 0) adopt(style);
  const place = element('page-tuning-answer');
  place.replaceChildren(...answer.querySelectorAll('main > section > *'));
  place.querySelectorAll('table').forEach(labelCells);
  enhance([place]);
  element('page-tuning-save').disabled = !hasChanges;
  announce([...wrong, place.firstElementChild?.textContent ?? ''].join(' '));
}

/** @param {{ message: string, hint: string }} fault */
export function showTuningFault(fault) {
  const box = make('div', 'page-fault');
  const hint = make('p');
  setWithCode(hint, sentence(fault.hint));
  box.append(make('p', 'page-fault-message', sentence(fault.message)), hint);
  element('page-tuning-answer').replaceChildren(box);
  element('page-tuning-save').disabled = true;
  announce(sentence(fault.message));
}

/** @param {string} name of the snapshot @param {string} html the rendered report */
export function showReport(name, html) {
  const { style, document: report } = parseReport(html);
  const parts = [...report.body.children].filter((part) => part.matches('header, nav, main, footer'));
  show('page-report', report.title);
  adopt(style);
  main.replaceWith(...parts);
  shown = parts;
  const content = parts.find((part) => part.matches('main'));
  if (content) {
    content.id ||= 'page-report';
    skip.href = `#${content.id}`;
  }
  for (const tool of resultTools) element(tool).hidden = false;
  element('page-file').textContent = name;
  enhance(parts);
  scrollTo(0, 0);
  openTarget();
  const title = parts[0].querySelector('h1');
  title?.setAttribute('tabindex', '-1');
  title?.focus({ preventScroll: true });
  announce(`Report ready: ${report.title}`);
}
