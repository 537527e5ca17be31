//! What one login did, told by the driver: the facts that the invariants judge.

use super::systems::Fault;
use login_sync::{Answer, Command, Request, Trigger, Value, Vouched};
use serde_json::Value as Json;
use std::fmt::Write;

/// One login.
pub struct Story {
    /// Its number.
    pub login: u32,
    /// Whose it is.
    pub person: usize,
    /// Which flow it is.
    pub trigger: Trigger,
    /// Whether that is one after a registration or a new password, which asks for nothing.
    pub registration: bool,
    /// What the user chose for this login.
    pub plan: Option<String>,
    /// `user.phone_number` is there.
    pub phone: bool,
    /// The request comes from Europe.
    pub europe: bool,
    /// Somebody sits in front of Auth0's page.
    pub interactive: bool,
    /// The factor that the user has.
    pub factor: Option<&'static str>,
    /// A deny rule applies to it, and says this.
    pub denied_by_rule: Option<&'static str>,
    /// `user.app_metadata` of its event.
    pub metadata: Json,
    /// The tick and the wall clock of its start.
    pub started: f64,
    /// See above.
    pub wall: f64,
    /// Per system: whether the guard could say no when it did anything.
    pub may_be_refused: Vec<bool>,
    /// The requests it sent.
    pub calls: Vec<Call>,
    /// The waits it asked for.
    pub waits: Vec<Wait>,
    /// A login whose call it waited for, and which ended that call without telling.
    pub unheard: Option<u32>,
    /// Its end, once there is one.
    pub end: Option<End>,
}

/// A request and what became of it.
pub struct Call {
    /// To which system.
    pub system: usize,
    /// When.
    pub tick: f64,
    /// What the wall clock said.
    pub wall: f64,
    /// What was left of the login's budget.
    pub left: f64,
    /// The request.
    pub request: Request,
    /// It repeats the call before it at once, whose connection was stale.
    pub after_stale: bool,
    /// It is the first of its sync, or of getting a token.
    pub begins: bool,
    /// It gets a token while a good one is kept.
    pub needless: bool,
    /// It follows a refusal of the secret, with another one.
    pub rotated: bool,
    /// Until when the guard had said no.
    pub refused_until: Option<f64>,
    /// Another login that was making the same call, where calls may be shared.
    pub rival: Option<u32>,
    /// Another login, or another system of this one, that had used the same idempotency key.
    pub key_of: Option<(u32, usize)>,
    /// The token that it is signed with had been used before.
    pub token_seen: bool,
    /// What it was not waited for: when it comes, and what.
    pub late: Option<(f64, Answer)>,
    /// What came back.
    pub reply: Option<Arrived>,
}

/// An answer, or none, as it arrived.
pub struct Arrived {
    /// When.
    pub tick: f64,
    /// What had gone wrong.
    pub fault: Fault,
    /// The status, 0 without one.
    pub status: u16,
    /// What this outcome is called; `stale` for a connection that had been closed.
    pub means: &'static str,
    /// Whether it may pass by itself.
    pub may_pass: bool,
    /// How long the system asked to be left alone, in milliseconds.
    pub retry_after: Option<f64>,
    /// Whether it was known of this person that they fail.
    pub known: bool,
    /// It refuses a token, and another one would be got in vain.
    pub in_vain: bool,
    /// What a good answer holds.
    pub body: Json,
}

/// A wait.
pub struct Wait {
    /// The call of this login that it follows; none for one who waits for another login's call.
    pub after: Option<usize>,
    /// When it was asked for.
    pub tick: f64,
    /// How long.
    pub ms: u32,
    /// What was left of the login's budget.
    pub left: f64,
    /// It is for another login's call, and there is none.
    pub for_no_one: bool,
    /// Whether the breaker was open.
    pub while_open: bool,
}

/// How a login ended.
pub struct End {
    /// When.
    pub tick: f64,
    /// What its records of freshness depend on.
    pub vouched: Vouched,
    /// Auth0 refuses the keys of metadata of the system of this number.
    pub refused_key: Option<usize>,
    /// What it asks of Auth0.
    pub commands: Vec<Command>,
    /// Its line.
    pub log: String,
    /// What was still open or asked for then.
    pub left_over: usize,
    /// How many logins the engine held, and how many the driver did.
    pub held: (usize, usize),
    /// Answers and bytes that the engine keeps.
    pub kept: (usize, usize),
}

