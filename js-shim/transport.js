// One HTTPS request: sent whole, answered whole, once, within its time.
//
// Node's own `https` with kept-alive connections costs a quarter of what `fetch` costs. Redirects are not followed;
// certificates are always checked; an answer over 1 MiB is cut off.

const LONGEST_ANSWER = 1048576;

let https;
const pools = new Map();

/** The kept-alive connections to a host and port. */
function poolOf(host, port) {
  https ??= require('node:https');
  const origin = `${host}:${port}`;
  let pool = pools.get(origin);
  if (!pool) {
    pool = new https.Agent({ keepAlive: true, maxSockets: 256, rejectUnauthorized: true });
    // Node would put twenty options together for a connection's name, three times a request. Here all are alike.
    pool.getName = () => 'pool';
    pools.set(origin, pool);
  }
  return pool;
}

/**
 * Sends a request. Its head has a line each for method, host, port and path, and then for each header's name and value.
 * `settle(status, body, retryAfter, error)` is called exactly once and never before this returns; what comes back gives
 * the request up without it.
 */
function sendRequest(head, body, ms, settle) {
  let pool;
  let request;
  let response;
  let over = false;
  const timer = setTimeout(() => end(0, null, undefined, 'timeout'), ms);

  const giveUp = () => {
    over = true;
    clearTimeout(timer);
    request?.destroy();
  };
  const end = (status, text, retryAfter, error) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    if (error) request?.destroy();
    settle(status, text, retryAfter, error);
  };
  const fail = (error) => {
    // The other side closed a kept-alive connection just as we wrote to it: nothing was answered, so nothing was done.
    const stale = request?.reusedSocket && !response && error.code === 'ECONNRESET';
    // Where one was closed the others may be, too: the next try shall not meet them one by one.
    if (stale) for (const idle of Object.values(pool.freeSockets).flat()) idle.destroy();
    end(0, null, undefined, stale ? 'stale' : String(error.code || 'network'));
  };

  try {
    const [method, host, port, path, ...list] = head.split('\n');
    const headers = {};
    for (let i = 0; i < list.length; i += 2) headers[list[i]] = list[i + 1];
    pool = poolOf(host, port);
    request = https.request({ method, host, port, path, headers, agent: pool });
    request.on('error', fail);
    request.on('response', (answer) => {
      response = answer;
      let text = '';
      let size = 0;
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        text += chunk;
        size += chunk.length;
        if (size > LONGEST_ANSWER) end(0, null, undefined, 'too-large');
      });
      answer.on('end', () => end(answer.statusCode, text, answer.headers['retry-after']));
      answer.on('error', fail);
    });
    request.end(body);
  } catch (error) {
    setImmediate(fail, error);
  }
  return giveUp;
}
