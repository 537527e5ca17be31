#!/usr/bin/env node
// tests/pictures/: the command behind `npm run pictures`, which makes every picture of docs/images. A test sees to it that no page
// shows another one.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { command, TEXT } from '../../tools/cli.mjs';
import { UserError } from '../../tools/error.mjs';
import { root } from '../../tools/files.mjs';

const usage = `usage: npm run pictures [-- options]

Makes the pictures of docs/images again, in a Chromium.

  --only NAME   the pictures whose names begin so, such as demo or playground-dark
  --out FOLDER  where they go (docs/images)
  --help        this text
`;

/**
 * @typedef {(name: string, picture: Promise<Uint8Array>) => Promise<void>} Shot
 * @typedef {{ names: string[], make: (shot: Shot) => Promise<void> }} Maker
 */

/** Who makes which. Each is asked for when it is needed: they open browsers. @type {Record<string, { names: string[], open: () => Promise<{ make: Maker['make'] }> }>} */
const MAKERS = {
  playground: {
    names: ['playground-light', 'playground-dark', 'playground-systems', 'playground-phone'],
    open: () => import('./playground.mjs'),
  },
  demo: {
    names: ['demo-picker', 'demo-tokens', 'demo-attributes', 'demo-refresh', 'demo-denied'],
    open: () => import('./demo.mjs'),
  },
};

/** Every picture there is, as a file's name. */
export const PICTURES = Object.values(MAKERS).flatMap(({ names }) => names.map((name) => `${name}.png`));

await command(
  import.meta.url,
  { usage, options: { only: TEXT, out: TEXT } },
  async ({ only = '', out = path.join(root, 'docs', 'images') }) => {
    const wanted = PICTURES.filter((file) => file.startsWith(only));
    if (wanted.length === 0)
      throw new UserError(
        `--only: no picture begins so; there are ${PICTURES.map((file) => file.slice(0, -4)).join(', ')}`,
      );
    await mkdir(out, { recursive: true });
    const made = new Set();
    for (const { names, open } of Object.values(MAKERS)) {
      if (!names.some((name) => wanted.includes(`${name}.png`))) continue;
      const { make } = await open();
      await make(async (name, picture) => {
        const bytes = await picture;
        made.add(`${name}.png`);
        if (!wanted.includes(`${name}.png`)) return;
        const file = path.join(out, `${name}.png`);
        await writeFile(file, bytes);
        console.log(`${path.relative(process.cwd(), file)}  ${Math.round(bytes.length / 1000)} kB`);
      });
      const missing = names.find((name) => !made.has(`${name}.png`));
      if (missing) throw new UserError(`the picture \`${missing}\` was not made: look into tests/pictures/`);
    }
  },
);
