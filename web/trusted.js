// The only place where text becomes a script URL or markup: our own worker and our own rendered report.

/** @typedef {{ createHTML(text: string): any, createScriptURL(text: string): any }} Policy */

/** @type {Policy} */
const asIs = { createHTML: (text) => text, createScriptURL: (text) => text };

/** @type {{ createPolicy(name: string, rules: Policy): Policy } | undefined} undefined in older browsers */
const factory = Reflect.get(window, 'trustedTypes');
const policy = factory ? factory.createPolicy('pgdba', asIs) : asIs;

/**
 * @param {string} address URL of the worker's script: a blob of this page, or a file in the same folder
 * @returns {Worker}
 */
export function startWorker(address) {
  return new Worker(policy.createScriptURL(address));
}

/**
 * The style sheet is extracted first: the parsed document has this page's policy, which does not allow other styles.
 *
 * @param {string} html a report rendered by the module, in which everything from the snapshot is escaped
 * @returns {{ style: string, document: Document }} the text of its style sheet, and a document that runs no scripts
 */
export function parseReport(html) {
  const [, before, style, after] = /^(.*?)<style>(.*?)<\/style>(.*)$/s.exec(html) ?? ['', html, '', ''];
  return { style, document: new DOMParser().parseFromString(policy.createHTML(before + after), 'text/html') };
}
