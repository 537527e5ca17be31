// Makes docs/images/playground-*.png again: `node tests/playground/screenshots.mjs [FOLDER]`. It is no test.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { choose, openPlayground, shown } from './browser.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/images', import.meta.url));
await mkdir(folder, { recursive: true });
const playground = await openPlayground();
try {
  const light = (await playground.open({ deviceScaleFactor: 1.5 })).page;
  await light.click('#tab-tokens');
  await light.mouse.move(0, 0);
  await light.screenshot({ path: path.join(folder, 'playground-light.png') });

  const dark = (await playground.open({ deviceScaleFactor: 1.5, colorScheme: 'dark' })).page;
  await choose(dark, 'fault', '503');
  await choose(dark, 'fault-host', 'api.userhub.com');
  await choose(dark, 'fault-times', '1');
  await shown(dark);
  await dark.screenshot({ path: path.join(folder, 'playground-dark.png') });
} finally {
  await playground.close();
}
