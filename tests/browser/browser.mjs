// A browser, pages that remember what they said and asked for, and the checks that every page must pass.
import assert from 'node:assert/strict';
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** How long a page may take for anything, in milliseconds: a machine with other work on it is slow, and that is not what is tested. */
const PATIENCE = 120_000;

/** Started once in a test file, closed by it. */
export async function launch() {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({
    executablePath: process.env.PGDBA_CHROMIUM || findInPath('chromium'),
    args: [...asRoot, '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
}

function findInPath(name) {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const path = `${folder}/${name}`;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one.
    }
  }
  throw new Error(`there is no ${name} in PATH; name one in PGDBA_CHROMIUM`);
}

/** A file in a context of its own. `said` are messages of the console and errors, `asked` are requests but for the file. */
export async function visit(browser, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const address = pathToFileURL(path).href;
  const said = [];
  const asked = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  context.on('request', (request) => {
    const url = request.url();
    if (url.split('#')[0] !== address && !/^(blob|data):/.test(url)) asked.push(url);
  });
  await page.goto(address);
  return { context, page, said, asked };
}

/** Nothing went wrong and nothing was fetched. */
export function assertQuiet({ said, asked }) {
  assert.deepEqual(said, []);
  assert.deepEqual(asked, []);
}

/** Asks again and again: a helper that evaluates text inside the page is refused by the page's own policy. */
export async function until(what, check, milliseconds = PATIENCE) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    if (await check()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`waited in vain for: ${what}`);
}

/** At the width of a small phone nothing sticks out. */
export async function assertFitsPhone(page) {
  await page.setViewportSize({ width: 360, height: 740 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `the page is ${width} px wide on a screen of 360`);
}

/** No finding of axe-core at WCAG 2.2 AA. The context must have `bypassCSP`. */
export async function assertAccessible(page, where) {
  await page.evaluate(axeSource);
  const results = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: 'tag', values } }), WCAG);
  const violations = results.violations.map((violation) => ({
    rule: violation.id,
    nodes: violation.nodes.slice(0, 5).map((node) => `${node.html.slice(0, 160)}: ${node.failureSummary}`),
  }));
  assert.deepEqual(violations, [], where);
  assert.ok(results.passes.length > 5, 'axe looked at something');
}
