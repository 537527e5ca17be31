//! How a sync can end. Its names are in the log, in metrics, in `onFailure`, and what expressions read.

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
pub(crate) const FAILURES: [Outcome; 5] =
    [Outcome::Rejected, Outcome::Unauthorized, Outcome::Conflict, Outcome::Unavailable, Outcome::Invalid];
/// See above.
pub(crate) const FAILURE_NAMES: &str = "rejected unauthorized conflict unavailable invalid";

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
