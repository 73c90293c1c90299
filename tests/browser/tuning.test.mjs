// What-if tuning on the page: the form, and that its values are those of the command line. Build it first: cargo xtask web.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { assertAccessible, assertFitsPhone, assertQuiet, launch, until, visit } from './browser.mjs';
import { commandLine, page as file, root } from './places.mjs';

const EXAMPLE = join(root, 'fixtures/example.json.gz');

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** What the command answers; warnings go to standard error. */
const tune = (...words) =>
  execFileSync(commandLine, ['config', 'tune', ...words], { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });

const recommendations = (...words) => JSON.parse(tune('--format', 'json', ...words)).data.recommendations;

const field = (page, name) => page.locator(`#page-field-${name}`);

const answer = (page) => page.locator('#page-tuning-answer').innerText();

/** The text to copy, as it is in the page. */
const conf = (page) => page.evaluate(() => document.querySelector('#page-tuning-answer figure.sql code')?.textContent ?? '');

/** The cells of the table of recommendations. */
const rows = (page) => page.evaluate(() => {
  const table = document.querySelector('#page-tuning-answer table');
  return table ? [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)) : [];
});

async function openWithoutSnapshot(browser, options) {
  const visited = await visit(browser, file, options);
  await visited.page.click('#page-what-if');
  await until('an answer', async () => (await rows(visited.page)).length > 0);
  return visited;
}

async function openWith(page, content) {
  await page.setInputFiles('#page-input', { name: 'shop.json', mimeType: 'application/json', buffer: Buffer.from(content) });
  await until('the report', () => page.locator('#page-tune').isVisible());
  await page.click('#page-tune');
  await until('an answer', async () => (await answer(page)) !== '');
}

async function openExample(browser, options) {
  const visited = await visit(browser, file, options);
  await openWith(visited.page, gunzipSync(readFileSync(EXAMPLE)));
  return visited;
}

/** Writes in fields, or chooses. */
async function set(page, values) {
  for (const [name, value] of Object.entries(values)) {
    const place = field(page, name);
    if ((await place.evaluate((control) => control.tagName)) === 'SELECT') await place.selectOption(value);
    else await place.fill(value);
  }
}

