// The playground's controls: what each of them does to the state, and what is kept of it.

import { withoutSystems } from '../tools/paste/config.mjs';
import { firstAnswer } from './answer.js';
import { placeOf } from './editor/place.js';
import { importEvent } from './import-event.js';
import { EXAMPLES, eventOf, SAMPLES, samplesOf, TRIGGERS } from './samples.js';
import { linkOf, openLink, withoutSecrets } from './share.js';
import { configs, events, kept, keptInTab, secretsOf } from './state.js';
import { conductOf, formsOf, inOrder, OWN } from './systems.js';
import { hostOf } from './view/timeline.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {ReturnType<typeof createActions>} Actions */
/** @typedef {import('../tools/tenant/limits.mjs').Trigger} Trigger */

const pretty = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`;
/** How long it is said next to a button what it did. */
const SAID_MS = 8000;

/**
 * @param {object} page
 * @param {State} page.state
 * @param {ReturnType<typeof import('./editor/json-editor.js').openEditor>} page.configEditor
 * @param {ReturnType<typeof import('./editor/json-editor.js').openEditor>} page.eventEditor
 * @param {() => void} page.draw
 * @param {() => Promise<void>} page.run
 * @param {() => void} page.soon runs when no more is typed
 * @param {() => Promise<void>} page.settled
 * @param {() => import('./state.js').Run | null} page.last the last run that there was
 */
export function createActions({ state, configEditor, eventEditor, draw, run, soon, settled, last }) {
  /** @type {Record<string, ReturnType<typeof setTimeout>>} */
  const timers = {};
  /** What the systems do for the examples; a config of one's own has its own. */
  let ofExamples = state.systems;

  /** Shows a config: an example, or one of one's own. @param {string} name */
  const showConfig = (name) => {
    const own = configs.get(name);
    const example = EXAMPLES.find((each) => each.name === name) ?? EXAMPLES[0];
    state.example = own?.id ?? example?.name ?? '';
    state.systems = own ? formsOf(own.systems) : ofExamples;
    configEditor.replace(own?.text ?? example?.text ?? '{}\n');
    kept.set('chosen', state.example);
  };

  /** Shows an event: a sample, or one of one's own. @param {string} name */
  const showEvent = (name) => {
    const own = events.get(name);
    const sample = SAMPLES.find(({ id }) => id === name) ?? /** @type {import('./samples.js').Sample} */ (SAMPLES[0]);
    state.sample = own?.id ?? sample.id;
    state.trigger = own?.trigger ?? sample.trigger;
    state.eventNote = '';
    eventEditor.replace(own?.text ?? pretty(eventOf(sample)));
    keptInTab.set('chosen', state.sample);
  };

  /** @param {string} name @param {string} text */
  const newConfig = (name, text) => {
    const item = configs.add(name, { text, systems: inOrder(state.systems) });
    state.keeps = configs.put(item);
    state.example = item.id;
    kept.set('chosen', item.id);
  };

  /** @param {string} name @param {string} text @param {Trigger} trigger */
  const newEvent = (name, text, trigger) => {
    const item = events.add(name, { text, trigger });
    events.put(item, withoutSecrets(text));
    Object.assign(state, { sample: item.id, trigger });
    keptInTab.set('chosen', item.id);
  };

  /** Shows a real event, as one of one's own. @param {string} name @param {ReturnType<typeof importEvent>} imported */
  const take = (name, { event, trigger, left }) => {
    const text = pretty(event);
    newEvent(name, text, trigger);
    eventEditor.replace(text);
    const note = `${name}: a ${trigger} event${left.length > 0 ? `, without ${left.join(' and ')}` : ''}.`;
    actions.choose({ eventNote: note });
  };

  const actions = {
    /** @param {Partial<State>} change */
    set(change) {
      Object.assign(state, change);
      draw();
    },
    /** Something that a run depends on. @param {Partial<State>} change */
    choose(change) {
      actions.set({ ...change, stale: true });
      void run();
    },
    /** What was on the screen when the page was left. */
    begin() {
      const old = kept.get('config');
      if (old !== undefined) {
        newConfig('my config', old);
        kept.set('config', undefined);
      }
      showConfig(state.example);
      showEvent(state.sample);
    },
    /** @param {string} theme */
    theme(theme) {
      kept.set('theme', theme === 'system' ? undefined : theme);
      actions.set({ theme });
    },

    /** @param {string} name */
    async example(name) {
      const left = configs.get(state.example);
      if (left?.text.trim() === '') configs.drop(left.id);
      showConfig(name);
      state.stale = true;
      await settled();
      // An example is shown at the trigger that it is for, a login where it is for several; and a connector's by its usual login.
      const fitting = configs.get(name) ? undefined : triggersOf(state)[0];
      const usual = EXAMPLES.find((each) => each.name === name)?.sample;
      const ofAnother = SAMPLES.find(({ id }) => id === state.sample)?.connector;
      if (fitting && fitting !== state.trigger) showEvent(samplesOf(fitting)[0]?.id ?? '');
      else if (usual && !configs.get(name) && !events.get(state.sample)) showEvent(usual);
      else if (ofAnother && !state.analysis.used.includes(ofAnother)) showEvent(samplesOf(state.trigger)[0]?.id ?? '');
      await run();
    },
    /** Gives one's own config another name. */
    rename() {
      const own = configs.get(state.example);
      const name = own && prompt('The name of this config', own.name)?.trim();
      if (!own || !name || name === own.name) return;
      const { name: free } = configs.add(name, { text: '' });
      state.keeps = configs.put({ ...own, name: free });
      draw();
    },
    async remove() {
      const own = configs.get(state.example);
      if (!own || !confirm(`Delete “${own.name}”? This browser keeps no copy.`)) return;
      configs.drop(own.id);
      await actions.example(configs.all()[0]?.id ?? EXAMPLES[0]?.name ?? '');
      document.getElementById('example')?.focus();
    },
    /** @param {string} text */
    typedConfig(text) {
      const own = configs.get(state.example);
      if (own) state.keeps = configs.put({ ...own, text, at: Date.now() });
      else
        newConfig(
          state.example === EXAMPLES[0]?.name ? 'my config' : `my ${state.example.replace('connector: ', '')}`,
          text,
        );
      soon();
    },

    /** @param {string} id */
    sample(id) {
      showEvent(id);
      actions.choose({});
    },
    /** @param {string} text */
    typedEvent(text) {
      const own = events.get(state.sample);
      if (own) events.put({ ...own, text, at: Date.now() }, withoutSecrets(text));
      else
        newEvent(
          `my ${SAMPLES.find(({ id }) => id === state.sample)?.name.toLowerCase() ?? 'event'}`,
          text,
          state.trigger,
        );
      soon();
    },
    /** A sample is of one trigger; an event of one's own is what its owner says. @param {Trigger} trigger */
    trigger(trigger) {
      const own = events.get(state.sample);
      if (own) events.put({ ...own, trigger }, withoutSecrets(own.text));
      else showEvent(samplesOf(trigger)[0]?.id ?? '');
      actions.choose({ trigger });
    },
    /** @param {File | undefined} file */
    async importFile(file) {
      if (!file) return;
      try {
        take(file.name, importEvent(await file.text()));
      } catch (error) {
        const message = /** @type {Error} */ (error).message.replace(/^ is not JSON: /, '');
        actions.set({ eventNote: `${file.name} is not taken: ${message}` });
      }
    },
    /** Takes a whole event that was pasted over the one that is there; false where it is none. @param {string} text */
    pasteEvent(text) {
      try {
        take('pasted event', importEvent(text));
        return true;
      } catch {
        return false;
      }
    },

    /** @param {string} name @param {string} value */
    secret(name, value) {
      state.given.set(name, value);
      soon();
    },
    /** What a host does. @param {string} host `''`: all @param {Partial<import('./systems.js').Conduct>} part @param {boolean} [typed] */
    conduct(host, part, typed = false) {
      state.systems = { ...state.systems, [host]: { ...conductOf(state.systems, host), ...part } };
      const own = configs.get(state.example);
      if (own) state.keeps = configs.put({ ...own, systems: inOrder(state.systems) });
      else {
        ofExamples = state.systems;
        // A fault that no one remembers would puzzle them tomorrow.
        const answers = inOrder(ofExamples).filter((each) => each.answers.length > 0);
        kept.set('systems', JSON.stringify(answers));
      }
      if (!typed) return actions.choose({});
      draw();
      soon();
    },
    /** What a host's answer begins with. @param {string} host */
    firstAnswer(host) {
      const { analysis, byHost } = state;
      const syncs = analysis.syncs.filter(({ name }) => byHost.get(host)?.includes(name));
      const requests = (last()?.results ?? []).flatMap((result) => result.requests);
      return firstAnswer(
        syncs,
        analysis.config,
        requests.filter((request) => hostOf(request) === host),
      );
    },
    /** Lets a host answer what is typed. @param {string} host */
    answerOf(host) {
      const { answers } = conductOf(state.systems, host);
      actions.conduct(host, { does: OWN, answers: answers.length > 0 ? answers : [actions.firstAnswer(host)] });
    },
    /** From a request to what is typed. @param {string} host */
    giveAnswer(host) {
      actions.set({ inputTab: 'systems' });
      actions.answerOf(host);
      const field = document.querySelector(`[data-host="${CSS.escape(host)}"] [data-field="body"]`);
      /** @type {HTMLElement | null} */ (field)?.focus();
    },
    config: () => configEditor.text(),
    /** @param {import('../tools/paste/paste.mjs').Problem} problem */
    goTo(problem) {
      actions.set({ inputTab: 'config' });
      const { from, to } = placeOf(configEditor.view.state, problem);
      configEditor.show(from, to);
    },
    /** Says next to a button what it did, and to those who hear the page. @param {string} button @param {string} said */
    say(button, said) {
      actions.set({ said, done: { ...state.done, [button]: said } });
      clearTimeout(timers[button]);
      timers[button] = setTimeout(() => {
        const { [button]: _, ...done } = state.done;
        actions.set({ done });
      }, SAID_MS);
    },
    /** @param {string} button @param {string} text @param {string} said */
    async copy(button, text, said) {
      try {
        await navigator.clipboard.writeText(text);
        actions.say(button, said);
      } catch {
        actions.say(button, 'The browser does not let the page copy.');
      }
    },
    download() {
      const link = Object.assign(document.createElement('a'), {
        href: URL.createObjectURL(new Blob([state.file.text], { type: 'text/javascript' })),
        download: 'login-sync.js',
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      actions.say('download', `Downloaded as login-sync.js, ${state.file.text.length.toLocaleString('en')} bytes.`);
    },

    async share() {
      const sample = SAMPLES.some(({ id }) => id === state.sample);
      const event = sample ? state.sample : withoutSecrets(eventEditor.text());
      if (event === null) return actions.say('share', 'There is no link: the event is not JSON.');
      const { trigger, systems, logins, others, apartMs, latencyMs, byHost } = state;
      const here = Object.fromEntries(Object.entries(systems).filter(([host]) => host === '' || byHost.has(host)));
      const shared = {
        config: configEditor.text(),
        trigger,
        event,
        sample,
        systems: here,
        logins,
        others,
        apartMs,
        latencyMs,
      };
      const told = JSON.stringify(shared);
      const secret = Object.entries(secretsOf(state)).find(
        ([, value]) => value.length >= 6 && told.includes(JSON.stringify(value).slice(1, -1)),
      );
      if (secret)
        return actions.say(
          'share',
          `There is no link: the secret ${secret[0]} is in the config, the event or an answer.`,
        );
      const link = `${location.origin}${location.pathname}${await linkOf(shared)}`;
      const what = sample
        ? 'the config and your answers'
        : 'the config, your answers and the event, with all that it says of the user';
      await actions.copy('share', link, `The link is in the clipboard. In it are ${what}; no secrets.`);
    },
    /** @param {string} hash */
    async openLink(hash) {
      const shared = await openLink(hash);
      // A second look at the page is at what has been made of it since.
      history.replaceState(null, '', location.pathname + location.search);
      if (!shared) {
        actions.begin();
        return actions.say('share', 'That link is damaged, and nothing was taken from it.');
      }
      const { config, event, sample, systems, ...rest } = shared;
      const example = EXAMPLES.find(({ text }) => text === config);
      if (example && Object.keys(systems).length === 0) showConfig(example.name);
      else {
        state.systems = systems;
        newConfig('from a link', config);
        configEditor.replace(config);
      }
      if (sample) showEvent(event);
      else {
        newEvent('from a link', event, rest.trigger);
        eventEditor.replace(event);
      }
      actions.choose(rest);
    },
  };
  return actions;
}

/** The triggers at which a config does something, a login first. @param {State} state @returns {Trigger[]} */
function triggersOf({ analysis: { config, syncs } }) {
  return TRIGGERS.filter(
    (trigger) => syncs.some(({ on }) => on.includes(trigger)) || withoutSystems(config, trigger).length > 0,
  );
}
