//! **The failure policy: what holds for every login, whatever the other systems, the clock and the other logins do.**
//!
//! [`INVARIANTS`] is the list. `conduct.rs`, `outcomes.rs` and `takings.rs` judge it from the facts of one login.

use super::conduct::{
    asks_fit, ends_in_time, guard_holds, heeds_retry_after, idempotency, leaves_nothing, memory_is_bounded,
    one_call_at_once, secrets_stay, tries_are_limited,
};
use super::links::{order_is_kept, shadow_touches_nothing};
use super::outcomes::{
    fresh_costs_nothing, outcomes_are_true, outputs_hold_no_secret, policy_is_obeyed, wrong_config_denies,
};
use super::story::{End, Story};
use super::takings::{answers_are_own, auth0_takes_it, tokens_are_good};
use super::tokens::one_token;
use super::world::World;
use std::collections::BTreeMap;

/// Something that always holds.
pub struct Invariant {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// Whether it holds for a login that has just ended; else what happened instead.
    pub holds: fn(&World, &Story) -> Result<(), String>,
}

/// The host's timers are at most this late, in milliseconds. A login may end twice that after its budget, and no more.
pub const LATE_MS: f64 = 4.0;

const fn invariant(
    name: &'static str,
    says: &'static str,
    holds: fn(&World, &Story) -> Result<(), String>,
) -> Invariant {
    Invariant { name, says, holds }
}

/// The list.
pub const INVARIANTS: [Invariant; 21] = [
    invariant(
        "a login ends in time",
        "within its budget, and at once when it needs nothing from outside",
        ends_in_time,
    ),
    invariant(
        "nothing is left behind",
        "when a login ends, nothing of it is under way or held",
        leaves_nothing,
    ),
    invariant(
        "every ask fits",
        "no try may take longer than timeoutMs or less than 350 ms, none and no wait longer than the budget's rest",
        asks_fit,
    ),
    invariant(
        "tries are limited",
        "`retries` more for what may pass, one for a stale connection, one per further secret when one is refused",
        tries_are_limited,
    ),
    invariant(
        "Retry-After is heeded",
        "no retry comes sooner than the system asked for, in seconds or as a date; no login waits more than a second for it",
        heeds_retry_after,
    ),
    invariant(
        "the guard holds",
        "once five users have failed, one call per pause and no waiting for more; who failed comes once a second",
        guard_holds,
    ),
    invariant(
        "one call at once",
        "logins that want the same answer at the same time share one call",
        one_call_at_once,
    ),
    invariant(
        "one access token for all",
        "none is asked for while a good one is kept; after a 401 one more, and none for a minute where that is refused too",
        one_token,
    ),
    invariant(
        "idempotency",
        "the same key on all tries of one sync in one login, and on nothing else",
        idempotency,
    ),
    invariant(
        "order is kept",
        "an entry never runs before those that it reads have ended, and not at all when they have nothing to give",
        order_is_kept,
    ),
    invariant(
        "shadow touches nothing",
        "no claim, no metadata and no denial come from an entry in shadow, or from what reads one",
        shadow_touches_nothing,
    ),
    invariant(
        "outcomes tell the truth",
        "the log's outcome is what the last answer means",
        outcomes_are_true,
    ),
    invariant(
        "fresh costs nothing",
        "while what was kept is fresh, and only then, claims come from it and no call is made; older data may be used when a system is unavailable",
        fresh_costs_nothing,
    ),
    invariant(
        "policy is obeyed",
        "deny, mfa and allow, exactly as the config says for these outcomes; a denied login sets nothing",
        policy_is_obeyed,
    ),
    invariant(
        "answers are the user's own",
        "claims come from answers made for this user and this request, and only after success",
        answers_are_own,
    ),
    invariant(
        "tokens are good",
        "no expired token becomes a claim; one from memory has a quarter of its time and a minute left, is no older than an hour, and its user has not been refused since",
        tokens_are_good,
    ),
    invariant(
        "Auth0 takes it",
        "each token gets at most 100,000 bytes of claims, metadata stay within 32 kB, and a second factor is asked for before what it might refuse",
        auth0_takes_it,
    ),
    invariant(
        "outputs hold no secret",
        "the log is one line of 256 ascii characters; no secret, token or personal data in it or in a reason",
        outputs_hold_no_secret,
    ),
    invariant(
        "secrets stay with their system",
        "a request carries its own system's secret, in its place, and no one else's; a signed one vouches for its body",
        secrets_stay,
    ),
    invariant("memory is bounded", "at most 1000 answers and a million bytes are kept", memory_is_bounded),
    invariant(
        "a wrong config lets no one in",
        "every login is denied, and no system is asked",
        wrong_config_denies,
    ),
];

/// Fails with a text unless it holds.
macro_rules! hold {
    ($holds:expr, $($text:tt)+) => {{
        let holds: bool = $holds;
        if !holds {
            return Err(format!($($text)+));
        }
    }};
}
pub(super) use hold;

/// How it ended.
pub fn end(story: &Story) -> &End {
    story.end.as_ref().expect("only a login that has ended is judged")
}

/// A log line, read.
pub struct Line {
    /// `allowed`, `denied`, …
    pub result: String,
    fields: Vec<(String, String)>,
}

impl Line {
    /// Whether it warns with this word, as far as there was room for it.
    pub fn warns(&self, of: &str) -> bool {
        self.fields.iter().any(|(name, value)| name == "warn" && value.split(',').any(|word| word == of))
    }

    /// Reads a line of either format.
    pub fn read(log: &str) -> Self {
        let json = serde_json::from_str::<BTreeMap<String, String>>(log);
        let fields: Vec<(String, String)> = json.map_or_else(
            |_| {
                let fields = log.split(' ').filter_map(|field| field.split_once('='));
                fields.map(|(name, value)| (name.to_string(), value.to_string())).collect()
            },
            |fields| fields.into_iter().collect(),
        );
        let result = fields.iter().find(|(name, _)| name == "result").map(|(_, value)| value.clone());
        Self { result: result.unwrap_or_default(), fields }
    }

    /// The outcome of the system of this name, if the line says it.
    pub fn outcome(&self, system: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(name, _)| name == system)?;
        value.split(':').next()
    }

    /// What it says of the token that this system did not get.
    pub fn of_token(&self, system: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(name, _)| name == system)?;
        value.split(':').find(|part| part.starts_with("token"))
    }

    /// Whether no time was left for this system.
    pub fn no_time(&self, system: &str) -> bool {
        self.fields
            .iter()
            .any(|(name, value)| name == system && value.split(':').any(|part| part == "budget"))
    }
}
