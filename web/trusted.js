// The one place where text becomes a script address or markup: our own worker and our own rendered report.

/** @type {{ createHTML(text: string): any, createScriptURL(text: string): any }} */
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy('pgdba', { createHTML: (text) => text, createScriptURL: (text) => text })
  : { createHTML: (text) => text, createScriptURL: (text) => text };

/**
 * @param {string} address of the worker's script: a blob of this page, or the file beside it
 * @returns {Worker}
 */
export function startWorker(address) {
  return new Worker(policy.createScriptURL(address));
}

/**
 * @param {string} html a report rendered by the module, in which everything from the snapshot is escaped
 * @returns {Document} a document that runs nothing
 */
export function parseReport(html) {
  return new DOMParser().parseFromString(policy.createHTML(html), 'text/html');
}
