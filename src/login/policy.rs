//! How a sync can end, and what the login does about it.
//!
//! The outcomes' names are shared by the log, the tests and `onFailure`.

use crate::document::place::Place;
use crate::host::value::{Kind, Value};

/// How a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other system answered, and the answer is what it must be.
    Ok,
    /// What was kept in app_metadata is still fresh; no call was made.
    Fresh,
    /// The token in the instance's memory is still good; no call was made.
    Reused,
    /// The system is unavailable, and what was kept in app_metadata is not too old for that.
    Stale,
    /// `when` is not true for this login; no call was made.
    Skipped,
    /// The other system refuses what we sent (4xx).
    Rejected,
    /// The other system refuses our secret (401, 403).
    Unauthorized,
    /// The other system knows this user otherwise (409).
    Conflict,
    /// No answer: network, timeout, 408, 425, 429, 5xx, an open breaker, or a user who failed and comes again too soon.
    Unavailable,
    /// An answer, or an event, that is not what it must be.
    Invalid,
}

/// The outcomes that a policy can be given for, and their names.
const FAILURES: [Outcome; 5] =
    [Outcome::Rejected, Outcome::Unauthorized, Outcome::Conflict, Outcome::Unavailable, Outcome::Invalid];
const FAILURE_NAMES: [&str; 5] = ["rejected", "unauthorized", "conflict", "unavailable", "invalid"];

impl Outcome {
    /// Its name in the log and in `onFailure`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Fresh => "fresh",
            Outcome::Reused => "reused",
            Outcome::Stale => "stale",
            Outcome::Skipped => "skipped",
            Outcome::Rejected => "rejected",
            Outcome::Unauthorized => "unauthorized",
            Outcome::Conflict => "conflict",
            Outcome::Unavailable => "unavailable",
            Outcome::Invalid => "invalid",
        }
    }

    /// Whether it is one of those that `onFailure` speaks of.
    pub fn is_failure(self) -> bool {
        FAILURES.contains(&self)
    }

    /// Whether the other system says no.
    pub fn is_refusal(self) -> bool {
        matches!(self, Outcome::Rejected | Outcome::Unauthorized | Outcome::Conflict)
    }

    /// What an HTTP status means when it is not one of those that count as success.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Outcome::Unauthorized,
            409 => Outcome::Conflict,
            408 | 425 | 429 | 500.. => Outcome::Unavailable,
            400..500 => Outcome::Rejected,
            // 1xx, a 2xx that does not count, a redirect: they are not followed.
            _ => Outcome::Invalid,
        }
    }
}

/// What a login does when a sync fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// It goes on without that system's claims.
    #[default]
    Allow,
    /// It is denied. The reason is shown to the user; without one, it names the system and the outcome.
    Deny(Option<String>),
    /// It goes on with a second factor.
    Mfa,
}

/// The policy for each failure.
#[derive(Default)]
pub struct OnFailure(Vec<(Outcome, Policy)>);

impl OnFailure {
    /// Reads one word for all failures, or a policy for each that is named; the others are allowed.
    pub fn read(place: &Place) -> Self {
        let mut policies = Vec::new();
        if place.kind != Kind::Object || !place.value.get("deny").is_null() {
            let policy = Policy::read(place);
            policies.extend(FAILURES.map(|outcome| (outcome, policy.clone())));
        } else {
            place.knows_only(&FAILURE_NAMES);
            for (outcome, name) in FAILURES.into_iter().zip(FAILURE_NAMES) {
                policies.extend(place.field(name).map(|field| (outcome, Policy::read(&field))));
            }
        }
        Self(policies)
    }

    /// The policy for this outcome.
    pub fn policy(&self, outcome: Outcome) -> &Policy {
        self.0.iter().find(|(of, _)| *of == outcome).map_or(&Policy::Allow, |(_, policy)| policy)
    }

    /// Whether a failure can stop the login or ask for more of it.
    pub fn closes(&self) -> bool {
        self.0.iter().any(|(_, policy)| *policy != Policy::Allow)
    }
}

impl Policy {
    fn read(place: &Place) -> Self {
        if place.kind == Kind::Object {
            place.knows_only(&["deny"]);
            return Policy::Deny(Some(place.needed("deny").reason()));
        }
        match place.word(&["allow", "deny", "mfa"]) {
            0 => Policy::Allow,
            1 => Policy::Deny(None),
            _ => Policy::Mfa,
        }
    }
}

impl Place<'_> {
    /// A reason for a denial, as the application and its user will see it.
    pub fn reason(&self) -> String {
        let reason = self.text();
        if reason.chars().count() > 200 || reason.contains(char::is_control) {
            self.refuse("must be one line of at most 200 characters: the application shows it to the user");
        }
        reason
    }
}
