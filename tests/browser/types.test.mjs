// The page's modules say what they take and give; the compiler holds them to it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './places.mjs';

test('the types of the page fit together', () => {
  const compiler = join(root, 'tests/browser/node_modules/typescript/bin/tsc');
  const checked = spawnSync(process.execPath, [compiler, '-p', join(root, 'web/jsconfig.json')], { encoding: 'utf8' });
  assert.equal(checked.stdout + checked.stderr, '');
  assert.equal(checked.status, 0);
});
