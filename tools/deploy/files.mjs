// tools/deploy/: the same Actions as files for auth0-deploy-cli and for Terraform. Both know a flow whole; what is written here never
// leaves out an Action that is in one.

import { createHash } from 'node:crypto';
import { UserError } from '../error.mjs';
import { isObject } from '../tenant/values.mjs';
import { hasFlow, isPaste } from './plan.mjs';
import { RUNTIME } from './wanted.mjs';

/** @typedef {import('./wanted.mjs').Wanted} Wanted */
/** @typedef {Record<string, string>} Files by path */

/**
 * A folder for `auth0-deploy-cli import`, laid over an export.
 * @param {Wanted[]} wanted
 * @param {unknown} flows what triggers/triggers.json holds
 * @returns {Files}
 */
export function deployCliFiles(wanted, flows) {
  if (!isObject(flows)) throw new UserError('triggers/triggers.json: must be an object');
  /** @type {Record<string, any>} */
  const all = { ...flows };
  /** @type {Files} */
  const files = {};
  for (const { name, trigger, version, code, needed } of wanted) {
    const folder = `actions/${name}`;
    files[`${folder}/code.js`] = code;
    files[`${folder}.json`] = withMarkers({
      name,
      code: `./${folder}/code.js`,
      runtime: RUNTIME,
      dependencies: [],
      secrets: needed.map((each) => ({ name: each, value: `@@${each}@@` })),
      supported_triggers: [{ id: trigger, version }],
      deployed: true,
    });
    const flow = all[trigger] ?? [];
    if (!Array.isArray(flow)) throw new UserError(`triggers/triggers.json: \`${trigger}\` must be an array`);
    const there = flow.some((entry) => entry?.action_name === name);
    if (hasFlow({ trigger }) && !there) all[trigger] = [...flow, { action_name: name, display_name: name }];
  }
  files['triggers/triggers.json'] = `${JSON.stringify(all, null, 2)}\n`;
  return files;
}

/** The tool puts in a value with its quotation marks. @param {unknown} action */
const withMarkers = (action) => `${JSON.stringify(action, null, 2).replace(/"(@@\w+@@)"/g, '$1')}\n`;

/** @param {string} text */
const identifier = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/**
 * Resources that add each Action to the end of its flow and own nothing else of it.
 * @param {Wanted[]} wanted
 * @returns {Files}
 */
export function terraformFiles(wanted) {
  const [{ name, code, needed }] = /** @type {[Wanted]} */ (wanted);
  const parts = [
    ...needed.map(
      (secret) => `variable "${identifier(secret)}" {\n  type      = string\n  sensitive = true\n  ephemeral = true\n}`,
    ),
    ...(needed.length > 0
      ? [
          '# Terraform cannot see that a secret has changed: raise this number then.\nvariable "login_sync_secrets_version" {\n  type    = number\n  default = 1\n}',
        ]
      : []),
    ...wanted.flatMap((each) => resources(each, `${name}.js`)),
  ];
  const text = `${HEAD}${parts.join('\n\n')}\n`;
  return { [`${name}.js`]: code, [`${name}.tf`]: `${MARK}${digestOf(text)}\n${text}` };
}

/** In the first line, so that a change by hand is seen. */
const MARK = '# login-sync ';
/** @param {string} text */
const digestOf = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * Whether a file that is there was written here, and by no one since: then it may be written again.
 * @param {string} file @param {string} text
 */
export function isOwn(file, text) {
  if (file.endsWith('.js')) return isPaste(text);
  if (!file.endsWith('.tf')) return true;
  const [first = '', ...rest] = text.split(/\r?\n/);
  return first === `${MARK}${digestOf(rest.join('\n'))}`;
}

const HEAD = `# Written by \`login-sync bundle --for terraform\`. secrets_wo needs Terraform 1.11 and version 1.52 of the provider.

terraform {
  required_version = ">= 1.11"

  required_providers {
    auth0 = {
      source  = "auth0/auth0"
      version = ">= 1.52"
    }
  }
}

`;

/** @param {Wanted} wanted @param {string} file */
function resources({ name, trigger, version, needed }, file) {
  const id = identifier(name);
  const secrets = needed.map(
    (secret) => `\n\n  secrets_wo {\n    name  = "${secret}"\n    value = var.${identifier(secret)}\n  }`,
  );
  const raised = needed.length > 0 ? '\n  secrets_wo_version = var.login_sync_secrets_version' : '';
  const action = `resource "auth0_action" "${id}" {
  name    = "${name}"
  runtime = "${RUNTIME}"
  code    = file("\${path.module}/${file}")
  deploy  = true

  supported_triggers {
    id      = "${trigger}"
    version = "${version}"
  }${secrets.join('')}${raised}
}`;
  const flow = `# Adds it to the end of the flow. Never use it together with auth0_trigger_actions for the same trigger.
resource "auth0_trigger_action" "${id}" {
  trigger   = "${trigger}"
  action_id = auth0_action.${id}.id
}`;
  return hasFlow({ trigger }) ? [action, flow] : [action];
}
