// The one place where text becomes a script address or markup: our own worker and our own rendered report.

/** @typedef {{ createHTML(text: string): any, createScriptURL(text: string): any }} Policy */

/** @type {Policy} */
const asIs = { createHTML: (text) => text, createScriptURL: (text) => text };

/** @type {{ createPolicy(name: string, rules: Policy): Policy } | undefined} older browsers have none */
const factory = Reflect.get(window, 'trustedTypes');
const policy = factory ? factory.createPolicy('pgdba', asIs) : asIs;

/**
 * @param {string} address of the worker's script: a blob of this page, or the file beside it
 * @returns {Worker}
 */
export function startWorker(address) {
  return new Worker(policy.createScriptURL(address));
}

/**
 * The style is taken out of the text first: a parsed document has the policy of this page, which allows no other style.
 *
 * @param {string} html a report rendered by the module, in which everything from the snapshot is escaped
 * @returns {{ style: string, document: Document }} the text of its one style, and a document that runs nothing
 */
export function parseReport(html) {
  const [, before, style, after] = /^(.*?)<style>(.*?)<\/style>(.*)$/s.exec(html) ?? ['', html, '', ''];
  return { style, document: new DOMParser().parseFromString(policy.createHTML(before + after), 'text/html') };
}
