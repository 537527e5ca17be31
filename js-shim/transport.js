// One HTTPS request: sent whole, answered whole, once, within its time.
//
// Node's own `https` with kept-alive connections costs a quarter of what `fetch` costs. Redirects are not followed;
// certificates are always checked; an answer over 1 MiB is cut off.

const LONGEST_ANSWER = 1048576;

let https;
let agent;

/**
 * Sends a request, its headers a flat list. `settle(status, body, retryAfter, error)` is called exactly once and never
 * before this returns; what comes back gives the request up without it.
 */
function sendRequest([method, host, port, path, headerList, body], ms, settle) {
  https ??= require('node:https');
  agent ??= new https.Agent({ keepAlive: true, maxSockets: 256, rejectUnauthorized: true });
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
    if (stale) for (const idle of Object.values(agent.freeSockets).flat()) idle.destroy();
    end(0, null, undefined, stale ? 'stale' : String(error.code || 'network'));
  };

  try {
    const headers = {};
    for (let i = 0; i < headerList.length; i += 2) headers[headerList[i]] = headerList[i + 1];
    request = https.request({ method, host, port, path, headers, agent });
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
