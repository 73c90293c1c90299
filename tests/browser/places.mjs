// Where things are, and what every test of this folder shares.
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const target = process.env.CARGO_TARGET_DIR
  ? resolve(root, process.env.CARGO_TARGET_DIR)
  : join(root, 'target');
/** What `cargo build --workspace --bins --examples` makes: the command line, and `native`, which does what the module does. */
export const commandLine = join(target, 'debug/pgdba');
export const native = join(target, 'debug/examples/native');
/** What `cargo xtask web` makes. */
export const web = process.env.PGDBA_WEB ? resolve(process.env.PGDBA_WEB) : join(target, 'web');
export const page = join(web, 'pgdba.html');

const folder = process.env.PGDBA_FIXTURES ? resolve(process.env.PGDBA_FIXTURES) : join(root, 'fixtures');
/** Snapshots to try, as paths. */
export const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.json.gz'))
  .sort()
  .map((name) => join(folder, name));
