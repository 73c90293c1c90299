// Locations of worker, module and example: data blocks in the single-file page, or separate files in the same folder.

/** @param {string} id @returns {string | null} */
const block = (id) => document.getElementById(id)?.textContent ?? null;

/** @param {string} text base64 @returns {ArrayBuffer} */
const decode = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;

const isOneFile = block('worker-source') !== null;

/** @param {string} name @returns {Promise<ArrayBuffer>} */
async function fetchFile(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.arrayBuffer();
}

/** @returns {string} the URL of the worker's script */
export function workerAddress() {
  if (!isOneFile) return 'worker.js';
  return URL.createObjectURL(new Blob([block('worker-source') ?? ''], { type: 'text/javascript' }));
}

/** @returns {Promise<{ wasm: ArrayBuffer, packed: boolean }>} the module, gzip-compressed if packed */
export async function loadModule() {
  const text = block('wasm');
  if (text !== null) return { wasm: decode(text), packed: true };
  return { wasm: await fetchFile('pgdba_bg.wasm'), packed: false };
}

/** @returns {boolean} whether the page has an example */
export function hasExample() {
  return !isOneFile || block('example') !== null;
}

/** @returns {Promise<File>} the built-in example */
export async function loadExample() {
  const text = block('example');
  const bytes = text !== null ? decode(text) : await fetchFile('example.json.gz');
  return new File([bytes], 'example.json.gz', { type: 'application/gzip' });
}
