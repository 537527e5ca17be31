//! The other systems: what they answer, and all the ways in which they fail.
//!
//! **Every answer carries the user and the plan of the request it was made for**, so that one that reaches another
//! login can be told.

use super::configs::jwt;
use super::people::CANARY;
use super::plan::{Auth, Shape, SystemPlan};
use super::tokens::given;
use base64ct::{Base64UrlUnpadded, Encoding};
use fastrand::Rng;
use login_sync::{Answer, Request, STALE, TIMEOUT, TOO_LARGE, Val, Value};
use serde_json::{Value as Json, json};
use std::time::{Duration, UNIX_EPOCH};

/// The kinds of fault, and how often each comes in a thousand answers: of a system that is well, one that is shaky, one
/// that is down, and one that answers wrong.
pub const FAULTS: [(Fault, [u16; 4]); 16] = [
    (Fault::None, [956, 477, 0, 245]),
    (Fault::Slow, [10, 60, 0, 50]),
    (Fault::Silent, [4, 60, 350, 0]),
    (Fault::Drip, [2, 40, 50, 0]),
    (Fault::Reset, [2, 60, 100, 0]),
    (Fault::Refused, [2, 60, 200, 0]),
    (Fault::NoSuchHost, [1, 20, 50, 0]),
    (Fault::Stale, [6, 60, 0, 0]),
    (Fault::Busy, [3, 60, 150, 50]),
    (Fault::Status, [5, 60, 100, 200]),
    (Fault::NotJson, [1, 10, 0, 100]),
    (Fault::WrongShape, [1, 10, 0, 100]),
    (Fault::BadToken, [2, 5, 0, 100]),
    (Fault::Expired, [2, 5, 0, 80]),
    (Fault::Huge, [1, 8, 0, 45]),
    (Fault::TooLarge, [2, 5, 0, 30]),
];

/// A way to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// None: the answer is what it must be.
    None,
    /// The same, late; often too late.
    Slow,
    /// Nothing comes.
    Silent,
    /// The head comes at once, the body a byte at a time, beyond every timeout.
    Drip,
    /// The connection breaks.
    Reset,
    /// No one listens.
    Refused,
    /// The name cannot be resolved.
    NoSuchHost,
    /// A kept-alive connection that had been closed.
    Stale,
    /// 429 or 503 with some `Retry-After`.
    Busy,
    /// Any status.
    Status,
    /// 200, and a body that is no JSON.
    NotJson,
    /// 200, and JSON that is not what was meant.
    WrongShape,
    /// 200, and a token that is none.
    BadToken,
    /// 200, and a token that has expired.
    Expired,
    /// 200, and far more than fits into a token.
    Huge,
    /// More than the shim reads.
    TooLarge,
}

/// How a system is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weather {
    /// It is well.
    Calm,
    /// It fails in every way.
    Shaky,
    /// It gives no useful answer at all.
    Down,
    /// It answers, and wrong.
    Wrong,
}

/// A system behind its host.
pub struct FakeSystem {
    /// How it is just now.
    pub weather: Weather,
    /// The keys that it takes.
    pub accepts: Vec<String>,
    /// It refuses access tokens whose last digit is less than this, of 16.
    pub revoked: u32,
    /// So many bytes of its tokens say nothing.
    pub padding: usize,
}

/// What happens to a request.
pub struct Reply {
    /// After how many milliseconds.
    pub after_ms: f64,
    /// What the shim hands to the engine.
    pub answer: Answer,
    /// What went wrong.
    pub fault: Fault,
    /// When the token in it expires, in milliseconds since 1970.
    pub expires: Option<f64>,
}

impl FakeSystem {
    /// A system that takes some of the keys that the config has for it.
    pub fn any(rng: &mut Rng, plan: &SystemPlan) -> Self {
        let mut accepts = plan.keys.clone();
        if rng.u8(0..3) == 0 && !accepts.is_empty() {
            let kept = rng.usize(0..accepts.len());
            accepts = vec![accepts.swap_remove(kept)];
        }
        if rng.u8(0..30) == 0 {
            accepts.clear();
        }
        Self { weather: Weather::Calm, accepts, revoked: 0, padding: 0 }
    }

    /// The weather changes.
    pub fn turn(&mut self, rng: &mut Rng) {
        self.weather = match rng.u8(0..8) {
            0..4 => Weather::Calm,
            4 | 5 => Weather::Shaky,
            6 => Weather::Down,
            _ => Weather::Wrong,
        };
        self.revoked = [16, 8, 4].get(rng.usize(0..9)).copied().unwrap_or_default();
    }

