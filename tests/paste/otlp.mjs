// OTLP as OpenTelemetry's own SDK has it: what is sent is read by the message types that its exporters and collectors are
// generated from, and nothing may be lost on the way.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { opentelemetry } = createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const Export = opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;

/** Whole numbers of 64 bits, which JSON may have as numbers or as strings. */
const LONG = ['count', 'bucketCounts', 'asInt', 'startTimeUnixNano', 'timeUnixNano'];

/** @typedef {Record<string, string>} Labels */
/**
 * @typedef {object} Point
 * @property {Labels} labels
 * @property {bigint} from nanoseconds
 * @property {bigint} to
 * @property {number} count of a histogram; of a sum what it adds
 * @property {number} [sum]
 * @property {number[]} [buckets]
 * @property {number[]} [bounds]
 */

/** @param {{ key: string, value: { stringValue: string } }[]} attributes @returns {Labels} */
const labelsOf = (attributes) => Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

/**
 * A body as a collector reads it. It goes through the binary form and back, and must still say the same.
 * @param {string} body
 */
export function readMetrics(body) {
  const sent = JSON.parse(body, (key, value) =>
    LONG.includes(key) ? (Array.isArray(value) ? value.map(String) : String(value)) : value,
  );
  const read = Export.toObject(Export.decode(Export.encode(Export.fromObject(sent)).finish()), { longs: String });
  assert.deepEqual(JSON.parse(JSON.stringify(read)), sent, 'something is lost');
  assert.equal(read.resourceMetrics.length, 1);
  const [{ resource, scopeMetrics }] = read.resourceMetrics;
  assert.equal(scopeMetrics.length, 1);
  /** @type {Record<string, { unit: string, points: Point[] }>} */
  const metrics = {};
  for (const { name, unit, histogram, sum } of scopeMetrics[0].metrics) {
    const { aggregationTemporality, isMonotonic, dataPoints } = histogram ?? sum;
    assert.equal(aggregationTemporality, 1, 'a delta');
    assert.equal(isMonotonic, sum ? true : undefined);
    const points = (dataPoints ?? []).map((/** @type {any} */ point) => ({
      labels: labelsOf(point.attributes),
      from: BigInt(point.startTimeUnixNano),
      to: BigInt(point.timeUnixNano),
      count: Number(histogram ? point.count : point.asInt),
      ...(histogram && {
        sum: point.sum,
        buckets: point.bucketCounts.map(Number),
        bounds: point.explicitBounds,
      }),
    }));
    metrics[name] = { unit, points };
  }
  return { resource: labelsOf(resource.attributes), metrics };
}
