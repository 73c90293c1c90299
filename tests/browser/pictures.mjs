// `npm run pictures`: the pictures of README.md, of the page that `cargo xtask web` built, with its own example.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, visit } from './browser.mjs';
import { page as file } from './places.mjs';

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
mkdirSync(folder, { recursive: true });
const browser = await launch();
const viewport = { width: 1100, height: 760 };
for (const [name, options] of [
  ['report-light', { viewport }],
  ['report-dark', { viewport, colorScheme: 'dark' }],
  ['report-narrow', { viewport: { width: 360, height: 760 } }],
]) {
  const { page, context } = await visit(browser, file, options);
  if (name === 'report-light') await page.screenshot({ path: `${folder}page.png` });
  await page.getByRole('button', { name: 'Show an example' }).click();
  await page.locator('details.finding').first().waitFor();
  await page.screenshot({ path: `${folder}${name}.png` });
  await context.close();
}
await browser.close();
