// tools/commands/: the verbs of `login-sync`. Each is a command of its own, in a file; a new one is a line here.

/** Each verb with its file and what it does, in the order in which people need them. @type {Record<string, [file: string, what: string]>} */
export const VERBS = {
  init: [
    'tools/commands/init.mjs',
    'makes a config, a test of it and a workflow in this folder; lists and copies connectors',
  ],
  simulate: ['tools/commands/simulate.mjs', 'shows a login with a config'],
  test: ['tools/commands/test.mjs', 'runs the logins of a test file and compares what they give'],
  check: ['tools/commands/check.mjs', 'says what is wrong with a config, and what is surely not meant'],
  bundle: ['tools/commands/bundle.mjs', 'makes the file to paste'],
  deploy: ['tools/commands/deploy.mjs', 'puts the Actions of a config into a tenant'],
  doctor: ['tools/commands/doctor.mjs', 'says whether a tenant has what the config gives'],
  claims: ['tools/commands/claims.mjs', 'lists every claim that a config can set'],
  unpack: ['tools/commands/unpack.mjs', 'shows what is packed in a paste'],
  rehearse: ['tools/commands/rehearse.mjs', 'rehearses outages on this machine'],
  playground: ['playground/serve.mjs', 'opens all of it in a browser'],
};
