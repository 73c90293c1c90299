// The page as a file on disk. Build it first: cargo xtask web.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { assertAccessible, assertFitsPhone, assertQuiet, launch, until, visit } from './browser.mjs';
import { commandLine, fixtures, page as file, root } from './places.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const give = (page, name, content) =>
  page.setInputFiles('#page-input', { name, mimeType: 'application/json', buffer: Buffer.from(content) });

const gzipless = (path) => gunzipSync(readFileSync(path)).toString('utf8');

const text = (page, selector) =>
  page.evaluate((wanted) => document.querySelector(wanted)?.textContent ?? '', selector);

const isVisible = (page, selector) => page.locator(selector).isVisible();

const dropFiles = (page, files) => page.evaluate((given) => {
  const data = new DataTransfer();
  for (const [name, content] of given) data.items.add(new File([content], name));
  dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
}, files);

const pgdba = (...words) =>
  execFileSync(commandLine, words, { stdio: ['ignore', 'ignore', 'inherit'] });

async function showExample(page) {
  await page.click('#page-example');
  await until('a report', async () => (await page.locator('header.top h1').count()) === 1);
  await until('the findings', async () => page.locator('#page-save-findings').isEnabled());
}

async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

test('starts empty and says what it does', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  assert.ok(await isVisible(page, '#page-open'));
  const words = await page.locator('main').innerText();
  assert.match(words, /Nothing leaves this computer/);
  assert.match(words, /pgdba inspect --dsn .* -o snapshot\.json\.gz/);
  await assertFitsPhone(page);
  assertQuiet(visited);
  await context.close();
});

test('hands out the psql script', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  const script = await saved(page, '#page-script');
  assert.equal(script.name, 'pgdba.sql');
  assert.ok(script.bytes.equals(readFileSync(join(root, 'docs/pgdba.sql'))), 'it is the one in docs');
  assert.ok(await isVisible(page, '#page-empty'), 'the page stays as it was');
  assertQuiet(visited);
  await context.close();
});

test('shows the example, and saves report and findings', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  await showExample(page);
  assert.equal(await page.locator('main').count(), 1);
  assert.equal(await page.locator('h1').count(), 1);
  assert.ok((await page.locator('main section').count()) > 0, 'a report has sections');
  const columns = await page.evaluate(() => getComputedStyle(document.querySelector('header.top')).maxWidth);
  assert.equal(columns, '1152px', 'the style of the report is in force');

  const report = await saved(page, '#page-save-report');
  assert.equal(report.name, 'example-report.html');
  assert.match(report.bytes.toString('utf8'), /^<!doctype html>/i);
  const findings = await saved(page, '#page-save-findings');
  assert.equal(findings.name, 'example-findings.json');
  assert.equal(typeof JSON.parse(findings.bytes.toString('utf8')), 'object');

  await assertFitsPhone(page);
  assertQuiet(visited);
  await context.close();
});

test('saves a change set where something should change, and only there', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  await showExample(page);
  assert.ok(!(await isVisible(page, '#page-save-changes')), 'nothing to change in the example');

  const snapshot = JSON.parse(gzipless(join(root, 'fixtures/example.json.gz')));
  const { columns, rows } = snapshot.sections.pg_settings;
  const at = (name) => columns.indexOf(name);
  const fsync = rows.find((row) => row[at('name')] === 'fsync');
  fsync[at('setting')] = 'off';
  fsync[at('source')] = 'configuration file';
  await give(page, 'shop.json', JSON.stringify(snapshot));
  await until('the change set', () => isVisible(page, '#page-save-changes'));
  const changes = await saved(page, '#page-save-changes');
  assert.equal(changes.name, 'shop-changes.json');
  const { fingerprint } = snapshot.identity;
  assert.deepEqual(JSON.parse(changes.bytes.toString('utf8')), { parameters: { fsync: 'on' }, fingerprint });
  await assertFitsPhone(page);
  assertQuiet(visited);
  await context.close();
});

test('a link opens the finding it names, and another file takes the place of the report', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  await showExample(page);
  const link = page.locator('ol.actions a').first();
  if (await link.count()) {
    const anchor = (await link.getAttribute('href')).slice(1);
    await page.evaluate((id) => { document.getElementById(id).open = false; }, anchor);
    await link.click();
    await until('an open finding', () => page.evaluate((id) => document.getElementById(id).open, anchor));
  }
  await give(page, 'notes.json', '{"hello": 1}');
  await until('the error', () => isVisible(page, '#page-error'));
  assert.equal(await page.locator('header.top').count(), 0, 'the report is gone');
  await page.click('#page-back');
  assert.ok(await isVisible(page, '#page-empty'));
  await showExample(page);
  assertQuiet(visited);
  await context.close();
});

