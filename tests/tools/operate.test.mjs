// The dashboard and the alert rules of docs/operate/: each metric, label and word in them is one that the engine sends, under the
// name that a collector gives it for Prometheus; and each alert leads to what to do.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../../tools/files.mjs';
import { simulate } from '../../tools/library/index.mjs';
import { readMetrics } from '../paste/otlp.mjs';

const read = (/** @type {string} */ file) => readFile(path.join(root, file), 'utf8');
const [page, rules, board, outcomes, failure] = await Promise.all(
  [
    'docs/operate.md',
    'docs/operate/alerts.yml',
    'docs/operate/dashboard.json',
    'src/system/outcome.rs',
    'docs/failure.md',
  ].map(read),
);
const dashboard = JSON.parse(String(board));

const url = 'https://otel.example.com/v1/metrics';
const { requests } = await simulate(
  { syncs: [{ name: 'crm', request: { url: 'https://api.example.com/users' } }], metrics: { url } },
  { logins: 2 },
);
const { metrics, resource } = readMetrics(String(requests.find((request) => request.url === url)?.body));

/** As OpenTelemetry's rules for Prometheus name it. */
const inPrometheus = Object.entries(metrics).flatMap(([name, { unit, points }]) => {
  const base = name.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '');
  return points[0]?.bounds ? ['bucket', 'sum', 'count'].map((part) => `${base}_${part}`) : [`${base}_total`];
});
/** What may stand in a selector of a metric. @param {string} name */
function labelsOf(name) {
  const [, { points }] = /** @type {[string, { points: any[] }]} */ (
    Object.entries(metrics).find(([own]) => name.startsWith(own.replaceAll('.', '_')))
  );
  return [...Object.keys(points[0].labels), 'job', 'instance', ...(name.endsWith('_bucket') ? ['le'] : [])];
}

const words = {
  outcome: [...String(outcomes).matchAll(/Outcome::\w+ => "(\w+)"/g)].map(([, word]) => word),
  result: [...(/^\| `result` \|(.*)$/m.exec(String(failure))?.[1]?.matchAll(/`(\w+)`/g) ?? [])].map(([, word]) => word),
};

/** Every expression, with where it is. @type {[string, string][]} */
const expressions = [
  ...dashboard.panels.flatMap((/** @type {any} */ panel) =>
    panel.targets.map((/** @type {any} */ { expr }) => [`dashboard: ${panel.title}`, expr]),
  ),
  ...dashboard.templating.list.flatMap((/** @type {any} */ { name, definition }) =>
    definition ? [[`dashboard: ${name}`, definition]] : [],
  ),
  ...alerts().map(({ name, expr }) => [`alerts: ${name}`, expr]),
];

/** The rules, as far as this file writes YAML. */
function alerts() {
  return String(rules)
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((text) => ({
      name: /^\w+/.exec(text)?.[0] ?? '',
      expr: String(/^ {8}expr: (?:>-\n)?([\s\S]*?)\n {8}for: /m.exec(text)?.[1]).replace(/\s+/g, ' '),
      minutes: Number(/^ {8}for: (\d+)m$/m.exec(text)?.[1]),
      severity: /^ {10}severity: (\w+)$/m.exec(text)?.[1],
      summary: /^ {10}summary: (.+)$/m.exec(text)?.[1],
      anchor: /^ {10}runbook: docs\/operate\.md#(\S+)$/m.exec(text)?.[1],
    }));
}

it('the engine sends what the page lists', () => {
  for (const name of Object.keys(metrics)) assert.ok(page?.includes(`| \`${name}\` |`), name);
  for (const name of page?.matchAll(/`(login_sync\.[\w.]+)`/g) ?? []) assert.ok(metrics[String(name[1])], name[1]);
  for (const [name] of page?.matchAll(/login_sync_\w+/g) ?? []) assert.ok(inPrometheus.includes(name), name);
  for (const name of Object.keys(resource)) assert.ok(page?.includes(`\`${name}\``), name);
  assert.ok(words.outcome.length === 10 && words.result.length >= 4);
});

describe('an expression', () => {
  for (const [where, expr] of expressions) {
    it(`names what there is: ${where}`, () => {
      const names = expr.match(/\blogin_sync_\w+/g) ?? [];
      assert.ok(names.length > 0, expr);
      const known = new Set(names.flatMap(labelsOf));
      for (const name of names) assert.ok(inPrometheus.includes(name), `${name} is none of ${inPrometheus}`);
      for (const [, name = '', selector = ''] of expr.matchAll(/\b(login_sync_\w+)\{([^}]*)\}/g)) {
        for (const [, label = '', , value = ''] of selector.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)) {
          assert.ok(labelsOf(name).includes(label), `${name} has no label ${label}`);
          const of = words[/** @type {keyof typeof words} */ (label)];
          for (const word of of ? value.split('|') : []) assert.ok(of?.includes(word), `${label} is never ${word}`);
        }
      }
      for (const [, list = ''] of expr.matchAll(/\bby \(([^)]*)\)/g))
        for (const label of list.split(/, */)) assert.ok(known.has(label), `no label ${label}`);
      assert.equal(expr.split('(').length, expr.split(')').length, 'parentheses');
    });
  }
});

describe('an alert', () => {
  const headings = [...(page?.matchAll(/^#+ (.+)$/gm) ?? [])].map(([, text]) =>
    String(text).toLowerCase().replaceAll(' ', '-'),
  );
  for (const { name, minutes, severity, summary, anchor } of alerts()) {
    it(`leads to what to do: ${name}`, () => {
      assert.ok(minutes > 0 && /^(warning|critical)$/.test(String(severity)) && summary);
      assert.ok(headings.includes(String(anchor)), `docs/operate.md has no heading ${anchor}`);
      const section = page
        ?.split(/^### /m)
        .find((text) => text.toLowerCase().replaceAll(' ', '-').startsWith(String(anchor)));
      assert.ok(section?.includes(`\`${name}\``), `the section ${anchor} does not name it`);
    });
  }
  it('is there for each section', () => {
    const sections = page?.match(/^`LoginSync\w+`/gm) ?? [];
    assert.deepEqual(
      sections.map((name) => name.slice(1, -1)).sort(),
      alerts()
        .map(({ name }) => name)
        .sort(),
    );
  });
});

it('the panels of the dashboard do not lie on each other', () => {
  const taken = new Set();
  for (const { gridPos, title } of dashboard.panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(x < 24 && !taken.has(`${x} ${y}`), title);
        taken.add(`${x} ${y}`);
      }
    }
  }
});
