// tools/develop/: a server on loopback that seems far away, for those who measure round trips.

import net from 'node:net';

/**
 * Passes a connection on to a port of this machine, each way half of a round trip later. On loopback a client is connected at
 * once, so what it writes first waits for the round trip that this would have taken.
 * @param {net.Socket} client
 * @param {number} port
 * @param {number} ms a round trip
 * @param {(from: 'client' | 'server') => void} [seen] is told of each part that has come, before it goes on
 */
export function passOn(client, port, ms, seen = () => {}) {
  const server = net.connect(port, '127.0.0.1');
  const connected = performance.now() + ms;
  /** @param {net.Socket} from @param {net.Socket} to @param {'client' | 'server'} name */
  const pass = (from, to, name) => {
    // Timers of one millisecond come in any order.
    /** @type {Buffer[]} */
    const under = [];
    const write = () => to.write(under.shift() ?? '');
    from.on('data', (chunk) => {
      seen(name);
      under.push(chunk);
      setTimeout(() => to.destroyed || write(), Math.max(0, connected - performance.now()) + ms / 2);
    });
    from.on('error', () => {}).once('close', () => setTimeout(() => to.destroy(), ms / 2));
  };
  pass(client.setNoDelay(), server.setNoDelay(), 'client');
  pass(server, client, 'server');
}
