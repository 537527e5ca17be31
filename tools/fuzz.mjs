// tools/: `npm run fuzz`: fuzzes one of the targets in fuzz/ for a while. Needs rustup with a nightly compiler and
// `cargo install cargo-fuzz`.

import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { UserError, find, isCommand, report, root } from './cli.mjs';

const USAGE = `usage: npm run fuzz -- TARGET [SECONDS]

  TARGET    config, expression or answer; \`all\` for one after the other
  SECONDS   how long each runs (60)
`;
