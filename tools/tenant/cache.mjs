// The local tenant, `api.cache`: Auth0's small store per trigger, with its limits and its answers. It never throws.
import { CACHE } from './limits.mjs';

/**
 * @typedef {{ value: string, expires_at: number }} CacheRecord
 * @typedef {{ type: 'success', record?: CacheRecord } | { type: 'error', code: string }} CacheWrite
 */

/**
 * One trigger's cache. It lives as long as the tenant, not as long as an execution.
 * @param {() => number} now milliseconds since the epoch
 */
export function createCache(now) {
  /** @type {Map<string, CacheRecord>} */
  const records = new Map();

  const sweep = () => {
    for (const [key, record] of records) if (record.expires_at <= now()) records.delete(key);
  };
  const bytes = (/** @type {string} */ text) => Buffer.byteLength(text);
  /** @param {string} code @returns {CacheWrite} */
  const refuse = (code) => ({ type: 'error', code });

  return {
    /** What Auth0 may do at any moment. */
    vanish: () => records.clear(),

    /** @param {unknown} key @returns {CacheRecord | undefined} */
    get(key) {
      sweep();
      const record = records.get(String(key));
      return record && { ...record };
    },

    /** @param {unknown} key @param {unknown} value @param {{ ttl?: number, expires_at?: number }} [options] @returns {CacheWrite} */
    set(key, value, options = {}) {
      sweep();
      // Auth0 does not say what becomes of these two.
      if (typeof key !== 'string' || key === '') return refuse('InvalidKey');
      if (typeof value !== 'string') return refuse('InvalidValue');
      if (bytes(key) > CACHE.keyBytes) return refuse('CacheKeySizeExceeded');
      if (bytes(value) > CACHE.valueBytes) return refuse('CacheValueSizeExceeded');
      const others = [...records].filter(([name]) => name !== key);
      const total = others.reduce((sum, [name, record]) => sum + bytes(name) + bytes(record.value), 0);
      if (others.length >= CACHE.entries) return refuse('CacheSizeExceeded');
      if (total + bytes(key) + bytes(value) > CACHE.totalBytes) return refuse('CacheSizeExceeded');

      const wished = [options.ttl === undefined ? undefined : now() + options.ttl, options.expires_at].filter(
        (at) => at !== undefined,
      );
      const expires_at = Math.min(now() + CACHE.maxMs, ...(wished.length > 0 ? wished : [now() + CACHE.defaultMs]));
      if (!Number.isFinite(expires_at)) return refuse('InvalidExpiry');
      if (expires_at <= now()) return refuse('ItemAlreadyExpired');
      const record = { value, expires_at };
      records.set(key, record);
      return { type: 'success', record: { ...record } };
    },

    /** @param {unknown} key @returns {CacheWrite} */
    delete(key) {
      sweep();
      return records.delete(String(key)) ? { type: 'success' } : refuse('CacheKeyDoesNotExist');
    },
  };
}

/** @typedef {ReturnType<typeof createCache>} Cache */
