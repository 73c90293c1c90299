// The report as a file on disk, with and without scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFitsPhone, assertQuiet, launch, visit } from './browser.mjs';
import { fixtures, native } from './places.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pgdba-report-'));
const file = join(folder, 'report.html');
const fixture = fixtures.find((path) => path.endsWith('example.json.gz')) ?? fixtures[0];

let browser;
before(async () => {
  writeFileSync(file, execFileSync(native, ['report', fixture], { maxBuffer: 1 << 30 }));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

for (const javaScriptEnabled of [true, false]) {
  test(`opens quietly and fits a phone, scripts ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const visited = await visit(browser, file, { javaScriptEnabled });
    const { page, context } = visited;
    assert.equal(await page.locator('h1').count(), 1);
    assert.ok(await page.locator('h1').isVisible());
    const buttons = await page.locator('button').count();
    if (!javaScriptEnabled) assert.equal(buttons, 0, 'no button that does nothing');
    await assertFitsPhone(page);
    assertQuiet(visited);
    await context.close();
  });
}

for (const colorScheme of ['light', 'dark']) {
  test(`is accessible, ${colorScheme}`, async () => {
    const { page, context } = await visit(browser, file, { colorScheme, bypassCSP: true });
    await assertAccessible(page, 'as opened');
    await page.evaluate(() => document.querySelectorAll('details').forEach((part) => { part.open = true; }));
    await assertAccessible(page, 'everything open');
    await assertFitsPhone(page);
    await assertAccessible(page, 'everything open on a phone');
    await context.close();
  });
}
