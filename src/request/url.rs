//! Where a request goes. **The host is fixed by the config or by a secret, never by an event or an answer**: what an
//! expression fills comes after the host and is percent-encoded; one label of the host may be a secret or a constant text.
//! **And no part of the path leads out of it**, whatever it is made of: what was built is looked at as the most obliging of
//! servers would read it.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::{Form, Forms, Mapping, Means};
use crate::document::problem::shown;
use crate::document::secrets::{Secrets, secret};
use crate::host::kept::Kept;
use crate::host::text::{Text, cut, encode, has, has_control, number, parts, until};
use crate::host::value::{Kind, Value};
use crate::request::attempt::Unbuildable;
use crate::request::header::is_header_value;
use crate::request::label::{Label, cut_label};
use crate::request::plain::plain;
use crate::request::scope::Scope;

/// An https URL, cut into what a request needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// The host's name, in lower case.
    pub host: Text,
    /// 443 unless the URL says otherwise.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path: Text,
}

/// What an entry says about its URL.
pub(crate) enum UrlTemplate {
    /// A URL whose path and query may have parts to fill.
    Fixed {
        /// Its host and port.
        base: Url,
        /// What comes for one label of the host.
        label: Option<Box<Label>>,
        /// Its path and query.
        pieces: Vec<Piece>,
    },
    /// The URL is a secret. These query fields are cut out of it and sent as headers: a copied invoke URL may carry its
    /// token in the query, where every proxy would log it.
    Secret {
        /// The secret's names.
        names: Vec<Text>,
        /// Query field and header.
        query_to_headers: Vec<(String, Text)>,
    },
}

/// A part of a path or query.
pub(crate) enum Piece {
    /// As it is.
    Text(Text),
    /// From the event, or a secret.
    Mapping(Mapping),
}

impl UrlTemplate {
    /// Reads the fields `url` and `params` of a request.
    pub(crate) fn read(request: ConfigValue, secrets: &Secrets) -> Self {
        let place = request.needed("url");
        let mut params = Kept::new(Vec::new());
        request.fields_of("params", false, &mut |name, param| {
            params.push((name, read_param(param, secrets)));
        });
        if place.kind != Kind::Object {
            return Self::read_fixed(request, place, &mut params);
        }
        place.knows_only("secret queryToHeaders");
        if !params.is_empty() {
            request.needed("params").refuse("cannot be used with a url that is a secret: remove `params`");
        }
        let mut query_to_headers = Vec::new();
        place.fields_of("queryToHeaders", false, &mut |field, header| {
            query_to_headers
                .push((field.to_string(), Text::new(&header.header_name(&header.text(), request))));
        });
        Self::Secret { names: secrets.names(place, "secret", false), query_to_headers }
    }

    fn read_fixed<'a>(
        request: ConfigValue<'a>,
        place: ConfigValue,
        params: &mut Vec<(&'a str, Mapping)>,
    ) -> Self {
        let text = place.text_that("must be a string, or an object with `secret`");
        let labelled = cut_label(&text);
        let plain = labelled.map(|[before, _, after, path]| ["https://", before, "x", after, path].concat());
        let mut base = match read(plain.as_deref().unwrap_or(&text)) {
            Ok(url) => url,
            Err(message) => {
                if !text.is_empty() {
                    place.refuse(message);
                }
                return Self::Fixed { base: Url::default(), label: None, pieces: Vec::new() };
            }
        };
        let before = place.problems();
        let label = labelled.and_then(|[host, name, after, _]| {
            let Some(param) = params.iter().position(|(known, ..)| *known == name) else {
                refuse_name(request, place, name, true);
                return None;
            };
            let (name, mapping) = params.swap_remove(param);
            let label = Label::new(host, mapping, after);
            if !label.is_fixed() {
                request.needed("params").needed(name).refuse(
                    "is a part of the host: it must be a `secret`, or letters, digits and `-` in quotes",
                );
            }
            Some(Box::new(label))
        });
        let path = std::mem::take(&mut base.path);
        let mut pieces = Vec::new();
        // Each part but the first begins with a name in braces.
        for (i, part) in parts(&path, "{").into_iter().enumerate() {
            let mut text = part;
            if i > 0 {
                let Some((name, rest)) = cut(part, "}") else {
                    place.refuse("has a `{` without a `}`: write %7B for a literal `{`");
                    continue;
                };
                match params.iter().position(|(known, ..)| *known == name) {
                    Some(at) => pieces.push(Piece::Mapping(params.swap_remove(at).1)),
                    None => refuse_name(request, place, name, false),
                }
                text = rest;
            }
            if has(text, "}") {
                place.refuse("has a `}` without a `{`: write %7D for a literal `}`");
            }
            if !text.is_empty() {
                pieces.push(Piece::Text(Text::new(text)));
            }
        }
        if !params.is_empty() && place.problems() == before {
            let all = request.needed("params");
            for (name, ..) in params {
                let written = ["{", name, "}"].concat();
                all.needed(name).refuse_text("the url has no ", &written, ": add it, or remove this entry");
            }
        }
        Self::Fixed { base, label, pieces }
    }

