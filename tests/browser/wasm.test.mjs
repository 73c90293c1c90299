// The module answers what the native build answers, byte for byte. Build it first: cargo xtask web.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import vm from 'node:vm';
import { fixtures, root, target, web } from './places.mjs';

let module;
before(() => {
  execFileSync('cargo', ['build', '-q', '-p', 'pgdba-wasm', '--example', 'native'], { cwd: root, stdio: 'inherit' });
  // A `let` of the script is no member of the global object, but later scripts of the realm see it.
  vm.runInThisContext(readFileSync(join(web, 'pgdba.js'), 'utf8'));
  module = vm.runInThisContext('wasm_bindgen');
  module.initSync({ module: readFileSync(join(web, 'pgdba_bg.wasm')) });
});

const native = (face, path) =>
  execFileSync(join(target, 'debug/examples/native'), [face, path], { maxBuffer: 1 << 30 });

test('there are fixtures', () => assert.ok(fixtures.length > 0));

for (const path of fixtures) {
  for (const face of ['analyze', 'report']) {
    test(`${face} of ${basename(path)}`, () => {
      const answer = Buffer.from(module[face](readFileSync(path)));
      assert.ok(answer.length > 100);
      assert.ok(answer.equals(native(face, path)), 'the module and the native build answer differently');
    });
  }
}

test('a fault is JSON with code, message and hint', () => {
  for (const face of ['analyze', 'report']) {
    assert.throws(() => module[face](new Uint8Array()), (thrown) => {
      const fault = JSON.parse(thrown);
      return fault.code === 'snapshot_empty' && fault.message.length > 0 && fault.hint.length > 0;
    });
  }
});

test('the version is the one of the workspace', () => {
  const version = readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m)[1];
  assert.equal(module.version(), version);
});
