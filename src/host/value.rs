//! The seam: what Rust may ask of a JavaScript value.
//!
//! The event, the answers, the config and all that is made of them stay values of the host. Rust reads them through
//! [`Value`] and makes new ones through it, so the wasm holds no JSON code, the event crosses only where an expression
//! reads it, and a claim that is an object passes through untouched. In wasm the seam is a newtype over `JsValue`
//! (`js.rs`), natively one over `serde_json::Value` (`native.rs`); the same tests run against both.
//!
//! What comes in as JSON keeps its numbers and loses its keys `__proto__`; what goes out can be written, is not too deep and
//! not too large. So no one further in has to ask.
//!
//! The rest of the crate names [`Val`], this build's value: an alias spares a type parameter on every struct.

use crate::host::text::{Text, words};

#[cfg(target_arch = "wasm32")]
pub use crate::host::js::Js as Val;
#[cfg(not(target_arch = "wasm32"))]
pub use crate::host::native::Native as Val;

/// From here on a double skips whole numbers.
pub(crate) const FIRST_UNSAFE: f64 = 9_007_199_254_740_992.0;

/// What a value is. `undefined`, functions and symbols of the host count as [`Kind::Null`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`, and whatever is not JSON.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number; always read as `f64`, as JavaScript does.
    Number,
    /// A string.
    Text,
    /// An array.
    List,
    /// A plain object.
    Object,
}

/// How deep a value may be nested that is sent or set.
pub(crate) const DEEPEST: u32 = 100;

/// How deep an answer may be nested.
pub(crate) const DEEPEST_ANSWER: u32 = 64;

