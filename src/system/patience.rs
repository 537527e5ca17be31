//! How long a try is waited for: patience is learned from the system's good answers.
//!
//! Twice as long as the slowest of the last hundred, at least 350 ms, so that one slow connect is no failure, and never
//! longer than the entry's `timeoutMs`. Until twenty answers are known it is `timeoutMs`. So what an outage keeps in
//! flight is the rate of logins times what is usual for this system, and not times the longest time ever allowed.
//!
//! A hundred answers are kept as two maxima and a counter. Only successes teach: a 503 in 5 ms says nothing about how
//! long a good answer takes.

/// So many answers must be known before they count.
const ENOUGH: u32 = 20;
/// After so many, the older ones are forgotten.
const WINDOW: u32 = 100;
/// So many times the slowest is waited for.
const TIMES: f64 = 2.0;
/// At least this long, in milliseconds.
const LEAST_MS: f64 = 350.0;

/// What is usual for one system, in one instance.
#[derive(Clone, Copy, Default)]
pub struct Patience {
    /// Of the answers since `before` was made: how many, and the slowest in milliseconds.
    count: u32,
    slowest: f64,
    /// The slowest of the hundred before them; nothing until enough are known.
    before: Option<f64>,
}

impl Patience {
    /// How long to wait for an answer of a system that may take `timeout_ms`.
    pub fn of(&self, timeout_ms: u32) -> u32 {
        match self.before {
            None => timeout_ms,
            Some(before) => timeout_ms.min(whole((TIMES * before.max(self.slowest)).max(LEAST_MS))),
        }
    }

    /// A good answer came after so many milliseconds.
    pub fn learn(&mut self, ms: f64) {
        self.count += 1;
        self.slowest = self.slowest.max(ms);
        if self.count == WINDOW {
            *self = Self { count: 0, slowest: 0.0, before: Some(self.slowest) };
        } else if self.count == ENOUGH && self.before.is_none() {
            self.before = Some(0.0);
        }
    }
}

/// Milliseconds as a whole number, nothing below 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, as meant here"
)]
pub(crate) fn whole(ms: f64) -> u32 {
    ms as u32
}
