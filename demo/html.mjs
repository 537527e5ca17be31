// demo/: HTML as a tagged template that escapes whatever is put into it, and the frame that all pages share.
import { readFileSync } from 'node:fs';

const STYLE = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

/** Text that is HTML already. */
class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @typedef {Markup} Html */

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** @param {unknown} value @returns {string} */
function textOf(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/**
 * Only what this makes is taken for HTML; anything else is text. Lists are joined; undefined, null and false are nothing.
 * @param {TemplateStringsArray} parts
 * @param {unknown[]} values
 */
export const html = (parts, ...values) =>
  new Markup(parts.reduce((text, part, i) => text + textOf(values[i - 1]) + part));

/** HTML that comes from the provider itself. @param {string} text */
export const trusted = (text) => new Markup(text);

/** A table that may be wider than the screen: the keyboard reaches it, too. @param {string} name @param {Html} table */
export const scrolling = (name, table) =>
  html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">${table}</div>`;

/**
 * A whole page.
 * @param {{ title: string, place: string, kind: 'application' | 'tenant', body: Html }} page `place`: whose page it is
 */
export const page = ({ title, place, kind, body }) =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${place}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body class="${kind}">
<a class="skip" href="#main">Skip to content</a>
<header class="bar"><span class="mark" aria-hidden="true"></span><strong>${place}</strong><span class="where">${kind === 'tenant' ? 'the tenant: an OpenID provider with the Action' : 'an application'}</span></header>
<main id="main">${body}</main>
</body>
</html>
`.text;

/** No script of ours, and nothing from elsewhere. */
export const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} text
 * @param {number} [status]
 */
export function sendPage(response, text, status = 200) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...HEADERS });
  response.end(text);
}

/** @param {import('node:http').ServerResponse} response */
export function sendStyle(response) {
  response.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' });
  response.end(STYLE);
}

/**
 * The fields of a form that was sent.
 * @param {import('node:http').IncomingMessage} request
 */
export async function formOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 10_000) break;
  }
  return new URLSearchParams(text);
}
