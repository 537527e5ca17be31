// The playground's controls: what leaves the page, by the clipboard, as a file or as a link; and what comes by a link.

import { EXAMPLES, SAMPLES } from '../samples.js';
import { linkOf, openLink, secretIn, withoutSecrets } from '../share.js';
import { secretsOf } from '../state.js';

/**
 * @param {import('./stage.js').Page} page
 * @param {import('./stage.js').Stage & import('./event.js').EventActions & import('./config.js').ConfigActions} others
 */
export function shareActions(
  { state, configEditor, eventEditor },
  { choose, say, begin, showConfig, newConfig, showEvent, newEvent },
) {
  const actions = {
    /** @param {string} button @param {string} text @param {string} said */
    async copy(button, text, said) {
      try {
        await navigator.clipboard.writeText(text);
        say(button, said);
      } catch {
        say(button, 'The browser does not let the page copy.');
      }
    },
    download() {
      const link = Object.assign(document.createElement('a'), {
        href: URL.createObjectURL(new Blob([state.file.text], { type: 'text/javascript' })),
        download: 'login-sync.js',
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      say('download', `Downloaded as login-sync.js, ${state.file.text.length.toLocaleString('en')} bytes.`);
    },
    async share() {
      const sample = SAMPLES.some(({ id }) => id === state.sample);
      const event = sample ? state.sample : withoutSecrets(eventEditor.text(), null);
      if (event === null) return say('share', 'There is no link: the event is not JSON.');
      const shared = { ...shownIn(state), config: configEditor.text(), event, sample };
      const secret = secretIn(shared, secretsOf(state));
      if (secret !== undefined)
        return say('share', `There is no link: the secret ${secret} is in the config, the event or an answer.`);
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
        begin();
        return say('share', 'That link is damaged, and nothing was taken from it.');
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
      choose(rest);
    },
  };
  return actions;
}

/** What is on the screen besides the two texts. @param {import('../state.js').State} state */
function shownIn({ trigger, systems, logins, others, apartMs, latencyMs, byHost }) {
  const here = Object.fromEntries(Object.entries(systems).filter(([host]) => host === '' || byHost.has(host)));
  return { trigger, systems: here, logins, others, apartMs, latencyMs };
}
