//! An https URL, cut into what a request needs. **The host is fixed by the config or by a secret, never by an event or
//! an answer**: the parts that an expression fills stand behind the host and are percent-encoded.

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The host's name, lower case as it was written.
    pub host: String,
    /// 443 unless the URL says otherwise.
    pub port: u16,
    /// Path and query, beginning with `/`. It may hold `{name}` where it comes from a config.
    pub path: String,
}

/// Cuts a URL. Errors say what is wrong and hold nothing of the URL, which may be a secret.
pub fn read(text: &str) -> Result<Url, &'static str> {
    let rest = text.strip_prefix("https://").ok_or("must start with https://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.contains('@') {
        return Err("must hold no user name or password: use a header with a secret");
    }
    if authority.contains(['{', '}']) {
        return Err("must have a fixed host: `{name}` stands in the path or in the query only");
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port_number(port).ok_or("must have a port from 1 to 65535")?),
        None => (authority, 443),
    };
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err("must have a host name of letters, digits, `-` and `.`");
    }
    if path.contains('#') {
        return Err("must have no fragment: servers never see it");
    }
    // What a request line may hold (RFC 3986), and the braces of a parameter.
    let allowed =
        |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'|');
    if !path.bytes().all(allowed) {
        return Err("must hold no spaces or letters beyond ascii: percent-encode them");
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(Url { host: host.to_ascii_lowercase(), port, path: [slash, path].concat() })
}

fn port_number(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|port| *port != 0)
}

/// Appends a part, percent-encoded for where it stands.
///
/// In a path all that RFC 3986 allows in a segment stays as it is, so that `auth0|1` and `conn_x` in
/// `{userId}@{connection}` give `auth0%7C1@conn_x`; in a query only the unreserved characters do.
pub fn encode(part: &str, in_query: bool, out: &mut String) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |n: u8| HEX.get(usize::from(n)).copied().unwrap_or_default();
    for byte in part.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~')
            || (!in_query && b"!$&'()*+,;=:@".contains(&byte));
        if plain {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}
