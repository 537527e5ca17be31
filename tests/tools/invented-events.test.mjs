// The events that the local tenant invents: they have what Auth0 documents, and `login-sync check` knows each of their fields.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { check } from '../../tools/library/index.mjs';
import { fakeEvent } from '../../tools/tenant/event.mjs';
import { TRIGGERS } from '../../tools/tenant/limits.mjs';

it('knows each field of the events that are invented', () => {
  for (const trigger of TRIGGERS) {
    const { secrets: _, ...event } = fakeEvent(trigger);
    // What no expression may read is refused, and what is in metadata is anyone's.
    const paths = pathsOf(event).filter((path) => !/^request\.(body|query)|^user\.identities/.test(path));
    assert.ok(paths.length > 5);
    const body = Object.fromEntries(paths.map((path) => [path, path]));
    const { errors, warnings } = check({
      syncs: [{ name: 'crm', on: [trigger], request: { url: 'https://crm.example.com/', body } }],
    });
    assert.deepEqual([errors, warnings], [[], []], trigger);
  }
});

/** What Auth0 documents of two events: their groups, and what is in each. @type {Record<string, Record<string, string>>} */
const DOCUMENTED = {
  'pre-user-registration': {
    authentication: 'riskAssessment',
    client: 'client_id metadata name',
    connection: 'id metadata name strategy',
    custom_domain: 'domain domain_metadata',
    request: 'body geoip hostname ip language method user_agent',
    security_context: 'ja3 ja4',
    tenant: 'id',
    transaction:
      'acr_values correlation_id locale login_hint prompt protocol redirect_uri requested_scopes response_mode response_type state ui_locales',
    user: 'app_metadata email family_name given_name name nickname phone_number picture user_metadata username',
  },
  'credentials-exchange': {
    accessToken: 'customClaims scope',
    agent: 'agent_id agent_metadata name',
    client: 'client_id metadata name',
    custom_domain: 'domain domain_metadata',
    organization: 'display_name id metadata name',
    request: 'body geoip hostname ip language method user_agent',
    resource_server: 'identifier',
    tenant: 'id',
    transaction: 'correlation_id requested_scopes target_scopes',
  },
};

for (const [trigger, documented] of Object.entries(DOCUMENTED))
  it(`invents of ${trigger} what Auth0 documents, and nothing else`, () => {
    const { secrets: _, configuration: _none, ...event } = fakeEvent(/** @type {'credentials-exchange'} */ (trigger));
    const invented = Object.entries(event).map(([group, fields]) => [group, Object.keys(fields).sort().join(' ')]);
    assert.deepEqual(Object.fromEntries(invented), documented);
  });

/** @param {Record<string, any>} value @param {string} [above] @returns {string[]} */
const pathsOf = (value, above = '') =>
  Object.entries(value).flatMap(([key, inner]) => {
    const path = `${above}${key}`;
    const isOpen = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !key.endsWith('metadata');
    return [path, ...(isOpen ? pathsOf(inner, `${path}.`) : [])];
  });
