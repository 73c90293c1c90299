// Runs in a worker, after the glue script, which defines `wasm_bindgen`.
// In: { file, key, policy, wasm, packed }. Out: 'progress', 'analyzing', 'report', 'changes', 'findings', 'error' (see reader.js).
// Without a file, nothing is read. Then in: { question, values, port }; its answer or fault goes to the port.

(() => {
  'use strict';
  const STEP = 4 * 1024 * 1024;

  /** The module as bytes, decompressed if it is packed, as in the single-file page. */
  const unpack = async (bytes, packed) => {
    if (!packed) return bytes;
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).arrayBuffer();
  };

  /** The whole file in one buffer; reports progress after every step. */
  const read = async (file) => {
    const bytes = new Uint8Array(file.size);
    const reader = file.stream().getReader();
    let position = 0;
    let reported = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return bytes.subarray(0, position);
      bytes.set(value, position);
      position += value.length;
      if (position - reported >= STEP) {
        reported = position;
        postMessage({ type: 'progress', read: position });
      }
    }
  };

  /** A thrown error as code, message and hint. */
  const fault = (error) => {
    if (typeof error === 'string') return JSON.parse(error);
    if (error instanceof DOMException || error instanceof RangeError) {
      return {
        code: 'file_unreadable',
        message: `the browser could not read the file: ${error.message}`,
        hint: 'Folders cannot be read, nor files that were modified after they were chosen. Choose the file again; a very large file might need more memory.',
      };
    }
    return {
      code: 'internal',
      message: `the analysis failed: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'This is a bug in pgdba, or the browser ran out of memory. Try the same file with `pgdba report` in a terminal.',
    };
  };

  /** Reads a snapshot; resolves to what answers questions about it. */
  const analyze = async (data) => {
    try {
      const bytes = await read(data.file);
      const small = async (given) => (given ? new Uint8Array(await given.arrayBuffer()) : new Uint8Array());
      const [key, policy] = [await small(data.key), await small(data.policy)];
      postMessage({ type: 'analyzing' });
      wasm_bindgen.initSync({ module: await unpack(data.wasm, data.packed) });
      const analyzed = new wasm_bindgen.Analyzed(bytes, key, policy);
      const report = analyzed.report();
      postMessage({ type: 'report', bytes: report, redacted: analyzed.is_redacted() }, [report.buffer]);
      const changes = analyzed.changes();
      if (changes.length > 0) postMessage({ type: 'changes', bytes: changes }, [changes.buffer]);
      const findings = analyzed.findings();
      postMessage({ type: 'findings', bytes: findings }, [findings.buffer]);
      return analyzed;
    } catch (error) {
      postMessage({ type: 'error', fault: fault(error) });
      throw error;
    }
  };

  /** The module itself, which answers questions without a snapshot. */
  const load = async (data) => {
    wasm_bindgen.initSync({ module: await unpack(data.wasm, data.packed) });
    return wasm_bindgen;
  };

  /** What answers questions. */
  let source;

  onmessage = async ({ data }) => {
    if (!data.question) {
      source = data.file ? analyze(data) : load(data);
      source.catch(() => {});
      return;
    }
    try {
      data.port.postMessage({ answer: (await source)[data.question](data.values) });
    } catch (error) {
      data.port.postMessage({ fault: fault(error) });
    }
  };
})();
