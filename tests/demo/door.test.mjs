// The demo's door: what is asked by another name, or in a way that makes no sense, is refused, and ends nothing.
import assert from 'node:assert/strict';
import net from 'node:net';
import { it } from 'node:test';
import { demo } from './visitor.mjs';

/**
 * One request as it is on the wire; the status that comes back.
 * @param {string} url whom to ask
 * @param {string} target
 * @param {string} host
 * @returns {Promise<number>}
 */
const ask = (url, target, host) =>
  new Promise((done, fail) => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => (text += part));
    socket.once('end', () => done(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]))).once('error', fail);
  });

it('answers at names of this machine alone', async (t) => {
  const { url, issuer } = await demo(t);
  for (const address of [url, issuer]) {
    const { port } = new URL(address);
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])
      assert.equal(await ask(address, '/style.css', `${host}:${port}`), 200, host);
    for (const host of [
      'evil.example.com',
      `evil.example.com:${port}`,
      'localhost.evil.example.com',
      '127.0.0.1.evil.example.com',
      '127.0.0.2',
      '10.0.0.1',
      '[::2]',
      '',
    ])
      assert.equal(await ask(address, '/style.css', host), 403, host);
  }
});

it('refuses what is no path, and goes on', async (t) => {
  const { url, issuer } = await demo(t);
  for (const address of [url, issuer]) {
    const { host } = new URL(address);
    for (const target of [
      '//',
      '//evil.example.com/',
      '///',
      '/\\',
      '//[',
      'http://evil.example.com/',
      '*',
      '/%',
      '/%zz',
      '/\u00ff',
    ])
      assert.ok([400, 404].includes(await ask(address, target, host)), target);
    assert.equal(await ask(address, '/style.css', host), 200);
  }
});
