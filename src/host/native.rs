//! The seam outside wasm: `serde_json` behind [`Value`], for native tests, simulation and fuzzing. Numbers are read and
//! written as JavaScript does.

mod digest;
mod functions;
mod numbers;

use crate::host::text::Text;
use crate::host::value::{DEEPEST, Kind, Value};
use base64ct::{Base64UrlUnpadded, Encoding};
use numbers::{AsJavaScript, keep_numbers};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::ser::Serializer;
use serde_json::{Number, Value as Json};
use std::time::UNIX_EPOCH;

/// Before the key of a field that only a reader who names it sees. Once its object is in another value it is gone.
const HIDDEN: &str = "\0";

/// A copy without hidden fields.
fn shown(mut value: Json) -> Json {
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| !key.starts_with(HIDDEN));
    }
    value
}

/// A `serde_json` value behind the seam.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Native(pub Json);

impl Native {
    /// Reads JSON text; null when it is not JSON. For tests that write documents as text.
    pub fn json(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    fn without_proto(mut self) -> Self {
        drop_keys(&mut self.0, u32::MAX, &|key| key == "__proto__");
        self
    }
}

/// Takes out the fields of such a name, at any depth; what is nested deeper becomes null.
fn drop_keys(json: &mut Json, levels: u32, of: &dyn Fn(&str) -> bool) {
    match json {
        Json::Array(_) | Json::Object(_) if levels == 0 => *json = Json::Null,
        Json::Array(items) => items.iter_mut().for_each(|item| drop_keys(item, levels - 1, of)),
        Json::Object(fields) => {
            fields.retain(|key, _| !of(key));
            fields.values_mut().for_each(|field| drop_keys(field, levels - 1, of));
        }
        _ => {}
    }
}

fn drop_tokens(identities: &mut Json, levels: u32) {
    let holds = |key: &str| ["token", "secret"].iter().any(|word| key.to_ascii_lowercase().contains(word));
    drop_keys(identities, levels, &|key| holds(key) || key == "__proto__");
}

/// What a deploy tool or a page leaves where a secret belongs.
fn is_marker(secret: &str) -> bool {
    let whole = |open: &str, close: &str| {
        secret.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some()
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let inside = |mark: &str| {
        let parts: Vec<_> = secret.split(mark).collect();
        let names = parts.get(1..parts.len() - 1).unwrap_or_default();
        names.iter().any(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(word))
    };
    let blank = |c: char| word(c) || matches!(c, ' ' | '.' | '-');
    whole("##", "##")
        || whole("@@", "@@")
        || whole("${", "}")
        || whole("{{", "}}")
        || whole("<", ">") && secret.len() > 2 && secret.trim_matches(['<', '>']).chars().all(blank)
        || inside("##")
        || inside("@@")
}

/// Adds up about how many bytes a value takes as JSON; false when that is more than `most`, or it is nested deeper.
fn weigh(json: &Json, levels: u32, most: usize, weight: &mut usize) -> bool {
    let inside = match json {
        Json::Array(_) | Json::Object(_) if levels == 0 => false,
        Json::Array(items) => items.iter().all(|item| weigh(item, levels - 1, most, weight)),
        Json::Object(fields) => fields.iter().all(|(key, field)| {
            *weight += key.encode_utf16().count();
            weigh(field, levels - 1, most, weight)
        }),
        Json::String(text) => {
            *weight += text.encode_utf16().count();
            true
        }
        _ => true,
    };
    *weight += 4;
    inside && *weight <= most
}

fn same(left: &Json, right: &Json, most: usize, work: &mut usize) -> bool {
    let named =
        |fields: &serde_json::Map<String, Json>| fields.keys().filter(|key| *key != "__proto__").count();
    *work += 1;
    *work <= most
        && match (left, right) {
            (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
            (Json::String(left), Json::String(right)) => {
                *work += (left.len() + right.len()) >> 9;
                left == right
            }
            (Json::Array(left), Json::Array(right)) => {
                *work += (left.len() + right.len()) >> 3;
                left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r, most, work))
            }
            (Json::Object(left), Json::Object(right)) => {
                *work += (named(left) + named(right)) >> 3;
                let mut fields = left.iter().filter(|(key, _)| *key != "__proto__");
                named(left) == named(right)
                    && fields.all(|(key, l)| right.get(key).is_some_and(|r| same(l, r, most, work)))
            }
            _ => left == right,
        }
}

impl Value for Native {
    fn from_bool(b: bool) -> Self {
        Self(Json::Bool(b))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked on the same line; a whole number is written without a fraction, as JavaScript writes it"
    )]
    fn from_f64(n: f64) -> Self {
        Self(if n.fract() == 0.0 && n.abs() < 9e15 {
            Json::from(n as i64)
        } else {
            Number::from_f64(n).map_or(Json::Null, Json::Number)
        })
    }

