// Where worker, module and example come from: data blocks in the one-file page, files beside the page in the folder.

/** @param {string} id @returns {string | null} */
const block = (id) => document.getElementById(id)?.textContent ?? null;

/** @param {string} text base64 @returns {ArrayBuffer} */
const decode = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;

const isOneFile = block('worker-source') !== null;

/** @param {string} name @returns {Promise<ArrayBuffer>} */
async function beside(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.arrayBuffer();
}

/** @returns {string} the address of the worker's script */
export function workerAddress() {
  if (!isOneFile) return 'worker.js';
  return URL.createObjectURL(new Blob([block('worker-source') ?? ''], { type: 'text/javascript' }));
}

/** @returns {Promise<{ wasm: ArrayBuffer, packed: boolean }>} the module, gzip where packed */
export async function loadModule() {
  const text = block('wasm');
  if (text !== null) return { wasm: decode(text), packed: true };
  return { wasm: await beside('pgdba_bg.wasm'), packed: false };
}

/** @returns {boolean} whether there is an example to show */
export function hasExample() {
  return !isOneFile || block('example') !== null;
}

/** @returns {Promise<File>} the built-in example */
export async function loadExample() {
  const text = block('example');
  const bytes = text !== null ? decode(text) : await beside('example.json.gz');
  return new File([bytes], 'example.json.gz', { type: 'application/gzip' });
}
