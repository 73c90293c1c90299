// Analyses a snapshot with the built module, as the page's worker does: node analyze.mjs FOLDER SNAPSHOT.
// Prints the milliseconds from the bytes to the report, and the bytes of the module's memory after it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

const [folder, snapshot] = process.argv.slice(2);
vm.runInThisContext(readFileSync(join(folder, 'pgdba.js'), 'utf8'));
const module = vm.runInThisContext('wasm_bindgen');
const { memory } = module.initSync({ module: readFileSync(join(folder, 'pgdba_bg.wasm')) });
const bytes = readFileSync(snapshot);
const start = performance.now();
const analyzed = new module.Analyzed(bytes, new Uint8Array(), new Uint8Array());
const report = analyzed.report();
const time = performance.now() - start;
if (report.length < 1000) throw new Error('there is no report');
console.log(`${time} ${memory.buffer.byteLength}`);
