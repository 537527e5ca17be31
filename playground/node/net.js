// Node, as far as a page needs it: whether a text is an address. A page opens no sockets.

/** @param {string} text @returns {0 | 4 | 6} */
export function isIP(text) {
  if (/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text)) return 4;
  return /^[\da-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]`) ? 6 : 0;
}

class Socket {
  connect() {
    return this;
  }
}

export default { isIP, Socket };
