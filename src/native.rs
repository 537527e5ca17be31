//! The seam outside wasm: `serde_json` behind [`Value`], for native tests, simulation and fuzzing.

use crate::value::{Kind, Value};
use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{Algorithm, AlgorithmSignature};
use serde_json::{Number, Value as Json};
use sha2::{Digest, Sha256};
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

    fn stringify(&self) -> Self {
        Self(Json::String(shown(self.0.clone()).to_string()))
    }

    fn parse_json(&self) -> Option<Self> {
        serde_json::from_str(self.0.as_str()?).ok().map(Self)
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

    fn sha256(&self, key: Option<&Self>) -> [u8; 32] {
        let text = self.as_text().unwrap_or_default();
        match key.and_then(Self::as_text) {
            Some(key) => Hs256.sign(&Hs256Key::new(key), text.as_bytes()).as_bytes().as_ref().try_into(),
            None => Sha256::digest(text).as_slice().try_into(),
        }
        .unwrap_or_default()
    }

    fn parse_date(text: &str) -> Option<f64> {
        let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(since.as_secs_f64() * 1000.0)
    }
}