/// A JSON-like value. **Reading never fails: what is not there is null.**
///
/// Only own properties are read, so `user.constructor` is null. The default is null.
pub trait Value: Clone + Default {
    /// `true` or `false`.
    fn from_bool(b: bool) -> Self;
    /// A number. Formatting and parsing of numbers is the host's business: core's tables weigh 12 kB.
    fn from_f64(n: f64) -> Self;
    /// A string.
    fn from_text(s: &str) -> Self;
    /// An array.
    fn from_list(items: Vec<Self>) -> Self;
    /// An object, its keys in this order. The key `__proto__` is left out: the host would not take it as a key.
    fn from_object(entries: Vec<(&str, Self)>) -> Self;
    /// An object with these fields, in this order.
    fn from_fields(fields: Vec<(&Text, Self)>) -> Self {
        Self::from_object(fields.into_iter().map(|(name, value)| (&**name, value)).collect())
    }
    /// The same, without the fields whose value is null.
    fn from_present(fields: Vec<(&Text, Self)>) -> Self {
        Self::from_fields(fields.into_iter().filter(|(_, value)| !value.is_null()).collect())
    }
    /// What this is.
    fn kind(&self) -> Kind;
    /// An own field of an object; null for anything else.
    fn get(&self, key: &str) -> Self;
    /// The same, by a name that both sides hold.
    fn field(&self, name: &Text) -> Self {
        self.get(name)
    }
    /// This object of our own making, with one field more or changed.
    fn with(self, key: &str, value: Self) -> Self;
    /// The same, but only a reader that names the field sees it: it is not among the keys, and not in the JSON.
    fn with_hidden(self, key: &str, value: Self) -> Self;
    /// An element of a list; null beyond its end or for anything else.
    fn at(&self, index: usize) -> Self;
    /// How many elements a list has; 0 for anything else.
    fn len(&self) -> usize;
    /// The own keys of an object in its order; none for anything else.
    fn keys(&self) -> Vec<String>;
    /// The own keys of an object that are none of these, which a space parts.
    fn others(&self, keys: &str) -> Vec<String> {
        let left = if keys.is_empty() { Vec::new() } else { words(keys) };
        self.keys().into_iter().filter(|key| !left.contains(&key.as_str())).collect()
    }
    /// A copy of an object without these keys, which a space parts; of anything else, an empty object.
    fn without(&self, keys: &str) -> Self {
        let kept = self.others(keys);
        Self::from_object(kept.iter().map(|k| (k.as_str(), self.get(k))).collect())
    }
    /// A copy of an event without what no one may read: `secrets`, `request.body` and `request.query`, our own record in
    /// `user.app_metadata`, and in `user.identities` each field whose name has `token` or `secret` in it, at any depth; and
    /// the same of the user in `message.data.object`.
    /// In one question, as it is asked at every login.
    fn opened(&self) -> Self;
    /// The secret of this name without the blanks, line ends and byte order mark around it; null where none is set, which
    /// is said of one that is blank or a marker that a deploy tool left as it was, too.
    fn secret(&self, name: &Text) -> Self;
    /// The own keys of an object as a list of strings, without `__proto__`; an empty one for anything else.
    fn names(&self) -> Self;
    /// What is under these keys, as a list.
    fn values(&self) -> Self;
    /// 0 if this is false as JMESPath has it: null, false and what is empty. Else what it took to know: 1, or for an
    /// object how many keys it has. The number 0 is true.
    fn truth(&self) -> usize;
    /// Whether two values are equal as JSON, in whatever order their keys are; and the work that it took. It gives up as
    /// soon as that is more than `most`.
    fn same(&self, other: &Self, most: usize) -> (bool, usize);
    /// About how many bytes this takes as JSON; `None` when it is more than `most`, nested more than [`DEEPEST`] deep, or
    /// has no JSON.
    fn weight(&self, most: usize) -> Option<usize>;
    /// This value as it may be sent or set: without keys `__proto__`. `None` when it is nested more than [`DEEPEST`] deep,
    /// weighs more than 256 KiB or cannot be written.
    fn writable(self) -> Option<Self>;
    /// The text of a string. A lone surrogate becomes U+FFFD.
    fn as_text(&self) -> Option<String>;
    /// The number.
    fn as_f64(&self) -> Option<f64>;
    /// The boolean.
    fn as_bool(&self) -> Option<bool>;
    /// Written as JSON by the host, as `JSON.stringify` writes it, without keys `__proto__`: a string. Null when it cannot
    /// be written.
    fn stringify(&self) -> Self;
    /// A string, read as JSON by the host; `None` when this is no string, not JSON, or nested more than so many levels
    /// deep. **No number becomes another one**: what a double does not hold comes as the string of its digits. Keys
    /// `__proto__` are left out.
    fn parse_within(&self, levels: u32) -> Option<Self>;
    /// The same for a text of the config's or of our own, with room for what we put around a value.
    fn parse_json(&self) -> Option<Self> {
        self.parse_within(DEEPEST + 20)
    }
    /// The claims of a string that is a JWT, read by the host, its signature **unchecked**; `None` unless it is three
    /// parts of base64url, the first two of them JSON objects: a header with an `alg`, and claims whose `exp`, if there
    /// is one, is a number.
    fn unchecked_claims(&self) -> Option<Self>;
    /// A digest of a string's UTF-8, or its HMAC with a key that is a string, by the host: a hash of our own would weigh
    /// 3 kB of the paste. `how` is the algorithm (`sha256`), a blank, and the encoding of what comes out (`hex`); and after
    /// another blank, where the key is no text but bytes, their encoding. The algorithm `text` leaves the text as it is,
    /// `RS256` signs with a private key. Null where the key is none.
    fn digest(&self, how: &str, key: Option<&Self>) -> Self;
    /// The RS256 signature of a string by a private key in PEM, in which `\\n` may stand for a line break: a
    /// character for each byte. Null where the key is none.
    fn rs256(&self, key: &Self) -> Self {
        self.digest("RS256 binary", Some(key))
    }
    /// What a function of expressions gives for arguments that it takes, by its place among those of the host
    /// (`expression/functions.rs`); `None` for a value that it cannot do anything with.
    fn call(function: u32, arguments: Vec<Self>) -> Option<Self>;
    /// This time as expressions read it: `iso`, `seconds`, `ms`, `weekday` (0 is Sunday) and `hour`, all of UTC.
    fn clock(ms: f64) -> Self;
    /// A date of HTTP (`Sun, 06 Nov 1994 08:49:37 GMT`) in milliseconds since 1970, read by the host.
    fn parse_date(text: &str) -> Option<f64>;

    /// How many bytes this takes as JSON. There is room nowhere for what cannot be written.
    fn size(&self) -> usize {
        self.to_json().len()
    }

    /// The same as `stringify`, as a text of ours.
    fn to_json(&self) -> String {
        self.stringify().as_text().unwrap_or_default()
    }

    /// Whether this is null.
    fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether a list has no elements.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements of a list.
    fn items(&self) -> Vec<Self> {
        (0..self.len()).map(|i| self.at(i)).collect()
    }

    /// True as JMESPath has it: everything but null, false and what is empty. The number 0 is true.
    fn is_truthy(&self) -> bool {
        self.truth() > 0
    }
}
