// Metrics: what this instance has counted since the last batch, and the batch as OTLP/HTTP takes it in JSON.
//
// The engine says when one goes, and with which headers (src/system/metrics.rs). What is counted is one point for each way
// that a login or a system can end, so nothing grows where no collector answers.

/** Seconds. */
const BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LOGINS = new Map();
const SYSTEMS = new Map();
let instanceId;
/** When what is counted now began, in milliseconds since 1970. */
let since;

const attributes = (labels) => Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));

const newPoint = (labels) => ({
  attributes: attributes(labels),
  count: 0,
  sum: 0,
  bucketCounts: [...BOUNDS, 0].fill(0),
  asInt: 0,
});

/** Counts one end. */
function countEnd(points, labels, ms, requests) {
  const name = JSON.stringify(labels);
  const point = points.get(name) ?? newPoint(labels);
  points.set(name, point);
  point.count += 1;
  point.sum += ms / 1000;
  point.bucketCounts[BOUNDS.filter((bound) => ms > bound * 1000).length] += 1;
  point.asInt += Number(requests);
}

/** Counts a login by its log line, and its systems: name, outcome, milliseconds, requests. */
function countLogin(line, ends) {
  since ??= Date.now();
  const [, trigger, result, ms = 0] = /trigger\W+([\w-]+)\W+result\W+(\w+)(?:\W+ms\W+(\d+))?/.exec(line) ?? [];
  countEnd(LOGINS, { trigger, result }, ms, 0);
  for (const end of ends) {
    const [system, outcome, took, requests] = end.split(' ');
    countEnd(SYSTEMS, { system, outcome }, took, requests);
  }
}

/**
 * Sends a batch, which no login waits for, and nothing hangs on what comes. A kept connection that had been closed, as while
 * a host has paused, is no reason to lose one.
 */
function sendMetrics(head, ms) {
  const now = Date.now();
  instanceId ??= require('node:crypto').randomUUID();
  // A clock that was set back must not make an end before its beginning.
  const times = { startTimeUnixNano: `${Math.min(since, now)}000000`, timeUnixNano: `${now}000000` };
  const metric = (name, unit, kind, points, number, more) => ({
    name: `login_sync.${name}`,
    unit,
    [kind]: {
      aggregationTemporality: 1,
      ...more,
      dataPoints: [...points.values()].map((point) => ({ attributes: point.attributes, ...times, ...number(point) })),
    },
  });
  const duration = ({ asInt, ...point }) => ({ ...point, explicitBounds: BOUNDS });
  const metrics = [
    metric('login.duration', 's', 'histogram', LOGINS, duration),
    metric('system.duration', 's', 'histogram', SYSTEMS, duration),
    metric('system.requests', '{request}', 'sum', SYSTEMS, ({ asInt }) => ({ asInt }), { isMonotonic: true }),
  ];
  const resource = { attributes: attributes({ 'service.name': 'login-sync', 'service.instance.id': instanceId }) };
  const scope = { name: 'login-sync' };
  const body = JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] });
  since = now;
  LOGINS.clear();
  SYSTEMS.clear();
  sendRequest(head, body, ms, (_status, _text, _retryAfter, error) => {
    if (error === 'stale') sendRequest(head, body, ms, () => {});
  });
}
