//! Value forms: objects of a document that say where a value comes from, and are no mapping.
//!
//! **One reader for all places.** In a header or a param any object is a form. In a mapping an object is one when it has the
//! key of one form that mappings may have, of that form's kind, and no key but its options; with any other key it is a
//! mapping, as it always was. Each place says which forms it takes: [`Forms`].

use super::jwt::Jwt;
use super::{Filling, Mapping, Unfilled};
use crate::document::config_value::ConfigValue;
use crate::document::secrets::{Names, Secrets, secret};
use crate::expression::Expression;
use crate::host::text::{Text, encode, has, is_whole, joined, until, word_at, words};
use crate::host::value::{Kind, Val, Value};

/// A value form.
pub(crate) enum Form {
    /// `{ "secret": NAME, "prefix": …, "optional": … }`, `{ "bearer": NAME }`
    Secret {
        /// Its names.
        names: Names,
        /// What comes before it.
        prefix: String,
        /// Whether it may be left out when it is not set.
        optional: bool,
    },
    /// `{ "basic": NAME }` of a secret that holds both, or `{ "basic": { "user": NAME, "password": NAME } }`.
    Basic {
        /// Of the user, or of both.
        user: Names,
        /// Of the password.
        password: Option<Names>,
        /// Whether each is encoded as in a form.
        encoded: bool,
        /// Whether it may be left out when one of them is not set.
        optional: bool,
    },
    /// `{ "jwt": … }`
    Jwt(Jwt),
    /// `{ "hmac": … }`
    Hmac {
        /// Of the key.
        names: Names,
        /// What is signed; none for the body.
        of: Option<Expression>,
        /// Algorithm and encoding, as the host reads them.
        how: String,
        /// What comes before it.
        prefix: String,
    },
    /// `{ "token": NAME }`, after this.
    Token(String),
    /// `{ "value": …, "when": … }`
    Value {
        /// What it gives,
        value: Mapping,
        /// where this is true.
        when: Option<Expression>,
    },
}

/// Which forms a place takes, and who collects the names of their secrets.
#[derive(Clone, Copy)]
pub(crate) struct Forms<'a> {
    takes: u8,
    /// The names that are read.
    pub secrets: &'a Secrets<'a>,
}

const SECRET: u8 = 1;
const BEARER: u8 = 2;
const BASIC: u8 = 4;
const JWT: u8 = 8;
const HMAC: u8 = 16;
const VALUE: u8 = 32;
const TOKEN: u8 = 64;
/// There is a body for `hmac` to sign.
const BODY: u8 = 128;

/// What a form in a header may have: first the forms' keys, in the order of their bits.
const IN_HEADERS: &str = "secret bearer basic jwt hmac value token prefix optional when";
/// The same in a param, which without its secret would be no url.
const IN_PARAMS: &str = "secret prefix";

/// Their options, and the forms that have them.
const OPTIONS: [(&str, u8); 3] =
    [("prefix", SECRET | TOKEN), ("optional", SECRET | BEARER | BASIC), ("when", VALUE)];

impl<'a> Forms<'a> {
    /// Of a header: all. If there is a body, it can be signed.
    pub(crate) fn header(secrets: &'a Secrets<'a>, body: bool) -> Self {
        let body = if body { BODY } else { 0 };
        Self { takes: SECRET | BEARER | BASIC | JWT | HMAC | VALUE | TOKEN | body, secrets }
    }

    /// Of a param of the url.
    pub(crate) fn param(secrets: &'a Secrets<'a>) -> Self {
        Self { takes: SECRET, secrets }
    }

    /// Of a JSON body.
    pub(crate) fn body(secrets: &'a Secrets<'a>) -> Self {
        Self { takes: SECRET | HMAC | VALUE, secrets }
    }

    /// Of a form.
    pub(crate) fn form(secrets: &'a Secrets<'a>) -> Self {
        Self { takes: SECRET | JWT | HMAC | VALUE, secrets }
    }

    /// Of claims that read the event.
    pub(crate) fn claims(secrets: &'a Secrets<'a>) -> Self {
        Self { takes: JWT | HMAC | VALUE, secrets }
    }

    /// Of metadata and SAML attributes that read the event.
    pub(crate) fn metadata(secrets: &'a Secrets<'a>) -> Self {
        Self { takes: HMAC | VALUE, secrets }
    }

    /// Of what reads an answer, and inside another form.
    pub(crate) fn plain(secrets: &'a Secrets<'a>) -> Self {
        Self { takes: VALUE, secrets }
    }
}

