// Runs behind the glue script, which defines `wasm_bindgen`, in a worker of its own.
// In: { file, key, policy, wasm, packed }. Out: 'progress', 'analysing', 'report', 'changes', 'findings', 'error' (see reader.js).
// Without a file: 'script', the psql script.

(() => {
  'use strict';
  const STEP = 4 * 1024 * 1024;

  /** The module as bytes, unpacked where the one-file page carries it packed. */
  const unpack = async (bytes, packed) => {
    if (!packed) return bytes;
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).arrayBuffer();
  };

  /** The whole file, in one piece of memory, with a word about progress now and then. */
  const read = async (file) => {
    const bytes = new Uint8Array(file.size);
    const reader = file.stream().getReader();
    let at = 0;
    let told = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return bytes.subarray(0, at);
      bytes.set(value, at);
      at += value.length;
      if (at - told >= STEP) {
        told = at;
        postMessage({ type: 'progress', read: at });
      }
    }
  };

  /** What was thrown, as code, message and hint. */
  const fault = (error) => {
    if (typeof error === 'string') return JSON.parse(error);
    if (error instanceof DOMException || error instanceof RangeError) {
      return {
        code: 'file_unreadable',
        message: `the browser could not read the file: ${error.message}`,
        hint: 'A folder cannot be read, nor a file that changed after it was chosen. Choose the file again; a very large one needs more memory.',
      };
    }
    return {
      code: 'internal',
      message: `the analysis stopped: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'This is a defect of pgdba or too little memory. Try the same file with `pgdba report` in a terminal.',
    };
  };

  onmessage = async ({ data }) => {
    try {
      if (!data.file) {
        wasm_bindgen.initSync({ module: await unpack(data.wasm, data.packed) });
        postMessage({ type: 'script', bytes: wasm_bindgen.psql_script() });
        return;
      }
      const bytes = await read(data.file);
      const small = async (given) => (given ? new Uint8Array(await given.arrayBuffer()) : new Uint8Array());
      const [key, policy] = [await small(data.key), await small(data.policy)];
      postMessage({ type: 'analysing' });
      wasm_bindgen.initSync({ module: await unpack(data.wasm, data.packed) });
      const analyzed = new wasm_bindgen.Analyzed(bytes, key, policy);
      const report = analyzed.report();
      postMessage({ type: 'report', bytes: report, redacted: analyzed.is_redacted() }, [report.buffer]);
      const changes = analyzed.changes();
      if (changes.length > 0) postMessage({ type: 'changes', bytes: changes }, [changes.buffer]);
      const findings = analyzed.findings();
      postMessage({ type: 'findings', bytes: findings }, [findings.buffer]);
    } catch (error) {
      postMessage({ type: 'error', fault: fault(error) });
    }
  };
})();