impl Call {
    /// Whether nothing follows its answer.
    pub fn is_final(&self) -> bool {
        matches!(self.means(), Some("ok" | "rejected" | "conflict" | "invalid"))
    }

    /// What its answer means, once it has come.
    pub fn means(&self) -> Option<&'static str> {
        self.reply.as_ref().map(|reply| reply.means)
    }
}

impl End {
    /// Whether Auth0 refuses this key of metadata. Our own it takes.
    pub fn refuses(&self, key: &str) -> bool {
        self.refused_key.is_some_and(|number| key == format!("s{number}_user"))
    }

    /// Whether it refuses anything that it is asked to write.
    pub fn refuses_metadata(&self) -> bool {
        self.commands
            .iter()
            .any(|command| matches!(command, Command::AppMetadata(key, _) if self.refuses(key)))
    }
}

impl Story {
    /// The system's calls, in order.
    pub fn calls_to(&self, system: usize) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.system == system)
    }

    /// The same, of the last sync, or the last time that a token was got.
    pub fn last_run(&self, system: usize) -> impl Iterator<Item = &Call> {
        let calls: Vec<_> = self.calls_to(system).collect();
        let first = calls.iter().rposition(|call| call.begins).unwrap_or_default();
        calls.into_iter().skip(first)
    }

    /// Whether it waited for another login's call.
    pub fn followed(&self) -> bool {
        self.waits.iter().any(|wait| wait.after.is_none())
    }

    /// What happened, one line each, times from its start.
    pub fn tell(&self) -> String {
        let mut lines: Vec<(f64, String)> = Vec::new();
        for (number, call) in self.calls.iter().enumerate() {
            let request = &call.request;
            let sent = format!(
                "#{number} {} {}{} within {} ms, key {}",
                request.method,
                request.url.host,
                request.url.path,
                request.timeout_ms,
                super::systems::header(request, "idempotency-key"),
            );
            lines.push((call.tick, sent));
            if let Some(reply) = &call.reply {
                let asked = reply.retry_after.map_or(String::new(), |ms| format!(", retry after {ms} ms"));
                lines.push((
                    reply.tick,
                    format!("#{number} {:?}: {} {}{asked}", reply.fault, reply.means, reply.status),
                ));
            }
        }
        for wait in &self.waits {
            let why =
                wait.after.map_or("for another login's call".to_string(), |call| format!("after #{call}"));
            lines.push((wait.tick, format!("waits {} ms {why}", wait.ms)));
        }
        if let Some(end) = &self.end {
            lines.push((end.tick, end.log.clone()));
            for command in &end.commands {
                lines.push((end.tick, describe(command)));
            }
        }
        lines.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut out = format!(
            "{} {} of person {}, plan {:?}, phone {}, europe {}, at tick {:.1}, wall {:.0}\n",
            self.trigger.name(),
            self.login,
            self.person,
            self.plan,
            self.phone,
            self.europe,
            self.started,
            self.wall
        );
        for (tick, line) in lines {
            let _ = writeln!(out, "  {:>9.1} ms  {line}", tick - self.started);
        }
        out
    }
}

fn describe(command: &Command) -> String {
    let short = |json: String| json.chars().take(100).collect::<String>();
    match command {
        Command::IdTokenClaim(name, value) => format!("id token {name} = {}", short(value.to_json())),
        Command::AccessTokenClaim(name, value) => format!("access token {name} = {}", short(value.to_json())),
        Command::AppMetadata(key, value) => format!("app_metadata {key} = {}", short(value.to_json())),
        Command::UserMetadata(key, value) => format!("user_metadata {key} = {}", short(value.to_json())),
        Command::SamlAttribute(name, value) => format!("saml {name} = {}", short(value.to_json())),
        Command::AddScope(scope) => format!("adds the scope {scope}"),
        Command::RemoveScope(scope) => format!("removes the scope {scope}"),
        Command::Multifactor(provider, _) => format!("multifactor {provider}"),
        Command::Challenge(factor, _) => format!("challenge {}", short(factor.to_json())),
        Command::Enroll(factor, _) => format!("enroll {}", short(factor.to_json())),
        Command::Deny(reason, _) => format!("deny: {reason}"),
    }
}
