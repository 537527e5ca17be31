// One HTTPS request: sent whole, answered whole, once, within its time.
//
// Node's own `https` with kept-alive connections costs a quarter of what `fetch` costs. Redirects are not followed;
// certificates are always checked; an answer over 1 MiB is cut off.

const LONGEST_ANSWER = 1048576;
/** A kept connection that breaks later than this after the write had not been closed before: the request may be at work. */
const STALE_MS = 50;

/** The bytes that were compressed; an error's message is a word for the log. */
function decompress(bytes, coding) {
  const zlib = require('node:zlib');
  let unpack;
  if (coding === 'gzip' || coding === 'x-gzip') unpack = zlib.gunzipSync;
  if (coding === 'br') unpack = zlib.brotliDecompressSync;
  // Some servers leave out the two bytes with which zlib begins.
  if (coding === 'deflate')
    unpack = (bytes[0] & 15) === 8 && (bytes[0] * 256 + bytes[1]) % 31 === 0 ? zlib.inflateSync : zlib.inflateRawSync;
  if (!unpack) throw new Error('content-encoding');
  try {
    return unpack(bytes, onlyOwn({ maxOutputLength: LONGEST_ANSWER }));
  } catch (error) {
    throw new Error(/** @type {any} */ (error).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'decompress');
  }
}

/** The text of an answer; an error's message is a word for the log. No character is in it that was not sent. */
function decode(bytes, codings, type) {
  if (codings && bytes.length > 0) {
    const list = codings
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((coding) => coding && coding !== 'identity');
    if (list.length > 2) throw new Error('content-encoding');
    for (const coding of list.reverse()) bytes = decompress(bytes, coding);
  }
  const charset = /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(type)?.[1] ?? 'utf-8';
  let text;
  let whole;
  if (/^(utf-?8|(us-)?ascii)$/i.test(charset)) {
    text = bytes.toString();
    whole = !text.includes('\ufffd') || Buffer.from(text).equals(bytes);
    if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  } else {
    try {
      text = new TextDecoder(charset, { fatal: true }).decode(bytes);
      // Some decoders of Node put these where a charset has no character, or where they know no better.
      whole = !/[\x80-\x9f\ue000-\uf8ff\ufffd]/.test(text);
    } catch {}
  }
  if (!whole) throw new Error('charset');
  if (!/\S/.test(text)) throw new Error('empty');
  return text;
}

/**
 * Ends a request. While one of several addresses is tried, Node 18 would throw past us when that one's time is over, if the
 * connection were no more: so there the pool forgets it, and it ends as soon as it is made. Nothing is sent on it.
 */
function hangUp(request) {
  const socket = request?.socket;
  if (socket?.connecting && socket.autoSelectFamilyAttemptedAddresses && /^v18\./.test(process.version)) {
    socket.emit('agentRemove');
    socket.once('connect', () => request.destroy());
  } else {
    request?.destroy();
  }
}

/** What an answer comes to: its status, its text, what it says of another try, and why there is no text to be read. */
function readAnswer({ statusCode, headers }, bytes) {
  const header = (name) => hostField(headers, name) ?? undefined;
  let text = null;
  let error;
  try {
    text = decode(bytes, header('content-encoding') ?? '', header('content-type') ?? '');
  } catch (thrown) {
    error = /** @type {any} */ (thrown).message;
  }
  return error === 'too-large' ? [0, null, undefined, error] : [statusCode, text, header('retry-after'), error];
}

/** A request as Node takes it. */
function optionsOf(head, body, ms) {
  const [method, host, port, path, ...list] = head.split('\n');
  // As a list, which Node writes down at once. Then it adds neither host nor length; of a DELETE it never adds a length.
  const authority = (host.includes(':') ? `[${host}]` : host) + (port === '443' ? '' : `:${port}`);
  const headers = ['host', authority, ...list];
  if (body !== undefined || method[0] === 'P') headers.push('content-length', `${Buffer.byteLength(body ?? '')}`);
  // Of several addresses the first that does not answer leaves the next one half of the time.
  const autoSelectFamilyAttemptTimeout = Math.ceil(ms / 2);
  return onlyOwn({ method, host, port, path, headers, agent: poolOf(host, port), autoSelectFamilyAttemptTimeout });
}

/**
 * Sends a request. Its head has a line each for method, host, port and path, and then for each header's name and value.
 * `settle(status, body, retryAfter, error)` is called exactly once and never before this returns; what comes back gives
 * the request up without it. With a status, an error says why there is no body to be read.
 */
function sendRequest(head, body, ms, settle) {
  const began = uptime();
  let pool;
  let request;
  let response;
  let read;
  let over = false;

  const giveUp = () => {
    over = true;
    cancel();
    hangUp(request);
  };
  const end = (status, text, retryAfter, error) => {
    if (over) return;
    over = true;
    cancel();
    if (error) hangUp(request);
    settle(status, text, retryAfter, error);
  };
  const cancel = after(ms, () => end(0, null, undefined, 'timeout'));
  const fail = (error) => {
    // The other side closed a kept-alive connection before it read what we wrote: nothing was done, and nothing came back.
    const closed = request?.reusedSocket && !response && /^(ECONNRESET|EPIPE)$/.test(error.code);
    const stale = closed && request.socket?.bytesRead === read && uptime() - began < STALE_MS;
    // Where one was closed the others may be, too: the next try must not meet them one by one.
    if (stale) for (const idle of Object.values(pool.freeSockets).flat()) idle.destroy();
    end(0, null, undefined, stale ? 'stale' : String(error.code || 'network'));
  };

  try {
    if (POLLUTED.some((name) => name in Object.prototype)) throw Object.assign(new Error(), { code: 'polluted' });
    const options = optionsOf(head, body, ms);
    pool = options.agent;
    request = https.request(options);
    request.on('error', fail);
    request.on('socket', (socket) => {
      read = socket.bytesRead;
    });
    request.on('response', (answer) => {
      response = answer;
      const chunks = [];
      let size = 0;
      answer.on('data', (chunk) => {
        size += chunk.length;
        if (size > LONGEST_ANSWER) end(0, null, undefined, 'too-large');
        else chunks.push(chunk);
      });
      answer.on('end', () => end(...readAnswer(answer, Buffer.concat(chunks))));
      answer.on('error', fail);
    });
    request.end(body);
  } catch (error) {
    setImmediate(fail, error);
  }
  return giveUp;
}
