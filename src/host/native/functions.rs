//! The functions of expressions that the host has, natively: what `js-shim/functions.js` does, by the same places.

use super::Native;
use crate::host::text::hex;
use crate::host::value::{Kind, Value};
use base64ct::{Base64, Encoding};
use chrono::NaiveDate;
use md5::Md5;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::cmp::Ordering;

/// In the order of js-shim/functions.js.
const NAMES: [&str; 40] = [
    "contains",
    "ends_with",
    "starts_with",
    "abs",
    "avg",
    "ceil",
    "floor",
    "join",
    "keys",
    "max",
    "max_by",
    "merge",
    "min",
    "min_by",
    "reverse",
    "sort",
    "sort_by",
    "sum",
    "to_array",
    "values",
    "find_first",
    "find_last",
    "from_items",
    "items",
    "lower",
    "pad_left",
    "pad_right",
    "replace",
    "split",
    "trim",
    "trim_left",
    "trim_right",
    "upper",
    "base64",
    "json",
    "md5",
    "percent",
    "seconds",
    "sha256",
    "uuid",
];

const LONGEST: usize = 65_536;

thread_local! {
    /// How many ids have been made. They are the same in each run, so that a simulation can be repeated.
    static MADE: Cell<u64> = const { Cell::new(0) };
}

/// Arguments, by their places.
struct Given(Vec<Native>);

impl Given {
    fn has(&self, at: usize) -> bool {
        at < self.0.len()
    }

    fn value(&self, at: usize) -> Native {
        self.0.get(at).cloned().unwrap_or_default()
    }

    fn text(&self, at: usize) -> String {
        self.value(at).as_text().unwrap_or_default()
    }

    /// The code points of a string.
    fn points(&self, at: usize) -> Vec<char> {
        self.text(at).chars().collect()
    }

    fn number(&self, at: usize) -> f64 {
        self.value(at).as_f64().unwrap_or_default()
    }

    /// A whole number, as far as one matters.
    #[expect(clippy::cast_possible_truncation, reason = "one that is wild saturates")]
    fn whole(&self, at: usize, default: i64) -> i64 {
        if self.has(at) { self.number(at) as i64 } else { default }
    }

    fn items(&self, at: usize) -> Vec<Native> {
        self.value(at).items()
    }

    /// The keys of a sort: those in the second argument, or else the elements themselves.
    fn sort_keys(&self) -> Vec<Native> {
        self.items(usize::from(self.has(1)))
    }
}

fn compare(one: &Native, other: &Native) -> Ordering {
    match (one.as_text(), other.as_text()) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// The first of the largest, or of the smallest.
fn most(given: &Given, wanted: Ordering) -> Native {
    let mut best: Option<(Native, Native)> = None;
    for (key, item) in given.sort_keys().into_iter().zip(given.items(0)) {
        if best.as_ref().is_none_or(|(of, _)| compare(&key, of) == wanted) {
            best = Some((key, item));
        }
    }
    best.map(|(_, item)| item).unwrap_or_default()
}

fn sorted(given: &Given) -> Native {
    let mut pairs: Vec<_> = given.sort_keys().into_iter().zip(given.items(0)).collect();
    pairs.sort_by(|(one, _), (other, _)| compare(one, other));
    Native::from_list(pairs.into_iter().map(|(_, item)| item).collect())
}

fn number(n: f64) -> Option<Native> {
    n.is_finite().then(|| Native::from_f64(n))
}

fn text(text: impl AsRef<str>) -> Native {
    Native::from_text(text.as_ref())
}

fn texts(parts: impl IntoIterator<Item = String>) -> Native {
    Native(parts.into_iter().collect())
}

fn merged(given: &Given) -> Native {
    let mut object = Map::new();
    for of in &given.0 {
        for key in of.others("__proto__") {
            object.insert(key.clone(), of.get(&key).0);
        }
    }
    Native(Json::Object(object))
}

fn from_items(given: &Given) -> Option<Native> {
    let mut object = Map::new();
    for pair in given.items(0) {
        let key = pair.at(0).as_text().filter(|_| pair.len() == 2)?;
        if key != "__proto__" {
            object.insert(key, pair.at(1).0);
        }
    }
    Some(Native(Json::Object(object)))
}

#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "clamped"
)]
fn find(given: &Given, last: bool) -> Native {
    let (points, sought) = (given.points(0), given.points(1));
    let len = points.len() as i64;
    let within = |end: i64| (if end < 0 { end + len } else { end }).clamp(0, len) as usize;
    let (start, end) = (within(given.whole(2, 0)), within(given.whole(3, len)));
    let part = points.get(start..end).unwrap_or_default();
    let mut places =
        part.windows(sought.len().max(1)).enumerate().filter(|(_, part)| *part == sought.as_slice());
    let found = if last { places.next_back() } else { places.next() };
    found.map_or_else(Native::default, |(at, _)| Native(json!(start + at)))
}