impl Form {
    /// Reads the form that must be here: in a header or a param.
    pub(crate) fn read(place: ConfigValue, forms: &Forms) -> Option<Self> {
        let before = place.problems();
        if forms.takes == SECRET {
            place.knows_only(IN_PARAMS);
            return (place.problems() == before).then(|| Self::read_given(place, forms, "secret", SECRET));
        }
        if place.kind == Kind::Object {
            place.knows_only(IN_HEADERS);
        }
        let (mut given, mut count) = (None, 0);
        for (index, key) in words(IN_HEADERS).into_iter().take(7).enumerate() {
            if !place.value.get(key).is_null() {
                given = Some((key, 1 << index));
                count += 1;
            }
        }
        match given {
            Some((key, form)) if count == 1 => Some(Self::read_given(place, forms, key, form)),
            _ => {
                if place.problems() == before {
                    place.refuse(
                        "must be a string, or an object with exactly one of `secret`, `bearer`, `basic`, `jwt`, `hmac`, \
                         `value` and `token`",
                    );
                }
                None
            }
        }
    }

    /// Reads the form here, in a mapping, if there is one.
    pub(super) fn read_in(place: ConfigValue, forms: &Forms) -> Option<Self> {
        let kind = |key: &str| place.value.get(key).kind();
        // With the places in which it may be.
        let (form, keys, goes_into) = if matches!(kind("secret"), Kind::Text | Kind::List) {
            (SECRET, "secret prefix optional", "what is sent")
        } else if kind("jwt") == Kind::Object {
            (JWT, "jwt", "headers, `form` and `claims`")
        } else if kind("hmac") == Kind::Object {
            (HMAC, "hmac", "headers, bodies, claims and metadata")
        } else if kind("value") != Kind::Null && kind("when") != Kind::Null {
            (VALUE, "value when", "")
        } else {
            return None;
        };
        // An answer may well have a field `secret`.
        if !place.value.others(keys).is_empty() || form == SECRET && forms.takes == VALUE {
            return None;
        }
        let key = until(keys, " ");
        if forms.takes & form == 0 {
            let message = [
                "goes into ",
                goes_into,
                " only: for an object with that key write an expression, \"{",
                key,
                ": …}\"",
            ];
            place.refuse_text("", key, &[" ", &message.concat()].concat());
        }
        Some(Self::read_given(place, forms, key, form))
    }