    /// What happens to this request. `time` is the true time, which is not always what the engine's clock says.
    pub fn reply(&self, rng: &mut Rng, plan: &SystemPlan, request: &Request, time: f64) -> Reply {
        let fault = fault(rng, self.weather);
        let quick = f64::from(rng.u32(2..400));
        let error = |after_ms: f64, code: &str| Reply {
            after_ms,
            answer: Answer { error: Some(code.to_string()), ..Answer::default() },
            fault,
            expires: None,
        };
        match fault {
            Fault::Silent | Fault::Drip => return error(f64::INFINITY, TIMEOUT),
            Fault::Reset => return error(quick, "ECONNRESET"),
            Fault::Refused => return error(1.0, "ECONNREFUSED"),
            Fault::NoSuchHost => return error(5.0, "ENOTFOUND"),
            Fault::Stale => return error(0.2, STALE),
            Fault::TooLarge => return error(quick, TOO_LARGE),
            _ => {}
        }
        let after_ms = if fault == Fault::Slow { f64::from(rng.u32(400..9_000)) } else { quick };
        let mut reply = Reply { after_ms, answer: Answer::default(), fault, expires: None };
        let mut say = |status: u16, body: &str| {
            reply.answer.status = status;
            reply.answer.body = Val::from_text(body);
        };
        if !self.knows(plan, request) {
            let status = if plan.is_source() { [400, 401, 403][rng.usize(0..3)] } else { 401 };
            say(status, &format!("{{\"message\":\"wrong key {CANARY}\"}}"));
            return reply;
        }
        match fault {
            Fault::Busy => {
                say([429, 503][rng.usize(0..2)], CANARY);
                reply.answer.retry_after = Some(any_retry_after(rng, time));
            }
            Fault::Status => {
                let down = self.weather == Weather::Down;
                say(any_status(rng, down), &format!("{{\"message\":\"{CANARY}\"}}"));
            }
            Fault::NotJson => {
                let texts = ["", "<html>CANARY</html>", "{\"id\":", "ok CANARY", "\u{feff}{}", "{} {}"];
                say(200, texts[rng.usize(0..texts.len())]);
            }
            Fault::WrongShape if plan.is_source() && rng.bool() => say(200, "{\"error\":\"CANARY\"}"),
            Fault::WrongShape => {
                let texts =
                    ["null", "[]", "{}", "42", "\"CANARY\"", "[{\"id\":\"CANARY\"}]", "{\"token\":{}}"];
                say(200, texts[rng.usize(0..texts.len())]);
            }
            _ if plan.is_source() => say(200, &given(rng, &plan.name, fault).to_string()),
            _ => good(rng, plan, request, (time, self.padding), &mut reply),
        }
        reply
    }

    /// Whether the request proves itself with a key that this system takes.
    fn knows(&self, plan: &SystemPlan, request: &Request) -> bool {
        match plan.auth {
            Auth::Bearer => {
                let key = header(request, "authorization").strip_prefix("Bearer ").unwrap_or_default();
                self.accepts.iter().any(|accepted| accepted == key)
            }
            Auth::Header(name) => self.accepts.iter().any(|accepted| accepted == header(request, name)),
            Auth::Form => {
                let body = request.body.as_deref().unwrap_or_default();
                self.accepts.iter().any(|accepted| body.contains(&format!("client_secret={accepted}")))
            }
            Auth::Token(_) => {
                let digit = header(request, "authorization").chars().last().and_then(|c| c.to_digit(16));
                digit.is_some_and(|digit| digit >= self.revoked)
            }
            // Whether its token is right is for an invariant to say.
            Auth::Jwt => !self.accepts.is_empty(),
        }
    }
}

/// An answer that is what it must be, but for its token or its size.
fn good(
    rng: &mut Rng,
    plan: &SystemPlan,
    request: &Request,
    (time, padding): (f64, usize),
    reply: &mut Reply,
) {
    let (id, choice) = made_for(plan, request);
    let seconds = (time / 1_000.0).floor();
    let lifetime = match (reply.fault, rng.u8(0..8)) {
        (Fault::Expired, _) => -f64::from(rng.u32(0..100_000)),
        (_, 0) => f64::from(rng.u32(1..70)),
        (_, 1 | 2) => f64::from(rng.u32(60..400)),
        (_, 3) => 3e9,
        _ => f64::from(rng.u32(600..90_000)),
    };
    let mut claims =
        json!({"sub": id, "plan": choice, "of": plan.name, "n": rng.u64(..), "pad": "x".repeat(padding)});
    if rng.u8(0..12) > 0 || reply.fault == Fault::Expired {
        let expires = seconds + lifetime;
        claims["exp"] = Val::from_f64(expires).0;
        reply.expires = Some(expires * 1_000.0);
    }
    let token = match reply.fault {
        Fault::BadToken => {
            ["", CANARY, "a.b.c", "e30.e30", "e30.e30.!", "bnVsbA.bnVsbA.e30"][rng.usize(0..6)].to_string()
        }
        _ => jwt(&claims),
    };
    let mut body = json!({"id": id, "plan": choice, "name": CANARY});
    if let Some(field) = plan.token {
        body[field] = json!(token);
    }
    if reply.fault == Fault::Huge {
        body["name"] = json!(CANARY.repeat(rng.usize(10_000..20_000)));
    }
    reply.answer.status = if plan.success.is_empty() {
        [200, 200, 201][rng.usize(0..3)]
    } else {
        plan.success[rng.usize(0..3)]
    };
    reply.answer.body = Val::from_text(&body.to_string());
}