test('says what is wrong with a file', async () => {
  const whole = gzipless(fixtures[0]);
  const newer = JSON.stringify({ ...JSON.parse(whole), format_version: 99 });
  const cases = [
    ['notes.txt', 'hello', /not JSON/],
    ['other.json', '[{"Plan": {"Node Type": "Seq Scan"}}]', /not a pgdba snapshot/],
    ['empty.json', '', /empty/],
    ['cut.json', whole.slice(0, Math.floor(whole.length / 2)), /truncated: it ends within the document, at byte \d+/],
    ['newer.json', newer, /format version 99, but this pgdba supports up to version \d+/],
    ['broken.json.gz', gzipSync(whole).subarray(0, 200), /damaged|truncated/],
  ];
  const visited = await visit(browser, file);
  const { page, context } = visited;
  for (const [name, content, message] of cases) {
    await give(page, name, content);
    await until(`the message for ${name}`, async () =>
      (await isVisible(page, '#page-error')) && (await text(page, '#page-error-name')) === name);
    assert.match(await text(page, '#page-error-message'), message, name);
    assert.ok((await text(page, '#page-error-hint')).length > 10, `${name}: a hint`);
    assert.ok(await page.evaluate(() => document.activeElement?.id === 'page-retry'), `${name}: focus is on the way out`);
  }
  await assertFitsPhone(page);
  assertQuiet(visited);
  await context.close();
});

test('names of files are text', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  const name = '<img src=x onerror=alert(1)>.json';
  await give(page, name, '<b>no</b>');
  await until('the error', () => isVisible(page, '#page-error'));
  assert.equal(await text(page, '#page-error-name'), name);
  assert.equal(await page.locator('main img').count(), 0);
  assertQuiet(visited);
  await context.close();
});

test('without a worker it says so', async () => {
  const { page, context } = await visit(browser, file);
  await page.evaluate(() => { globalThis.Worker = class { constructor() { throw new Error('refused'); } }; });
  await give(page, 'a.json', '{}');
  await until('the error', () => isVisible(page, '#page-error'));
  assert.match(await text(page, '#page-error-message'), /did not start/);
  await page.click('#page-back');
  await page.click('#page-script');
  await until('the error for the script', async () => (await text(page, '#page-error-name')) === 'pgdba.sql');
  assert.match(await text(page, '#page-error-message'), /did not start/);
  await context.close();
});

test('a file that is dropped is read, and reading can be cancelled', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  const drop = (size) => page.evaluate(async (bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'dropped.json'));
    dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
    const reading = document.getElementById('page-reading');
    for (let turn = 0; turn < 1000 && reading.hidden; turn += 1) await new Promise((next) => setTimeout(next));
    const isReading = !reading.hidden && document.getElementById('page-reading-name').textContent === 'dropped.json';
    if (bytes > 10) document.getElementById('page-cancel').click();
    return isReading;
  }, size);
  assert.ok(await drop(50_000_000));
  assert.ok(await isVisible(page, '#page-empty'), 'cancelled');
  await new Promise((done) => setTimeout(done, 300));
  assert.ok(await isVisible(page, '#page-empty'), 'and stays so');
  assert.ok(await drop(10));
  await until('the error', () => isVisible(page, '#page-error'));
  assertQuiet(visited);
  await context.close();
});

test('a file over the limit is refused before it is read', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  await page.evaluate(() => {
    const event = new Event('drop', { cancelable: true });
    Object.defineProperty(event, 'dataTransfer', { value: { files: [{ name: 'dump.json', size: 2 ** 31 }] } });
    dispatchEvent(event);
  });
  await until('the error', () => isVisible(page, '#page-error'));
  assert.match(await text(page, '#page-error-message'), /larger than 1 GiB/);
  assert.equal(await text(page, '#page-error-size'), ', 2.0 GiB');
  assertQuiet(visited);
  await context.close();
});

test('two files at once get an answer', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  await dropFiles(page, [['a.json', '{}'], ['b.json', '{}']]);
  await until('the error', () => isVisible(page, '#page-error'));
  assert.match(await text(page, '#page-error-message'), /^More than one file/);
  assertQuiet(visited);
  await context.close();
});

test('a key shows the names of a redacted snapshot', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pgdba-'));
  const [snapshot, key, other] = ['shop.json', 'site.key', 'other.key'].map((name) => join(folder, name));
  for (const into of [other, key]) {
    pgdba('snapshot', 'redact', join(root, 'fixtures/example.json.gz'), '-o', snapshot, '--key', into);
  }
  const contents = (path) => [basename(path), readFileSync(path, 'utf8')];
  const names = async () => /public\.sessions/.test(await page.locator('main').innerText());
  const visited = await visit(browser, file);
  const { page, context } = visited;

  await dropFiles(page, [contents(key)]);
  await until('the error', () => isVisible(page, '#page-error'));
  assert.match(await text(page, '#page-error-message'), /key of a redacted snapshot/, 'a key alone');
  await give(page, ...contents(snapshot));
  await until('a report with tokens', () => isVisible(page, '#page-key'));
  assert.ok(!(await names()));
  await assertFitsPhone(page);
  await give(page, ...contents(key));
  await until('a report with names', names);
  assert.ok(!(await isVisible(page, '#page-key')), 'there is nothing more to show');
  assert.equal(await text(page, '#page-file'), 'shop.json');

  await dropFiles(page, [contents(other), contents(snapshot)]);
  await until('the error', () => isVisible(page, '#page-error'));
  assert.match(await text(page, '#page-error-message'), /not the key that the snapshot was redacted with/);
  await dropFiles(page, [contents(key), contents(snapshot)]);
  await until('a report with names again', names);
  assertQuiet(visited);
  await context.close();
  rmSync(folder, { recursive: true });
});