    fn from_text(s: &str) -> Self {
        Self(Json::String(s.to_string()))
    }

    fn from_list(items: Vec<Self>) -> Self {
        Self(Json::Array(items.into_iter().map(|v| shown(v.0)).collect()))
    }

    fn from_object(entries: Vec<(&str, Self)>) -> Self {
        let fields = entries.into_iter().filter(|(k, _)| *k != "__proto__");
        Self(Json::Object(fields.map(|(k, v)| (k.to_string(), shown(v.0))).collect()))
    }

    fn kind(&self) -> Kind {
        match self.0 {
            Json::Null => Kind::Null,
            Json::Bool(_) => Kind::Bool,
            Json::Number(_) => Kind::Number,
            Json::String(_) => Kind::Text,
            Json::Array(_) => Kind::List,
            Json::Object(_) => Kind::Object,
        }
    }

    fn get(&self, key: &str) -> Self {
        let hidden = || [HIDDEN, key].concat();
        Self(self.0.as_object().and_then(|o| o.get(&hidden()).or(o.get(key))).cloned().unwrap_or_default())
    }

    fn with(mut self, key: &str, value: Self) -> Self {
        if let Some(object) = self.0.as_object_mut() {
            object.insert(key.to_string(), shown(value.0));
        }
        self
    }

    fn with_hidden(mut self, key: &str, value: Self) -> Self {
        if let Some(object) = self.0.as_object_mut() {
            object.remove(key);
            object.insert([HIDDEN, key].concat(), value.0);
        }
        self
    }

    fn at(&self, index: usize) -> Self {
        Self(self.0.as_array().and_then(|a| a.get(index)).cloned().unwrap_or_default())
    }

    fn len(&self) -> usize {
        self.0.as_array().map_or(0, Vec::len)
    }

    fn keys(&self) -> Vec<String> {
        let Some(object) = self.0.as_object() else {
            return Vec::new();
        };
        object.keys().filter(|key| !key.starts_with(HIDDEN)).cloned().collect()
    }