    /// The URL for this try. Headers that come out of it are added, unless the entry sets them itself.
    pub(crate) fn build(
        &self,
        scope: &Scope,
        means: &Means,
        headers: &mut Vec<(Text, Text)>,
    ) -> Result<Url, Unbuildable> {
        match self {
            Self::Fixed { base, label, pieces } => {
                let mut url = match pieces.as_slice() {
                    [Piece::Text(path)] => base.at(path.clone()),
                    pieces => base.at(fill(pieces, scope, means)?),
                };
                if let Some(label) = label {
                    url.host = label.host(scope, means)?;
                }
                Ok(url)
            }
            Self::Secret { names, query_to_headers } => from_secret(names, query_to_headers, means, headers),
        }
    }

    /// What it has of the event, for telling one request from another: no text of a secret.
    pub(crate) fn key(&self, scope: &Scope) -> String {
        let mut key = String::new();
        if let Self::Fixed { pieces, .. } = self {
            for piece in pieces {
                match piece {
                    Piece::Text(text) => key.push_str(text),
                    Piece::Mapping(mapping) => {
                        let value = mapping.fill(scope.filling(None)).ok().flatten();
                        key.push_str(&value.map(|value| value.to_json()).unwrap_or_default());
                    }
                }
            }
        }
        key
    }
}

/// Says why a `{name}` of the url has no entry in `params` (any more).
#[cold]
#[inline(never)]
fn refuse_name(request: ConfigValue, place: ConfigValue, name: &str, in_host: bool) {
    let shown = shown(name);
    // No event gets into a host, nor into what asks for a token.
    let value = if in_host || place.in_answer { "{ \"secret\": \"NAME\" }`" } else { "\"user.user_id\"`" };
    let fix = if !request.value.get("params").get(name).is_null() {
        ["}` is here twice: give the second one its own name and entry in `params`", "", "", ""]
    } else if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') || name.is_empty() {
        ["}` is not a name: write `{id}`, and add it to `params`: `\"id\": ", value, "", ""]
    } else {
        ["}` has no entry in `params`: add one, such as `\"", &shown, "\": ", value]
    };
    let [fix, key, colon, value] = fix;
    place.refuse_parts(&["`{", &shown, fix, key, colon, value]);
}

impl Url {
    fn at(&self, path: Text) -> Self {
        Self { host: self.host.clone(), port: self.port, path }
    }
}

// Apart, as what follows it, and so not compiled for a URL with nothing to fill: docs/performance.md.
#[inline(never)]
fn fill(pieces: &[Piece], scope: &Scope, means: &Means) -> Result<Text, Unbuildable> {
    let mut path = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => path.push_str(text),
            Piece::Mapping(mapping) => {
                // Control characters have no business in a url.
                let text = match mapping.fill(scope.filling(Some(means))) {
                    Err(Unbuildable::NoSecret) => return Err(Unbuildable::NoSecret),
                    value => value.ok().flatten().and_then(|value| plain(&value)),
                };
                let text = text.filter(|text| !text.is_empty() && !has_control(text));
                let in_query = has(&path, "?");
                encode(&text.ok_or(Unbuildable::Invalid("url-param"))?, in_query, &mut path);
            }
        }
    }
    if leads_out(&path) { Err(Unbuildable::Invalid("url-param")) } else { Ok(Text::new(&path)) }
}

/// Whether a server might see a part `.`, `..` or nothing in this path, which would change what the URL names. Servers
/// decode once or twice, take `\` and an encoded `/` for a `/`, and cut what follows a `;` off a part. A part of which
/// nothing is there at all is the admin's, as in `/users/`.
fn leads_out(path: &str) -> bool {
    let path = until(path, "?");
    let mut bytes: Vec<u8> = Vec::new();
    for byte in path.bytes() {
        bytes.push(byte);
        // What has just been decoded may end an escape itself.
        while let [.., b'%', high, low] = bytes.as_slice()
            && let (Some(high), Some(low)) = (nibble(*high), nibble(*low))
        {
            bytes.truncate(bytes.len() - 3);
            bytes.push(high << 4 | low);
        }
    }
    bytes.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| {
        let named = part.split(|byte| *byte == b';').next().unwrap_or_default();
        matches!(named, b"." | b"..") || named.is_empty() && !part.is_empty()
    })
}

