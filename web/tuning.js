// What-if tuning: the form that the module describes, and a question to the module after every change.
import { ask } from './reader.js';
import { make } from './text.js';

/**
 * @typedef {import('./reader.js').Fault} Fault
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} value what is in it at first
 * @property {string} fallback what it means while it is empty
 * @property {string} hint
 * @property {{ value: string, label: string }[]} choices empty for a field to write in
 * @property {boolean} is_unit whether it belongs beside the field before it
 * @typedef {object} Answer
 * @property {{ field: string, message: string }[]} wrong fields that cannot be used
 * @property {string} html the values
 * @property {string | null} changes input for `pgdba config apply --file`
 */

/** @param {string} name of a field @param {string} [part] @returns {string} */
const idOf = (name, part) => ['page-field', name, part].filter(Boolean).join('-');

/** @param {Field} field @returns {HTMLInputElement | HTMLSelectElement} */
function control(field) {
  const made = document.createElement(field.choices.length > 0 ? 'select' : 'input');
  if (made instanceof HTMLSelectElement) {
    for (const { value, label } of field.choices) made.add(new Option(label, value, value === field.value, value === field.value));
  } else {
    made.defaultValue = field.value;
    made.placeholder = field.fallback;
    made.inputMode = 'decimal';
    made.autocomplete = 'off';
  }
  made.id = idOf(field.name);
  made.name = field.name;
  return made;
}

/** @param {Field} field @returns {HTMLElement} */
function row(field) {
  const [label, hint, wrong] = [make('label', '', field.label), make('p', 'page-hint', field.hint), make('p', 'page-wrong')];
  const input = control(field);
  label.setAttribute('for', input.id);
  [hint.id, wrong.id] = [idOf(field.name, 'hint'), idOf(field.name, 'wrong')];
  input.setAttribute('aria-describedby', `${wrong.id} ${hint.id}`);
  const controls = make('div', 'page-controls');
  controls.append(input);
  const whole = make('div', 'page-field');
  whole.append(label, controls, wrong, hint);
  return whole;
}

/** @param {HTMLFormElement} form @param {Field[]} fields */
function fill(form, fields) {
  for (const field of fields) {
    const beside = field.is_unit ? form.lastElementChild?.querySelector('.page-controls') : null;
    if (beside) {
      const unit = control(field);
      unit.setAttribute('aria-label', field.label);
      beside.append(unit);
    } else {
      form.append(row(field));
    }
  }
}

/** @param {HTMLFormElement} form @param {Answer['wrong']} wrong */
function mark(form, wrong) {
  for (const input of form.querySelectorAll('input, select')) {
    const name = input.getAttribute('name') ?? '';
    const message = wrong.find(({ field }) => field === name)?.message ?? '';
    if (message) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    const place = form.querySelector(`#${idOf(name, 'wrong')}`);
    if (place) place.textContent = message;
  }
}

/**
 * Fills in the form and answers it, now and after every change. While an answer is awaited, only the latest change counts.
 *
 * @param {HTMLFormElement} form
 * @param {{ answered: (answer: Answer) => void, failed: (fault: Fault) => void }} listener
 */
export async function startTuning(form, listener) {
  form.replaceChildren();
  fill(form, JSON.parse(await ask('fields')));
  let isWaiting = false;
  let hasChanged = false;
  const update = async () => {
    hasChanged = true;
    if (isWaiting) return;
    isWaiting = true;
    while (hasChanged) {
      hasChanged = false;
      try {
        /** @type {Answer} */
        const answer = JSON.parse(await ask('tune', JSON.stringify(Object.fromEntries(new FormData(form)))));
        mark(form, answer.wrong);
        listener.answered(answer);
      } catch (fault) {
        listener.failed(/** @type {Fault} */ (fault));
      }
    }
    isWaiting = false;
  };
  form.oninput = update;
  form.onsubmit = (event) => event.preventDefault();
  // The fields are reset after the event.
  form.onreset = () => setTimeout(update);
  await update();
}
