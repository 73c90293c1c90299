// Reads one file at a time, in one worker, which then answers questions about it. Terminating the worker cancels reading and
// frees its memory.
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

/** @type {Worker | null} the worker that reads a file, or answers questions about it */
let worker = null;

/** Counts the workers, so that one that was canceled while the module was loading does not start. */
let turn = 0;

/** Ends the worker, if there is one. */
export function cancel() {
  turn += 1;
  worker?.terminate();
  worker = null;
}

/**
 * Starts a worker in place of the former one; throws a {@link Fault} on failure.
 *
 * @param {{ file?: File, key?: File | null, policy?: Blob | null }} task
 * @returns {Promise<Worker | null>} null if it was canceled before it started
 */
async function start(task) {
  cancel();
  const own = turn;
  try {
    const module = await loadModule();
    if (own !== turn) return null;
    worker = startWorker(workerAddress());
    worker.postMessage({ ...task, ...module }, [module.wasm]);
    return worker;
  } catch {
    if (own === turn) throw NO_WORKER;
    return null;
  }
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
  try {
    const started = await start({ file, key, policy: policy?.slice(0, LARGEST_POLICY + 1) ?? null });
    if (!started) return;
    const fail = (/** @type {Fault} */ fault) => {
      if (started !== worker) return;
      cancel();
      listener.error(fault);
    };
    started.onerror = () => fail(NO_WORKER);
    started.onmessage = ({ data }) => {
      if (started !== worker) return;
      if (data.type === 'progress') listener.progress(data.read);
      if (data.type === 'analyzing') listener.analyzing();
      if (data.type === 'report') listener.report(data.bytes, data.redacted);
      if (data.type === 'changes') listener.changes(data.bytes);
      if (data.type === 'findings') listener.findings(data.bytes);
      if (data.type === 'error') fail(data.fault);
    };
  } catch (fault) {
    listener.error(/** @type {Fault} */ (fault));
  }
}

/** Starts the worker without a file, for questions that need none; throws a {@link Fault} on failure. */
export async function openNothing() {
  await start({});
}

/**
 * Asks the worker, which answers when it has read its file; throws a {@link Fault} on failure.
 *
 * @param {'fields' | 'tune' | 'psql_script'} question a function of the module
 * @param {string} values what it is given
 * @returns {Promise<any>}
 */
export function ask(question, values = '') {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      port1.close();
      if (data.fault) reject(data.fault);
      else resolve(data.answer);
    };
    if (!worker) return;
    worker.onerror = () => reject(NO_WORKER);
    worker.postMessage({ question, values, port: port2 }, [port2]);
  });
}

/** @returns {Promise<Bytes>} the psql script, made by the module; throws a {@link Fault} on failure */
export async function psqlScript() {
  await openNothing();
  const script = await ask('psql_script');
  cancel();
  return script;
}