    fn as_text(&self) -> Option<String> {
        self.0.as_str().map(str::to_string)
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn opened(&self) -> Self {
        let mut open = self.without("secrets");
        let request = self.get("request");
        if request.kind() == Kind::Object {
            open = open.with("request", request.without("body query"));
        }
        let open_user = |mut user: Self| {
            let metadata = user.get("app_metadata");
            if metadata.kind() == Kind::Object {
                user = user.with("app_metadata", metadata.without("login_sync"));
            }
            if let Some(identities) = user.0.get_mut("identities") {
                drop_tokens(identities, 16);
            }
            user
        };
        if self.0.get("user").is_some() {
            open = open.with("user", open_user(self.get("user")));
        }
        let message = self.get("message");
        let data = message.get("data");
        if data.0.get("object").is_some() {
            let object = open_user(data.get("object"));
            open = open.with("message", message.with("data", data.with("object", object)));
        }
        open
    }

    fn secret(&self, name: &Text) -> Self {
        let secret = self.get(name).as_text().unwrap_or_default();
        let secret = secret.trim_matches(|c: char| c.is_whitespace() && c != '\u{85}' || c == '\u{feff}');
        if secret.is_empty() || is_marker(secret) { Self::default() } else { Self::from_text(secret) }
    }

    fn names(&self) -> Self {
        Self::from_list(self.others("__proto__").iter().map(|name| Self::from_text(name)).collect())
    }

    fn values(&self) -> Self {
        Self::from_list(self.others("__proto__").iter().map(|name| self.get(name)).collect())
    }

    fn truth(&self) -> usize {
        match &self.0 {
            Json::Null | Json::Bool(false) => 0,
            Json::Bool(true) | Json::Number(_) => 1,
            Json::String(text) => usize::from(!text.is_empty()),
            Json::Array(items) => usize::from(!items.is_empty()),
            Json::Object(_) => self.names().len(),
        }
    }

    fn same(&self, other: &Self, most: usize) -> (bool, usize) {
        let mut work = 0;
        (same(&shown(self.0.clone()), &shown(other.0.clone()), most, &mut work), work)
    }

    fn weight(&self, most: usize) -> Option<usize> {
        let mut weight = 0;
        weigh(&shown(self.0.clone()), DEEPEST, most, &mut weight).then_some(weight)
    }

    fn writable(self) -> Option<Self> {
        self.weight(262_144)?;
        Some(self.without_proto())
    }

    fn stringify(&self) -> Self {
        let mut json = Vec::new();
        let mut writer = Serializer::with_formatter(&mut json, AsJavaScript);
        let written = shown(self.clone().without_proto().0).serialize(&mut writer);
        written.map(|()| Self(Json::String(String::from_utf8(json).unwrap_or_default()))).unwrap_or_default()
    }

    fn parse_within(&self, levels: u32) -> Option<Self> {
        let text = self.0.as_str()?;
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        let json = Self(serde_json::from_str(&keep_numbers(text)).ok()?);
        weigh(&json.0, levels, usize::MAX, &mut 0).then(|| json.without_proto())
    }

    fn unchecked_claims(&self) -> Option<Self> {
        let decoded = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
        let object = |part: &str| {
            let json: Json = serde_json::from_slice(&decoded(part)?).ok()?;
            json.is_object().then_some(json)
        };
        let parts: Vec<&str> = self.0.as_str()?.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return None;
        };
        decoded(signature)?;
        object(header)?.get("alg")?.as_str()?;
        object(claims).filter(|claims| claims.get("exp").is_none_or(Json::is_number)).map(Self)
    }

    fn digest(&self, how: &str, key: Option<&Self>) -> Self {
        let text = self.as_text().unwrap_or_default();
        digest::digest(&text, how, key.and_then(Self::as_text))
            .map(|text| Self(text.into()))
            .unwrap_or_default()
    }

    fn call(function: u32, arguments: Vec<Self>) -> Option<Self> {
        functions::call(function, arguments)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a time is far from what an integer cannot hold")]
    fn clock(ms: f64) -> Self {
        let (ms, seconds) = (ms as i64, (ms / 1000.0).floor() as i64);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Years begin in March, so that the day that comes and goes is the last: 400 of them have 146,097 days.
        let (era, day) = ((days + 719_468).div_euclid(146_097), (days + 719_468).rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let march = (5 * of_year + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        let year = era * 400 + year + i64::from(month < 3);
        let day = of_year - (153 * march + 2) / 5 + 1;
        let (hour, minute, rest) = (second / 3_600, second / 60 % 60, second % 60);
        let milli = ms.rem_euclid(1_000);
        let iso = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{rest:02}.{milli:03}Z");
        let weekday = (days + 4).rem_euclid(7);
        let fields: [(&str, Json); 5] = [
            ("iso", iso.into()),
            ("seconds", seconds.into()),
            ("ms", ms.into()),
            ("weekday", weekday.into()),
            ("hour", hour.into()),
        ];
        Self(fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    fn parse_date(text: &str) -> Option<f64> {
        let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(since.as_secs_f64() * 1000.0)
    }
}
