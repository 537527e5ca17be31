//! Access tokens that entries send: what an admin writes for one, what its endpoint gives, and that it is asked for once.
//!
//! A source of tokens is a system like the others. It is got for all users, and no flow runs it: entries do.

use super::invariants::{LATE_MS, hold};
use super::plan::{Auth, Plan, Shape, SystemPlan};
use super::story::{Call, Story};
use super::systems::{Fault, header};
use super::world::{Issued, World};
use fastrand::Rng;
use login_sync::Now;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Whose a token is: all are one to its endpoint.
pub const ALL: usize = usize::MAX;
/// This is in every access token, and in nothing else.
pub const MARK: &str = "CANARY-access-";
/// A new token was refused as well: so long no 401 is followed by another one.
const IN_VAIN_MS: f64 = 60_000.0;

impl Plan {
    /// Has some of these entries send a token, which several may share. Those that are reused send none.
    pub fn send_tokens(&mut self, rng: &mut Rng, entries: &mut [Json]) {
        let (own, most) = (self.systems.len(), rng.usize(1..3));
        for (number, entry) in entries.iter_mut().enumerate() {
            let system = &self.systems[number];
            let preset = !matches!(system.shape, Shape::Post | Shape::Get);
            if preset || system.reuse || system.auth == Auth::Jwt || rng.u8(0..4) == 0 {
                continue;
            }
            let source = match own + rng.usize(0..most) {
                source if source < self.systems.len() => source,
                _ => self.add_source(rng),
            };
            let header = json!({"authorization": {"token": self.systems[source].name}});
            entry["request"]["headers"] = header;
            self.systems[number].auth = Auth::Token(source);
            self.systems[number].keys.clear();
            self.sources = self.systems.len() - own;
        }
    }

    /// A source of tokens more. Its number.
    fn add_source(&mut self, rng: &mut Rng) -> usize {
        let name = format!("t{}", self.systems.len());
        let mut system = SystemPlan::any(rng, Shape::Source, name, self.budget_ms);
        (system.on_login, system.reuse) = (false, true);
        system.timeout_ms = self.budget_ms.min(2_000);
        system.token = Some("access_token");
        for key in 0..rng.usize(1..=2) {
            system.keys.push(self.secret(rng, &format!("{}_SECRET_{key}", system.name)));
        }
        self.systems.push(system);
        self.systems.len() - 1
    }

    /// How its tokens are named in the document, and where they come from.
    pub fn written_sources(&self) -> Json {
        let written = |system: &SystemPlan| {
            let names = (0..system.keys.len()).map(|key| format!("{}_SECRET_{key}", system.name));
            let names: Vec<_> = names.collect();
            let url = format!("https://{}/token", system.host);
            (system.name.clone(), json!({"url": url, "clientId": "CLIENT", "clientSecret": names}))
        };
        let sources = &self.systems[self.systems.len() - self.sources..];
        Json::Object(sources.iter().map(written).collect())
    }

    /// The number of the system that the engine numbers so: to it the sources are the first.
    pub fn system_of(&self, index: usize) -> usize {
        (index + self.systems.len() - self.sources) % self.systems.len()
    }

    /// The engine's number of this system.
    pub fn index_of(&self, system: usize) -> usize {
        (system + self.sources) % self.systems.len()
    }
}

/// What an endpoint gives: a token that lives for a while, or one that is none.
pub fn given(rng: &mut Rng, name: &str, fault: Fault) -> Json {
    if fault == Fault::BadToken {
        return [json!(""), json!(7), json!({}), json!(format!("{MARK} {name}")), json!(format!("{MARK}ä"))]
            .get(rng.usize(0..5))
            .map_or(Json::Null, |token| json!({"access_token": token, "expires_in": 3_600}));
    }
    let mut given = json!({"access_token": format!("{MARK}{name}-{:016x}", rng.u64(..))});
    match rng.u8(0..8) {
        _ if fault == Fault::Expired => given["expires_in"] = json!(0),
        0 => {}
        1 => given["expires_in"] = json!("soon"),
        2 | 3 => given["expires_in"] = json!(rng.u32(1..70)),
        4 | 5 => given["expires_in"] = json!(rng.u32(60..900).to_string()),
        _ => given["expires_in"] = json!(rng.u32(900..200_000)),
    }
    given
}