async function save(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#page-tuning-save')]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

test('the form starts with what the snapshot shows, and its values are those of the command line', async () => {
  const visited = await openExample(browser);
  const { page, context } = visited;
  const values = {};
  for (const name of ['workload', 'memory', 'memory_unit', 'cpus', 'storage', 'connections', 'data_size']) {
    values[name] = await field(page, name).inputValue();
  }
  const { machine } = JSON.parse(tune('--format', 'json', '--snapshot', EXAMPLE)).data;
  assert.equal(machine.storage, null);
  assert.deepEqual(values, {
    workload: 'mixed', memory: (machine.memory / 2 ** 30).toFixed(1), memory_unit: 'GB', cpus: String(machine.cpus), storage: '',
    connections: String(machine.connections), data_size: '',
  });
  assert.equal(await field(page, 'version').count(), 0, 'the snapshot tells the version');

  const expected = recommendations('--snapshot', EXAMPLE);
  const shown = await rows(page);
  assert.ok(expected.length > 5);
  assert.deepEqual(shown.map(([name]) => name), expected.map(({ parameter }) => parameter));
  assert.deepEqual(shown.map((cells) => cells.at(-1)), expected.map(({ rationale }) => rationale));
  const buffers = shown.find(([name]) => name === 'shared_buffers');
  assert.equal(buffers[1], '128 MB', 'the value in force');
  assert.equal(await conf(page), tune('--snapshot', EXAMPLE, '--output', 'conf'));
  const saved = await save(page);
  assert.equal(saved.name, 'shop-tuning.json');
  assert.equal(saved.text, tune('--snapshot', EXAMPLE, '--output', 'changeset'));
  assert.match(JSON.parse(saved.text).fingerprint, /./);
  assertQuiet(visited);
  await context.close();
});

test('a change is answered at once, as on the command line', async () => {
  const visited = await openExample(browser);
  const { page, context } = visited;
  const options = {};
  let former = await conf(page);
  for (const [values, option, value] of [
    [{ memory: '64', memory_unit: 'GB' }, '--memory', '64GB'],
    [{ cpus: '16' }, '--cpus', '16'],
    [{ storage: 'nvme' }, '--storage', 'nvme'],
    [{ workload: 'olap' }, '--workload', 'olap'],
    [{ connections: '300' }, '--connections', '300'],
    [{ data_size: 'less-ram' }, '--db-size', 'less-ram'],
    [{ memory: '512', memory_unit: 'MB' }, '--memory', '512MB'],
  ]) {
    await set(page, values);
    options[option] = value;
    const expected = tune('--snapshot', EXAMPLE, ...Object.entries(options).flat(), '--output', 'conf');
    assert.notEqual(expected, former, `${option} changes something`);
    await until(`the values for ${JSON.stringify(options)}`, async () => (await conf(page)) === expected, 5000);
    former = expected;
  }
  await page.click('button[type=reset]');
  const first = tune('--snapshot', EXAMPLE, '--output', 'conf');
  await until('the first values', async () => (await conf(page)) === first, 5000);
  await field(page, 'memory').fill('');
  await until('the memory of the snapshot', async () => (await conf(page)) === first, 5000);
  assertQuiet(visited);
  await context.close();
});

test('a field that cannot be used says what to enter, beside it', async () => {
  const visited = await openExample(browser);
  const { page, context } = visited;
  const cases = [
    ['memory', 'lots', 'Enter a number, such as 64 or 1.5.'],
    ['memory', '-1', 'Enter a size from 1 kB to 1 PB.'],
    ['cpus', '0', 'Enter a whole number from 1 to 65\u{202f}536.'],
    ['connections', '1.5', 'Enter a whole number from 1 to 262\u{202f}143.'],
  ];
  for (const [name, value, message] of cases) {
    const right = await field(page, name).inputValue();
    await set(page, { [name]: value });
    await until(message, async () => (await page.locator(`#page-field-${name}-wrong`).innerText()) === message, 5000);
    assert.equal(await field(page, name).getAttribute('aria-invalid'), 'true');
    assert.match(await field(page, name).getAttribute('aria-describedby'), new RegExp(`page-field-${name}-wrong`));
    assert.equal(await answer(page), 'Correct the marked field to get values.');
    assert.ok(await page.locator('#page-tuning-save').isDisabled());
    assert.match(await page.evaluate(() => document.querySelector('#page-status').textContent), new RegExp(`^${message}`));
    await set(page, { [name]: right });
    await until('values again', async () => (await rows(page)).length > 0, 5000);
    assert.equal(await page.locator('#page-fields [aria-invalid]').count(), 0);
  }
  await assertFitsPhone(page);
  assertQuiet(visited);
  await context.close();
});

test('without a snapshot the values are those of PGTune', async () => {
  const visited = await openWithoutSnapshot(browser);
  const { page, context } = visited;
  const first = ['--pgtune-only', '--memory', '16GB', '--cpus', '8'];
  await set(page, { cpus: '8' });
  const expected = tune(...first, '--output', 'conf');
  await until('the values for 8 processors', async () => (await conf(page)) === expected, 5000);
  const shown = (await rows(page)).map(([name, value]) => [name, value]);
  assert.deepEqual(shown, recommendations(...first).map(({ parameter, recommended }) => [parameter, recommended]));
  const saved = await save(page);
  assert.equal(saved.name, 'tuning.json');
  assert.equal(saved.text, tune(...first, '--output', 'changeset'));

  const vectors = JSON.parse(readFileSync(join(root, 'fixtures/pgtune-vectors.json'), 'utf8'));
  const word = (text) => (text === 'dw' ? 'olap' : text.replaceAll('_', '-'));
  for (const { input, expected: values } of vectors.filter((_, index) => index % 20 === 0)) {
    await set(page, {
      version: String(input.pg_major), os: input.os, workload: word(input.workload), memory: String(input.memory_bytes / 2 ** 20),
      memory_unit: 'MB', cpus: String(input.cpus ?? ''), storage: input.storage, connections: String(input.connections ?? ''),
      data_size: word(input.db_size),
    });
    const lines = Object.entries(values).map(([name, value]) => `${name} = '${value}'`).sort();
    await until(JSON.stringify(input), async () =>
      JSON.stringify((await conf(page)).split('\n').filter(Boolean).sort()) === JSON.stringify(lines), 5000);
  }
  await field(page, 'memory').fill('');
  await until('the message', async () => (await page.locator('#page-field-memory-wrong').innerText()) === 'Enter the memory of the host.');
  await page.click('#page-tuning-back');
  assert.ok(await page.locator('#page-empty').isVisible());
  assertQuiet(visited);
  await context.close();
});

test('the report is still there, with all its buttons', async () => {
  const visited = await openExample(browser);
  const { page, context } = visited;
  assert.equal(await page.locator('header.top').count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'page-tuning-title', 'focus is on the title');
  await page.click('#page-tuning-back');
  assert.equal(await page.locator('header.top h1').count(), 1);
  assert.ok(await page.locator('#page-save-findings').isEnabled());
  assert.equal(await page.locator('#page-file').innerText(), 'shop.json');
  await page.click('#page-tune');
  await until('an answer', async () => (await rows(page)).length > 0);
  assertQuiet(visited);
  await context.close();
});

test('a snapshot without the settings says why nothing is recommended', async () => {
  const snapshot = JSON.parse(gunzipSync(readFileSync(EXAMPLE)).toString('utf8'));
  delete snapshot.sections.pg_settings;
  const visited = await visit(browser, file);
  const { page, context } = visited;
  await openWith(page, JSON.stringify(snapshot));
  assert.match(await answer(page), /Cannot recommend values: [\s\S]*collect the section pg_settings/);
  assert.ok(await page.locator('#page-tuning-save').isDisabled());
  assertQuiet(visited);
  await context.close();
});

test('the form works with the keyboard alone, and its values can be copied', async () => {
  const visited = await visit(browser, file, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page, context } = visited;
  const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
  const tabTo = async (id) => {
    for (let step = 0; step < 15 && (await focused()) !== id; step += 1) await page.keyboard.press('Tab');
    assert.equal(await focused(), id);
  };
  await tabTo('page-what-if');
  await page.keyboard.press('Enter');
  await until('an answer', async () => (await rows(page)).length > 0);
  await tabTo('page-field-memory');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('64');
  await until('the values for 64 GB', async () => /shared_buffers = '16GB'/.test(await conf(page)));
  assert.equal(await focused(), 'page-field-memory', 'focus stays in the field');
  assert.match(await page.evaluate(() => document.querySelector('#page-status').textContent), /^PGTune's values/);
  await page.locator('#page-tuning-answer figure.sql button').click();
  await until('the copy', async () => (await page.locator('#page-tuning-answer figure.sql button').innerText()) === 'Copied');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await conf(page));
  assertQuiet(visited);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`is accessible, ${colorScheme}`, async () => {
    for (const open of [openExample, openWithoutSnapshot]) {
      const { page, context } = await open(browser, { colorScheme, bypassCSP: true });
      await assertAccessible(page, `${open.name}: values`);
      await set(page, { cpus: 'many' });
      await until('the message', async () => (await page.locator('#page-field-cpus-wrong').innerText()) !== '');
      await assertAccessible(page, `${open.name}: a field that cannot be used`);
      await set(page, { cpus: '4' });
      await until('values', async () => (await rows(page)).length > 0);
      await assertFitsPhone(page);
      await assertAccessible(page, `${open.name}: on a phone`);
      await context.close();
    }
  });
}
