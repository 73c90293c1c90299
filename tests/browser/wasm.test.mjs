// The module answers what the native build answers, byte for byte. Build it first: cargo xtask web.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import vm from 'node:vm';
import { fixtures, native, root, web } from './places.mjs';

/**
 * All that the module may ask of its surroundings: no clock, no random number, no request. What a numbered import is stands
 * in the glue, so each one comes with the glue's words for it.
 */
const IMPORTS = [
  // A fault's text, as JavaScript throws it.
  // How a defect in the glue's own code would be told; it comes with plotters.
  ['./pgdba_bg.js', '__wbg___wbindgen_throw', 'function', undefined],
  ['./pgdba_bg.js', '__wbindgen_generic_0000000000000001', 'function', 'Cast intrinsic for `Ref(String) -> Externref`.'],
  ['./pgdba_bg.js', '__wbindgen_init_externref_table', 'function', undefined],
];

const glue = readFileSync(join(web, 'pgdba.js'), 'utf8');
const bytes = readFileSync(join(web, 'pgdba_bg.wasm'));

const NO_KEY = new Uint8Array();
const NO_POLICY = new Uint8Array();
const POLICY = join(root, 'tests/browser/policy.toml');

let module;
before(() => {
  // A `let` of the script is no member of the global object, but later scripts of the realm see it.
  vm.runInThisContext(glue);
  module = vm.runInThisContext('wasm_bindgen');
  module.initSync({ module: bytes });
});

const byNative = (face, ...paths) => execFileSync(native, [face, ...paths], { maxBuffer: 1 << 30 });

test('the module asks nothing of its surroundings but what the list says', () => {
  const meaning = (name) => glue.match(new RegExp(`\\b${name}: function\\([^)]*\\) \\{\\s*// (.*)`))?.[1];
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes))
    // A hash of the glue's own stands behind some names.
    .map(({ module: from, name, kind }) => [from, name.replace(/^(__wbg_.*)_[0-9a-f]{16}$/, '$1'), kind, meaning(name)])
    .sort();
  assert.deepEqual(imports, IMPORTS);
});

test('there are fixtures', () => assert.ok(fixtures.length > 0));

for (const path of fixtures) {
  for (const face of ['findings', 'report']) {
    test(`${face} of ${basename(path)}`, () => {
      const answer = Buffer.from(new module.Analyzed(readFileSync(path), NO_KEY, NO_POLICY)[face]());
      assert.ok(answer.length > 100);
      assert.ok(answer.equals(byNative(face, path)), 'the module and the native build answer differently');
      const policed = Buffer.from(new module.Analyzed(readFileSync(path), NO_KEY, readFileSync(POLICY))[face]());
      assert.ok(policed.equals(byNative(face, path, POLICY)), 'with a policy they answer differently');
      assert.ok(!policed.equals(answer), 'the policy has effect');
    });
  }
}

for (const path of fixtures) {
  test(`tuning of ${basename(path)}`, () => {
    const answer = new module.Analyzed(readFileSync(path), NO_KEY, NO_POLICY).tune('{}');
    assert.ok(Buffer.from(answer).equals(byNative('tune', path)), 'the module and the native build answer differently');
  });
}

test('a fault is JSON with code, message and hint', () => {
  const whole = readFileSync(fixtures[0]);
  const cases = [
    [new Uint8Array(), NO_KEY, 'snapshot_empty'],
    [whole, new TextEncoder().encode('{"format": "pgdba.redaction_key"}'), 'bad_key'],
    [whole, NO_KEY, 'policy_invalid', new TextEncoder().encode('[[silence]]')],
  ];
  for (const [snapshot, key, code, policy] of cases) {
    assert.throws(() => new module.Analyzed(snapshot, key, policy ?? NO_POLICY), (thrown) => {
      const fault = JSON.parse(thrown);
      return fault.code === code && fault.message.length > 0 && fault.hint.length > 0;
    });
  }
});

test('the version is the one of the workspace', () => {
  const version = readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m)[1];
  assert.equal(module.version(), version);
});
