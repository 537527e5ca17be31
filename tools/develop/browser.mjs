// tools/develop/: where this machine's browser is, for the set-up and for the tests of what people see.

import { existsSync } from 'node:fs';

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Its path, where there is one. */
export function browserProgram() {
  return PLACES.find((file) => file && existsSync(file));
}