test('a policy decides about findings, with the snapshot and after it', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  const verdict = async () => (await page.locator('.verdict').innerText()) + (await page.locator('.coverage').innerText());
  const snapshot = ['shop.json', gzipless(join(root, 'fixtures/example.json.gz'))];
  const silent = ['pgdba.toml', '[[silence]]\nname = "*"\nreason = "seen <b>it</b>"\n'];

  await dropFiles(page, [silent]);
  await until('the error', () => isVisible(page, '#page-error'));
  assert.match(await text(page, '#page-error-message'), /this file is a policy/i, 'a policy alone');
  await give(page, ...snapshot);
  await until('a report', async () => (await page.locator('header.top h1').count()) === 1);
  assert.doesNotMatch(await verdict(), /set aside/);
  await until('the findings', async () => page.locator('#page-save-findings').isEnabled());
  await give(page, ...silent);
  await until('a report with the policy', async () => (await page.locator('#set-aside').count()) === 1);
  assert.match(await verdict(), /\d+ subjects? set aside by the policy\)[\s\S]*Policy pgdba.toml: \d+ subjects? silenced/);
  assert.match(await text(page, '#set-aside'), /silenced: seen <b>it<\/b>/);
  assert.equal(await page.locator('#findings details.finding').count(), 0);
  await assertFitsPhone(page);

  await dropFiles(page, [snapshot, ['pgdba.toml', '[[silence]]\nrule = "ded_tuples"\nreason = "r"\n']]);
  await until('the error', () => isVisible(page, '#page-error'));
  assert.match(await text(page, '#page-error-message'), /line 2, column 8: rule "ded_tuples" does not exist: did you mean "dead_tuples"/);
  assert.equal(await text(page, '#page-error-name'), 'pgdba.toml');
  await page.locator('#page-report-again').click();
  await until('the report without the policy', async () => (await page.locator('header.top h1').count()) === 1);
  assert.equal(await page.locator('#set-aside').count(), 0);
  await dropFiles(page, [silent]);
  await until('a report with the policy', async () => (await page.locator('#set-aside').count()) === 1);
  await dropFiles(page, [['pgdba.toml', 'not TOML']]);
  await until('the error', () => isVisible(page, '#page-error'));
  await page.locator('#page-report-again').click();
  await until('the report with the former policy', async () => (await page.locator('#set-aside').count()) === 1);
  await dropFiles(page, [silent]);
  await until('a report with the corrected policy', async () => (await page.locator('#set-aside').count()) === 1);
  await dropFiles(page, [silent, snapshot]);
  await until('a report with the policy again', async () => (await page.locator('#set-aside').count()) === 1);
  assertQuiet(visited);
  await context.close();
});

test('the whole way works with the keyboard alone', async () => {
  const visited = await visit(browser, file);
  const { page, context } = visited;
  const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
  for (let step = 0; step < 10 && (await focused()) !== 'page-example'; step += 1) await page.keyboard.press('Tab');
  assert.equal(await focused(), 'page-example');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
  assert.equal(outline, '3px', 'focus is visible');
  await page.keyboard.press('Enter');
  await until('a report', async () => (await page.locator('header.top h1').count()) === 1);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', 'focus is on the title of the report');
  assert.match(await text(page, '#page-status'), /^Report ready: /);
  assertQuiet(visited);
  await context.close();
});

test('the switch changes the colours', async () => {
  const { page, context } = await visit(browser, file, { colorScheme: 'light' });
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await colour(), 'rgb(255, 255, 255)');
  await page.click('#page-theme');
  assert.equal(await colour(), 'rgb(20, 23, 26)');
  await showExample(page);
  assert.equal(await colour(), 'rgb(20, 23, 26)', 'the report follows');
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`is accessible in every state, ${colorScheme}`, async () => {
    const { page, context } = await visit(browser, file, { colorScheme, bypassCSP: true });
    await assertAccessible(page, 'empty');
    await give(page, 'notes.json', '{"hello": 1}');
    await until('the error', () => isVisible(page, '#page-error'));
    await assertAccessible(page, 'error');
    await page.click('#page-back');
    await showExample(page);
    await assertAccessible(page, 'report');
    await assertFitsPhone(page);
    await assertAccessible(page, 'report on a phone');
    await context.close();
  });
}
