// Reads one file at a time, in one worker. Terminating the worker cancels reading and frees its memory.
import { loadModule, workerAddress } from './parts.js';
import { startWorker } from './trusted.js';

/**
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 * @typedef {{ code: string, message: string, hint: string }} Fault
 * @typedef {object} Listener
 * @property {(read: number) => void} progress bytes read so far
 * @property {() => void} analyzing the file has been read
 * @property {(bytes: Bytes, redacted: boolean) => void} report the rendered HTML, and whether it has tokens instead of names
 * @property {(bytes: Bytes) => void} changes input for `pgdba config apply --file`; not called if nothing is recommended
 * @property {(bytes: Bytes) => void} findings the analysis as JSON
 * @property {(fault: Fault) => void} error
 */

/** @type {Fault} */
const NO_WORKER = {
  code: 'no_worker',
  message: 'the browser did not start the worker that reads files',
  hint: 'Use a current Firefox, Chrome, Edge or Safari, or run `pgdba report` in a terminal.',
};

/** @type {(() => void) | null} */
let endCurrent = null;

/** Cancels the current operation, if there is one. */
export function cancel() {
  endCurrent?.();
  endCurrent = null;
}

/** The first member of every key file. */
const KEY = '"pgdba.redaction_key"';
const LARGEST_KEY = 256 * 1024 * 1024;

/** @param {File} file @returns {Promise<boolean>} whether it is the key of a redacted snapshot; false if it cannot be read */
export async function isKey(file) {
  if (file.size > LARGEST_KEY) return false;
  return (await file.slice(0, 4096).text().catch(() => '')).includes(KEY);
}

/** The module rejects larger policies. */
const LARGEST_POLICY = 16 * 1024 * 1024;

/** @param {File} file @returns {boolean} whether it is a policy, by its name */
export function isPolicy(file) {
  return /\.toml$/i.test(file.name);
}

/**
 * @param {File} file a snapshot
 * @param {File | null} key restores the names of a redacted one
 * @param {File | null} policy decides about findings
 * @param {Listener} listener
 */
export async function open(file, key, policy, listener) {
  cancel();
  let ended = false;
  /** @type {Worker | null} */
  let worker = null;
  const end = () => {
    ended = true;
    worker?.terminate();
  };
  endCurrent = end;
  const fail = (/** @type {Fault} */ fault) => {
    if (ended) return;
    end();
    listener.error(fault);
  };
  try {
    const module = await loadModule();
    if (ended) return;
    worker = startWorker(workerAddress());
    worker.onerror = () => fail(NO_WORKER);
    worker.onmessage = ({ data }) => {
      if (ended) return;
      if (data.type === 'progress') listener.progress(data.read);
      if (data.type === 'analyzing') listener.analyzing();
      if (data.type === 'report') listener.report(data.bytes, data.redacted);
      if (data.type === 'changes') listener.changes(data.bytes);
      if (data.type === 'error') fail(data.fault);
      if (data.type === 'findings') {
        end();
        listener.findings(data.bytes);
      }
    };
    const rules = policy?.slice(0, LARGEST_POLICY + 1) ?? null;
    worker.postMessage({ file, key, policy: rules, wasm: module.wasm, packed: module.packed }, [module.wasm]);
  } catch {
    fail(NO_WORKER);
  }
}

/** @returns {Promise<Bytes>} the psql script, made by the module; throws a {@link Fault} on failure */
export async function psqlScript() {
  /** @type {Worker} */
  let worker;
  try {
    const module = await loadModule();
    worker = startWorker(workerAddress());
    const answer = new Promise((resolve, reject) => {
      worker.onerror = () => reject(NO_WORKER);
      worker.onmessage = ({ data }) => (data.type === 'script' ? resolve(data.bytes) : reject(data.fault));
    });
    worker.postMessage({ wasm: module.wasm, packed: module.packed }, [module.wasm]);
    return await answer.finally(() => worker.terminate());
  } catch (fault) {
    throw fault instanceof Error ? NO_WORKER : fault;
  }
}
