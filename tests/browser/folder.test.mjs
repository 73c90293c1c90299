// The page as a folder on a web server. Build it first: cargo xtask web.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, until } from './browser.mjs';
import { web } from './places.mjs';

const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.wasm': 'application/wasm' };

let browser;
let server;
let address;
before(async () => {
  browser = await launch();
  server = createServer(async (request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url.slice(1);
    try {
      const bytes = await readFile(join(web, 'folder', name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  address = `http://127.0.0.1:${server.address().port}/`;
});
after(async () => {
  await browser?.close();
  server?.close();
});

test('shows the example and asks only for what lies beside it', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const said = [];
  const asked = new Set();
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  context.on('request', (request) => asked.add(request.url()));
  await page.goto(address);
  await page.click('#page-example');
  await until('a report', async () => (await page.locator('header.top h1').count()) === 1);
  assert.deepEqual(said, []);
  const names = [...asked].filter((url) => !url.startsWith('data:')).map((url) => url.replace(address, '')).sort();
  assert.deepEqual(names, ['', 'app.js', 'example.json.gz', 'pgdba_bg.wasm', 'style.css', 'worker.js']);
  await context.close();
});