    fn read_given<'a>(place: ConfigValue<'a>, forms: &Forms, key: &'a str, form: u8) -> Self {
        for (option, of) in OPTIONS {
            if of & form == 0 && place.value.get(option).is_truthy() {
                place.refuse_text("", option, &[" does not go with `", key, "`"].concat());
            }
        }
        let optional = place.flag("optional");
        let secrets = forms.secrets;
        let value = place.needed(key);
        let prefix = place.field("prefix").map(|prefix| {
            // Of a token there may be none.
            let empty = form == TOKEN && prefix.value.as_text().is_some_and(|text| text.is_empty());
            if empty { String::new() } else { prefix.text() }
        });
        match form {
            JWT => Self::Jwt(Jwt::read(value, forms)),
            HMAC => Self::read_hmac(value, forms),
            TOKEN => {
                value.token();
                Self::Token(prefix.unwrap_or_else(|| "Bearer ".to_string()))
            }
            VALUE => Self::Value {
                value: Mapping::read(value, forms),
                when: place.field("when").map(ConfigValue::expression),
            },
            BASIC if value.kind == Kind::Object => {
                value.knows_only("user password");
                let part = |part: &'static str| match value.field(part) {
                    Some(_) => secrets.names(value, part, optional),
                    None => Vec::new(),
                };
                let (user, password) = (part("user"), part("password"));
                if user.is_empty() && password.is_empty() {
                    value.refuse("needs `user` or `password`: the name of a secret");
                }
                Self::Basic { user, password: Some(password), encoded: secrets.encoded, optional }
            }
            BASIC => Self::Basic {
                user: secrets.names(place, key, optional),
                password: None,
                encoded: false,
                optional,
            },
            _ => {
                let bearer = (form == BEARER).then(|| "Bearer ".to_string());
                let prefix = bearer.or(prefix);
                Self::Secret {
                    names: secrets.names(place, key, optional),
                    prefix: prefix.unwrap_or_default(),
                    optional,
                }
            }
        }
    }

    // Apart, and so not compiled before a config has one: docs/performance.md.
    #[cold]
    #[inline(never)]
    fn read_hmac(place: ConfigValue, forms: &Forms) -> Self {
        place.knows_only("secret of algorithm encoding prefix");
        let word = |key: &'static str, words: &'static str| word_at(words, place.word_of(key, words));
        let of = place.needed("of");
        let body = of.value.as_text().is_some_and(|text| text == "body");
        if body && forms.takes & BODY == 0 {
            of.refuse("can be `body` only in a header of a request that has a body: write an expression");
        }
        Self::Hmac {
            names: forms.secrets.names(place, "secret", false),
            of: (!body).then(|| of.expression()),
            how: joined(&[word("algorithm", "sha256 sha512 sha1"), word("encoding", "hex base64")], " "),
            prefix: place.field("prefix").map(ConfigValue::text).unwrap_or_default(),
        }
    }

    /// Whether its value hangs on the scope or on the moment.
    pub(super) fn asks(&self) -> bool {
        match self {
            Self::Value { value, when } => when.is_some() || value.asks(),
            _ => true,
        }
    }

    /// Its value; `None` where there is to be none.
    #[inline(never)]
    pub(crate) fn fill(&self, with: &Filling) -> Result<Option<Val>, Unfilled> {
        if let Self::Value { value, when } = self {
            let true_of = |when: &Expression| when.evaluate(with.scope).map(|value| value.is_truthy());
            return match when.as_ref().map(true_of) {
                Some(Err(_)) => Err(Unfilled::EXPRESSION),
                Some(Ok(false)) => Ok(with.whole.then(Val::default)),
                _ => value.fill_nested(with),
            };
        }
        let Some(means) = with.means else { return Ok(self.fill_openly(with)) };
        let set = |names: &Names| secret(means.secrets, names, means.rotation).map(|(_, secret)| secret);
        let none = |optional: &bool| if *optional { Ok(None) } else { Err(Unfilled::NoSecret) };
        Ok(Some(match self {
            Self::Secret { names, prefix, optional } => match set(names) {
                Some(secret) if prefix.is_empty() => secret,
                Some(secret) => after(prefix, &secret)?,
                None => return none(optional),
            },
            Self::Basic { user, password, encoded, optional } => {
                let part = |names: &Names| {
                    let mut secret = set(names).and_then(|secret| secret.as_text());
                    if let (true, Some(text)) = (encoded, &mut secret) {
                        let plain = std::mem::take(text);
                        encode(&plain, true, text);
                    }
                    if names.is_empty() { Some(String::new()) } else { secret }
                };
                let (Some(user), Some(password)) =
                    (part(user), password.as_ref().map_or(Some(None), |names| part(names).map(Some)))
                else {
                    return none(optional);
                };
                // The first colon ends the user.
                let both = password.is_none();
                if has(&user, ":") != both {
                    return Err(Unfilled::Invalid("basic"));
                }
                let text = password.map_or(user.clone(), |password| [&user, ":", &password].concat());
                after("Basic ", &Val::from_text(&text).digest("text base64", None))?
            }
            Self::Hmac { names, of, how, prefix } => {
                let key = set(names).ok_or(Unfilled::NoSecret)?;
                let text = match of {
                    None => means.body.cloned().unwrap_or_default(),
                    Some(of) => {
                        let value = of.evaluate(with.scope).map_err(|_| Unfilled::EXPRESSION)?;
                        // What reads alike here must not have the signature of the other.
                        let text = value.as_text().filter(|text| !text.is_empty() && is_whole(text));
                        Text::of(text.map(|_| value).ok_or(Unfilled::Invalid("hmac"))?)
                    }
                };
                after(prefix, &text.value().digest(how, Some(&key)))?
            }
            Self::Jwt(jwt) => jwt.fill(with, means)?,
            Self::Token(prefix) => after(prefix, means.token.ok_or(Unfilled::NoSecret)?.value())?,
            Self::Value { .. } => return Ok(None),
        }))
    }

    /// What it says of the scope, without a secret: a request that signs something else is another one.
    #[cold]
    #[inline(never)]
    fn fill_openly(&self, with: &Filling) -> Option<Val> {
        match self {
            Self::Hmac { of: Some(of), .. } => of.evaluate(with.scope).ok(),
            Self::Jwt(jwt) => Some(jwt.says(with)),
            _ => None,
        }
    }

    /// The names of a secret that is sent as it is, and whether nothing comes before it.
    pub(crate) fn plain_secret(&self) -> (&[Text], bool) {
        match self {
            Self::Secret { names, prefix, .. } => (names, prefix.is_empty()),
            _ => (&[], false),
        }
    }

    /// The names of the key with which it signs.
    pub(crate) fn signs(&self) -> &[Text] {
        match self {
            Self::Jwt(jwt) => jwt.names(),
            Self::Hmac { names, .. } => names,
            _ => &[],
        }
    }
}

fn after(prefix: &str, value: &Val) -> Result<Val, Unfilled> {
    let text = value.as_text().ok_or(Unfilled::Invalid("hmac"))?;
    Ok(Val::from_text(&[prefix, &text].concat()))
}