fn split(given: &Given, by: &str, count: i64) -> Vec<String> {
    let subject = given.text(0);
    if count == 0 {
        return vec![subject];
    }
    let mut parts: Vec<String> = if by.is_empty() {
        subject.chars().map(String::from).collect()
    } else {
        subject.split(by).map(String::from).collect()
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if parts.len() > count {
        let rest = parts.split_off(count).join(by);
        parts.push(rest);
    }
    parts
}

fn pad(given: &Given, left: bool) -> Option<Native> {
    let width = usize::try_from(given.whole(1, 0)).ok().filter(|width| *width <= LONGEST)?;
    let by = if given.has(2) { given.text(2) } else { " ".into() };
    if by.chars().count() != 1 {
        return None;
    }
    let subject = given.text(0);
    let blanks = by.repeat(width.saturating_sub(subject.chars().count()));
    Some(text(if left { blanks + &subject } else { subject + &blanks }))
}

fn trim(given: &Given, left: bool, right: bool) -> Native {
    let (subject, of) = (given.text(0), given.points(1));
    let goes = |c: char| if of.is_empty() { c.is_whitespace() } else { of.contains(&c) };
    let mut rest = subject.as_str();
    if left {
        rest = rest.trim_start_matches(goes);
    }
    if right {
        rest = rest.trim_end_matches(goes);
    }
    text(rest)
}

fn hash<D: Digest>(given: &Given) -> Option<Native> {
    let digest = D::digest(given.text(0));
    let form = if given.has(1) { given.text(1) } else { "hex".into() };
    match form.as_str() {
        "hex" => Some(text(hex(&digest))),
        "base64" => Some(text(Base64::encode_string(&digest))),
        _ => None,
    }
}

/// A date of ISO 8601 in milliseconds since 1970.
fn seconds(date: &str) -> Option<i64> {
    let digits = |from: usize, to: usize| {
        let part = date.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok())?
    };
    let is = |at: usize, c: u8| date.as_bytes().get(at) == Some(&c);
    // The 30th of February is a day in March, as JavaScript has it.
    let month = NaiveDate::from_ymd_opt(i32::try_from(digits(0, 4)?).ok()?, digits(5, 7)?, 1)?;
    let day = digits(8, 10).filter(|day| (1..32).contains(day))?;
    let day = month.and_hms_opt(0, 0, 0)?.and_utc().timestamp() + i64::from(day - 1) * 86_400;
    if !is(4, b'-') || !is(7, b'-') {
        return None;
    }
    if date.len() == 10 {
        return Some(day * 1000);
    }
    let (hour, minute) = (digits(11, 13)?, digits(14, 16)?);
    if !is(10, b'T') || !is(13, b':') {
        return None;
    }
    let mut at = 16;
    let mut second = 0;
    if is(16, b':') {
        second = digits(17, 19)?;
        at = 19;
        if is(19, b'.') {
            let rest = date.get(20..)?;
            let fraction = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            at = 20 + fraction;
            (fraction > 0).then_some(())?;
        }
    }
    if minute > 59 || second > 59 || hour > 23 && (hour, minute, second) != (24, 0, 0) {
        return None;
    }
    let time = day + i64::from(hour * 3600 + minute * 60 + second);
    let zone = date.get(at..)?;
    if zone == "Z" {
        return Some(time * 1000);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = zone.get(1..)?.split_at_checked(2)?;
    let minutes = rest.strip_prefix(':').unwrap_or(rest);
    let all = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !all(hours) || !all(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    (hours < 24 && minutes < 60).then_some((time - sign * (hours * 3600 + minutes * 60)) * 1000)
}

/// An id as `crypto.randomUUID` makes one, but the same ones in each run.
fn uuid() -> String {
    let made = MADE.get();
    MADE.set(made + 1);
    let mut hex: String = hex(Sha256::digest(made.to_le_bytes()).get(..16).unwrap_or_default());
    hex.replace_range(12..13, "4");
    hex.replace_range(16..17, "a");
    for at in [20, 16, 12, 8] {
        hex.insert(at, '-');
    }
    hex
}

/// What the function at this place gives.
pub(super) fn call(function: u32, arguments: Vec<Native>) -> Option<Native> {
    let given = Given(arguments);
    let name = NAMES.get(usize::try_from(function).ok()?)?;
    Some(match *name {
        "contains" => {
            Native::from_bool(given.value(1).kind() == Kind::Text && given.text(0).contains(&given.text(1)))
        }
        "ends_with" => Native::from_bool(given.text(0).ends_with(&given.text(1))),
        "starts_with" => Native::from_bool(given.text(0).starts_with(&given.text(1))),
        "abs" => number(given.number(0).abs())?,
        "ceil" => number(given.number(0).ceil())?,
        "floor" => number(given.number(0).floor())?,
        "sum" => number(total(&given))?,
        "avg" if given.items(0).is_empty() => Native::default(),
        #[expect(clippy::cast_precision_loss, reason = "no list has 2^53 elements")]
        "avg" => number(total(&given) / given.items(0).len() as f64)?,
        "join" => {
            let parts: Vec<_> =
                given.items(1).iter().map(|item| item.as_text().unwrap_or_default()).collect();
            text(parts.join(&given.text(0)))
        }
        "keys" => given.value(0).names(),
        "values" => given.value(0).values(),
        "items" => {
            let object = given.value(0);
            let pair = |key: &Native| {
                Native::from_list(vec![key.clone(), object.get(&key.as_text().unwrap_or_default())])
            };
            Native::from_list(object.names().items().iter().map(pair).collect())
        }
        "from_items" => from_items(&given)?,
        "merge" => merged(&given),
        "max" | "max_by" => most(&given, Ordering::Greater),
        "min" | "min_by" => most(&given, Ordering::Less),
        "sort" | "sort_by" => sorted(&given),
        "reverse" if given.value(0).kind() == Kind::Text => {
            text(given.points(0).into_iter().rev().collect::<String>())
        }
        "reverse" => Native::from_list(given.items(0).into_iter().rev().collect()),
        "to_array" if given.value(0).kind() == Kind::List => given.value(0),
        "to_array" => Native::from_list(vec![given.value(0)]),
        "find_first" | "find_last" => find(&given, *name == "find_last"),
        "lower" => text(given.text(0).to_lowercase()),
        "upper" => text(given.text(0).to_uppercase()),
        "pad_left" | "pad_right" => pad(&given, *name == "pad_left")?,
        "replace" => {
            let parts = split(&given, &given.text(1), given.whole(3, i64::MAX));
            let to = given.text(2);
            (parts.len() * to.encode_utf16().count() <= LONGEST).then(|| text(parts.join(&to)))?
        }
        "split" => texts(split(&given, &given.text(1), given.whole(2, i64::MAX))),
        "trim" => trim(&given, true, true),
        "trim_left" => trim(&given, true, false),
        "trim_right" => trim(&given, false, true),
        "base64" => text(Base64::encode_string(given.text(0).as_bytes())),
        "json" => given.value(0).parse_within(100).unwrap_or_default(),
        "md5" => hash::<Md5>(&given)?,
        "sha256" => hash::<Sha256>(&given)?,
        "percent" => {
            let digest = Sha256::digest(given.text(0));
            let first = digest.iter().take(6).fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
            Native(json!(first % 100))
        }
        "seconds" => seconds(&given.text(0)).map_or_else(Native::default, |ms| Native(json!(ms))),
        "uuid" => text(uuid()),
        _ => return None,
    })
}

fn total(given: &Given) -> f64 {
    given.items(0).iter().filter_map(Value::as_f64).fold(0.0, |sum, number| sum + number)
}