fn nibble(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[inline(never)]
fn from_secret(
    names: &[Text],
    query_to_headers: &[(String, Text)],
    means: &Means,
    headers: &mut Vec<(Text, Text)>,
) -> Result<Url, Unbuildable> {
    let (_, secret) = secret(means.secrets, names, means.rotation).ok_or(Unbuildable::NoSecret)?;
    let text = secret.as_text().unwrap_or_default();
    let mut url = read(&text).map_err(|_| Unbuildable::Invalid("url-secret"))?;
    if has(&url.path, "{}") {
        return Err(Unbuildable::Invalid("url-secret"));
    }
    move_query(&mut url, query_to_headers, headers)?;
    Ok(url)
}

fn read_param(place: ConfigValue, secrets: &Secrets) -> Mapping {
    let forms = Forms::param(secrets);
    match place.kind {
        Kind::Object => {
            Form::read(place, &forms).map_or_else(Mapping::default, |form| Mapping::Form(Box::new(form)))
        }
        Kind::List => {
            place.refuse("must be an expression, a number, a boolean, or an object with `secret`");
            Mapping::default()
        }
        _ => Mapping::read(place, &forms),
    }
}

/// Cuts query fields out of the URL; each becomes its header, unless that is set already.
fn move_query(
    url: &mut Url,
    moves: &[(String, Text)],
    headers: &mut Vec<(Text, Text)>,
) -> Result<(), Unbuildable> {
    let Some((path, query)) = cut(&url.path, "?") else {
        return Ok(());
    };
    let mut short = path.to_string();
    for field in parts(query, "&") {
        let (name, value) = cut(field, "=").unwrap_or((field, ""));
        if let Some((_, header)) = moves.iter().find(|(from, _)| from == name) {
            if !headers.iter().any(|(known, _)| known == header) {
                let value = decode(value).filter(|value| is_header_value(value));
                headers.push((header.clone(), Text::new(&value.ok_or(Unbuildable::Invalid("url-secret"))?)));
            }
        } else {
            short.push(if short.len() == path.len() { '?' } else { '&' });
            short.push_str(field);
        }
    }
    url.path = Text::new(&short);
    Ok(())
}

/// A query's value without its percent-encoding; `None` when that is broken, or what it says is no ASCII.
fn decode(value: &str) -> Option<String> {
    let mut bytes = value.bytes();
    let mut decoded = String::new();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => nibble(bytes.next()?)? << 4 | nibble(bytes.next()?)?,
            _ => byte,
        };
        decoded.push(char::from(Some(byte).filter(u8::is_ascii)?));
    }
    Some(decoded)
}

/// Cuts a URL. Errors say what is wrong and hold nothing of the URL, which may be a secret.
pub(crate) fn read(text: &str) -> Result<Url, &'static str> {
    let rest = text.strip_prefix("https://").ok_or("must start with https://")?;
    let authority = until(rest, "/?#");
    let path = rest.get(authority.len()..).unwrap_or_default();
    if has(authority, "@") {
        return Err("must not contain a user name or password: use a header with a secret");
    }
    if has(authority, "{}") {
        return Err(
            "must have a fixed host: `{name}` can only be in the path or the query, or one label before the last two",
        );
    }
    if authority.as_bytes().first() == Some(&b'[') {
        return Err("must have a host name, not an IPv6 address");
    }
    let (host, port) = match cut(authority, ":") {
        Some((host, port)) => (host, port_number(port).ok_or("must have a port from 1 to 65535")?),
        None => (authority, 443),
    };
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if host.len() > 253 || !parts(host, ".").into_iter().all(is_label) {
        return Err("must have a host name of letters, digits, `-` and `.`");
    }
    if has(path, "#") {
        return Err("must not have a fragment (`#…`): servers never see it");
    }
    // What a request line may hold (RFC 3986), and the braces of a parameter.
    let allowed =
        |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'|');
    if !path.bytes().all(allowed) {
        return Err("must not contain spaces, quotes or non-ASCII characters: percent-encode them");
    }
    if leads_out(path) {
        return Err("must not have a path segment that is `.` or `..`, or that begins with `;`");
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(Url { host: Text::new(&host.to_ascii_lowercase()), port, path: Text::new(&[slash, path].concat()) })
}

fn port_number(text: &str) -> Option<u16> {
    number(text).and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0)
}