/// What the instance has of its tokens.
#[derive(Default)]
pub struct Tokens {
    /// By source: the newest, as long as no one was refused with it.
    kept: HashMap<usize, String>,
    /// By source.
    in_vain_until: HashMap<usize, f64>,
}

impl Tokens {
    /// Nothing is known any more of what is kept: the clock was set, or the memory is full.
    pub fn lose_sight(&mut self) {
        self.kept.clear();
    }

    /// A source has given one.
    pub fn came(&mut self, system: usize, body: &Json, now: Now) -> (String, Issued) {
        let token = body["access_token"].as_str().unwrap_or_default().to_string();
        let life = &body["expires_in"];
        let life = life.as_f64().or_else(|| life.as_str()?.parse().ok());
        let kept_ms = life.map_or(900_000.0, |seconds: f64| seconds * 750.0).min(86_400_000.0);
        let expires = Some(now.wall + kept_ms);
        self.kept.insert(system, token.clone());
        (token, Issued { system, id: String::new(), plan: None, expires, tick: now.tick, wall: now.wall })
    }

    /// A system said 401 to this call, and to as many `before` it in this login. Whether another token would be got in vain.
    pub fn refused(&mut self, source: usize, call: &Call, before: usize, tick: f64) -> bool {
        let in_vain_until = self.in_vain_until.entry(source).or_default();
        if before > 0 {
            *in_vain_until = tick + IN_VAIN_MS;
        }
        let in_vain = *in_vain_until > tick;
        if !in_vain && self.kept.get(&source).is_some_and(|kept| kept == sent(call)) {
            self.kept.remove(&source);
        }
        in_vain
    }

    /// Whether there is one of this source that is good.
    pub fn has(&self, source: usize, issued: &HashMap<String, Issued>, wall: f64) -> bool {
        let kept = self.kept.get(&source).and_then(|token| issued.get(token));
        kept.is_some_and(|token| wall >= token.wall && token.expires.is_some_and(|until| wall < until))
    }
}

/// The token that a call sends.
pub fn sent(call: &Call) -> &str {
    header(&call.request, "authorization").strip_prefix("Bearer ").unwrap_or_default()
}

pub fn one_token(world: &World, story: &Story) -> Result<(), String> {
    for (number, system) in world.plan.systems.iter().enumerate() {
        let calls: Vec<_> = story.calls_to(number).collect();
        hold!(calls.iter().all(|call| !call.needless), "{} was asked, and a good token is kept", system.name);
        let Auth::Token(source) = system.auth else { continue };
        for (at, call) in calls.iter().enumerate() {
            let token = world.issued.get(sent(call)).filter(|token| token.system == source);
            let token = token.ok_or_else(|| format!("{} got a token of another source", system.name))?;
            let before = at.checked_sub(1).map(|at| calls[at]);
            let refused = before.and_then(|before| before.reply.as_ref()).filter(|reply| reply.status == 401);
            if let Some((before, refused)) = before.zip(refused) {
                hold!(sent(before) != sent(call), "{} got a token again that it refused", system.name);
                hold!(
                    !refused.in_vain,
                    "another token for {}, and for a minute that is in vain",
                    system.name
                );
            } else if before.is_some() {
                continue;
            }
            // Used until its last minute, if it does not come just now.
            let (age, kept) = (call.wall - token.wall, token.expires.unwrap_or_default() - token.wall);
            let most = kept + (kept / 3.0 - 60_000.0).max(0.0);
            let good = (age >= 0.0 && age < most) || call.tick - token.tick <= LATE_MS;
            hold!(good, "{} got a token {age} ms old, and it was good for {most}", system.name);
        }
    }
    Ok(())
}
