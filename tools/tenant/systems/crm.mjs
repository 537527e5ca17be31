// The local tenant, the stand-in for a CRM of one's own that finds a person by phone number.
import { createHash } from 'node:crypto';
import { heldSecrets, isJson, jsonObject } from './checks.mjs';

/** @param {Record<string, string>} secrets */
export function crm(secrets) {
  const state = {
    accepted: heldSecrets(secrets, ['CRM_API_KEY']),
    /** Numbers the CRM does not know. @type {Set<string>} */
    unknown: new Set(),
  };

  /** @param {import('../standins.mjs').Arrival} arrival @returns {import('../standins.mjs').Answer} */
  const answer = (arrival) => {
    if (arrival.path !== '/exist-by-phone' || arrival.method !== 'POST')
      return { status: 404, body: { message: 'not found' } };
    if (!state.accepted.includes(arrival.headers['x-api-key'] ?? ''))
      return { status: 401, body: { message: 'unknown api key' } };
    const body = isJson(arrival) ? jsonObject(arrival.body) : undefined;
    if (typeof body?.phoneNumber !== 'string' || !/^\+?\d{5,15}$/.test(body.phoneNumber))
      return { status: 400, body: { message: 'phoneNumber is missing or malformed' } };
    if (body.extended !== undefined && typeof body.extended !== 'boolean')
      return { status: 400, body: { message: 'extended must be a boolean' } };
    if (state.unknown.has(body.phoneNumber)) return { status: 404, body: { message: 'no such person' } };
    const number = createHash('sha256').update(body.phoneNumber).digest().readUInt16BE();
    const person = { id: `crm-${number}`, name: 'Maja Lindqvist' };
    return { status: 200, body: body.extended ? { ...person, tier: 'gold', since: '2021-04-13' } : person };
  };

  return Object.assign(state, {
    name: 'crm',
    serves: (/** @type {string} */ host) => host === 'crm.example.com',
    answer,
    error: (/** @type {number} */ status) => ({ message: `status ${status}` }),
  });
}