/// The value of a header, empty without one.
pub fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value.as_str())
}

/// For whom a request is, as a system reads it: user and plan.
pub fn made_for(plan: &SystemPlan, request: &Request) -> (String, Option<String>) {
    let body = || serde_json::from_str::<Json>(request.body.as_deref().unwrap_or("null")).unwrap_or_default();
    let text = |value: &Json| value.as_str().map(str::to_string);
    match plan.shape {
        Shape::Post if plan.anonymous => (subject(header(request, "authorization")), text(&body()["plan"])),
        Shape::Post => (text(&body()["id"]).unwrap_or_default(), text(&body()["plan"])),
        Shape::Cleeng => (text(&body()["auth0Id"]).unwrap_or_default(), text(&body()["plan"])),
        Shape::Workflows => (text(&body()["user"]["user_id"]).unwrap_or_default(), None),
        Shape::Get => {
            let path = request.url.path.strip_prefix("/users/").unwrap_or_default();
            let (id, plan) = path.split_once("?plan=").unwrap_or_default();
            (decoded(id), Some(decoded(plan)))
        }
        Shape::Source => (String::new(), None),
        Shape::UserHub => {
            let path = request.url.path.strip_prefix("/admin/v1/users/").unwrap_or_default();
            (decoded(path.strip_suffix("@conn_x:import").unwrap_or_default()), None)
        }
    }
}

/// Whom a signed token speaks of.
fn subject(header: &str) -> String {
    let claims = header.split('.').nth(1).and_then(|part| Base64UrlUnpadded::decode_vec(part).ok());
    let claims: Json = serde_json::from_slice(&claims.unwrap_or_default()).unwrap_or_default();
    claims["sub"].as_str().unwrap_or_default().to_string()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        out.push(u8::from_str_radix(code, 16).expect("percent-encoding is two hex digits"));
        out.extend(rest.as_bytes());
    }
    String::from_utf8(out).expect("what is encoded is a text")
}

fn fault(rng: &mut Rng, weather: Weather) -> Fault {
    let column = match weather {
        Weather::Calm => 0,
        Weather::Shaky => 1,
        Weather::Down => 2,
        Weather::Wrong => 3,
    };
    let mut at = rng.u16(0..1_000);
    for (fault, weights) in FAULTS {
        match at.checked_sub(weights[column]) {
            Some(rest) => at = rest,
            None => return fault,
        }
    }
    Fault::None
}

fn any_status(rng: &mut Rng, down: bool) -> u16 {
    let down_only = [408, 425, 429, 500, 501, 502, 503, 504, 507, 520, 599];
    let others =
        [100, 204, 206, 301, 302, 303, 304, 307, 400, 401, 402, 403, 404, 405, 409, 410, 413, 418, 422, 451];
    if down || rng.u8(0..3) == 0 {
        down_only[rng.usize(0..down_only.len())]
    } else {
        others[rng.usize(0..others.len())]
    }
}

/// Seconds, a date, and what is neither.
fn any_retry_after(rng: &mut Rng, time: f64) -> String {
    let date = |seconds: f64| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs_f64(seconds));
    match rng.u8(0..12) {
        0..3 => rng.u32(0..3).to_string(),
        3 => rng.u32(3..10).to_string(),
        4 => "120".to_string(),
        5 => "99999999999999999999".to_string(),
        6 | 7 => date(time / 1_000.0 + f64::from(rng.u32(0..4))),
        8 => date(time / 1_000.0 - 3_600.0),
        9 => date(7_258_118_400.0 + f64::from(rng.u32(..))),
        10 => [" 1 ", "1.5", "-1", "+1", "", "soon CANARY", "Thu, 99 Foo 2026 10:00:00 GMT"][rng.usize(0..7)]
            .to_string(),
        _ => "Sunday, 06-Nov-94 08:49:37 GMT".to_string(),
    }
}
