// tools/deploy/: a plan, done: the draft, its build, its deploy, its place in the flow. Every step may be taken twice: a run that was
// cut short is done by the next one, and two runs at once end as one.

import { hasFlow, isBound, planOf } from './plan.mjs';
import { pause, TenantError } from './tenant.mjs';
import { RUNTIME } from './wanted.mjs';

/** @typedef {import('./plan.mjs').Plan} Plan */
/** @typedef {import('./tenant.mjs').Tenant} Tenant */
/** @typedef {import('./wanted.mjs').Wanted} Wanted */

const BUILD_MS = 2 * 60_000;
const LOOK_MS = 500;
const ROUNDS = 6;
/** As long as another run may take between reading a flow and writing it. */
const SETTLE_MS = 1_500;

/** @param {Tenant} tenant @param {Wanted} wanted @param {Parameters<typeof planOf>[3]} options */
export async function plan(tenant, wanted, options) {
  const found = await tenant.find(wanted.name);
  const flow = hasFlow(wanted) ? await tenant.flow(trigger(wanted)) : [];
  return planOf(wanted, found, flow, options);
}

/** @param {Wanted} wanted */
const trigger = (wanted) => /** @type {import('./tenant.mjs').TriggerName} */ (wanted.trigger);

/**
 * @param {Tenant} tenant
 * @param {Plan} planned
 * @param {{ replan: (wanted: Wanted) => Promise<Plan>, tried?: (id: string, wanted: Wanted) => Promise<void> }} hooks `tried` runs before
 *   the draft is deployed, and throws if it must not be
 * @param {number} [round]
 * @returns {Promise<string>} the Action's id
 */
export async function apply(tenant, planned, hooks, round = 1) {
  const { replan, tried } = hooks;
  const { wanted, found, deploys, binds } = planned;
  const id = found ? found.id : await create(tenant, planned);
  if (id === undefined) {
    // Another run has made it meanwhile.
    if (round < ROUNDS) return apply(tenant, await replan(wanted), hooks, round + 1);
    throw new TenantError(
      `the tenant has an Action like \`${wanted.name}\`, perhaps in other letters: choose another \`--name\``,
    );
  }
  if (found && Object.keys(planned.change).length > 0) await tenant.update(id, planned.change);
  if (deploys) {
    await built(tenant, id, wanted);
    await tried?.(id, wanted);
    await release(tenant, id, wanted);
  }
  if (binds) await bind(tenant, wanted, id);
  return id;
}

/** @param {Tenant} tenant @param {Plan} planned */
async function create(tenant, { wanted, change }) {
  const { name, trigger, version, code } = wanted;
  try {
    const { id } = await tenant.create({
      name,
      code,
      runtime: RUNTIME,
      dependencies: [],
      secrets: change.secrets ?? [],
      supported_triggers: [/** @type {any} */ ({ id: trigger, version })],
    });
    return id;
  } catch (error) {
    if (error instanceof TenantError && error.status === 409) return undefined;
    throw error;
  }
}

/** Waits until Auth0 has built the draft. @param {Tenant} tenant @param {string} id @param {Wanted} wanted */
async function built(tenant, id, { name }) {
  for (const end = Date.now() + BUILD_MS; Date.now() < end; ) {
    const { status } = await tenant.get(id);
    if (status === 'built') return;
    if (status === 'failed')
      throw new TenantError(`Auth0 could not build \`${name}\`: its page in the dashboard says why`);
    await pause(LOOK_MS);
  }
  throw new TenantError(`Auth0 has not built \`${name}\` within two minutes: run this again`);
}

/**
 * Deploys the draft. What is deployed must be what was sent: someone may have saved another draft meanwhile.
 * @param {Tenant} tenant @param {string} id @param {Wanted} wanted
 */
async function release(tenant, id, { name, code }) {
  for (const end = Date.now() + BUILD_MS; ; await pause(LOOK_MS)) {
    try {
      const version = await tenant.deploy(id);
      if (version.code !== undefined && version.code !== code)
        throw new TenantError(
          `someone else has changed \`${name}\` meanwhile, and their code is deployed: run this again`,
        );
      return;
    } catch (error) {
      // The state that was read may be the one of the draft before.
      const early = error instanceof TenantError && error.status === 400 && /built/.test(error.message);
      if (!early || Date.now() > end) throw error;
    }
  }
}

/**
 * Adds an Action at the end of its flow. A flow can only be written whole, and nothing keeps two writers apart: so it is read right
 * before it is written, and again after any other writer must be done. What is refused for a while is read again, too.
 * @param {Tenant} tenant @param {Wanted} wanted @param {string} id
 */
async function bind(tenant, wanted, id) {
  let refused = { error: /** @type {unknown} */ (undefined), ids: '' };
  /** @type {unknown} */
  let busy;
  for (let round = 0; ; round += 1) {
    const flow = await tenant.flow(trigger(wanted));
    if (isBound(wanted, flow)) return;
    const ids = flow.map(({ id: binding }) => binding).join();
    // What is refused of a flow that is still the same was no matter of time.
    if (refused.error && refused.ids === ids) throw refused.error;
    if (round === ROUNDS && busy) throw busy;
    if (round === ROUNDS)
      throw new TenantError(
        `others keep writing the flow of ${wanted.trigger}: \`${wanted.name}\` is deployed and not in it; run this again`,
      );
    busy = undefined;
    try {
      await tenant.setFlow(trigger(wanted), [
        ...flow.map(({ id: binding, display_name }) => ({
          // By its own id a binding keeps all that it has.
          ref: { type: /** @type {const} */ ('binding_id'), value: String(binding) },
          ...(display_name !== undefined && { display_name }),
        })),
        { ref: { type: /** @type {const} */ ('action_id'), value: id }, display_name: wanted.name },
      ]);
    } catch (error) {
      if (!(error instanceof TenantError)) throw error;
      // One of the bindings may be gone: someone else has written meanwhile.
      if (error.status === 400 || error.status === 404) refused = { error, ids };
      else if (error.status === 408 || error.status === 429 || error.status >= 500) busy = error;
      else throw error;
    }
    await pause(SETTLE_MS * (1 + Math.random()));
  }
}
