//! When to try again, and after how long.
//!
//! Only what may pass by itself is tried again: no answer, 408, 425, 429, 500, 502, 503, 504. Waits have full jitter,
//! so that logins that failed together do not come back together. A bucket of tokens per system stops an outage from
//! doubling the load: a retry takes a token, ten good answers give one back.

use crate::value::{Val, Value};

/// The first wait is at most this long; each further one twice that.
const FIRST_MS: u32 = 100;
/// No wait of our own is longer.
const LONGEST_MS: u32 = 2_000;

/// Whether a status may pass by itself.
pub fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// How long to wait before the retry after `tries` tries, in milliseconds: anything from 0 up to a ceiling that
/// doubles, `random` saying where between.
pub fn backoff(tries: u32, random: u32) -> u32 {
    let doubled = FIRST_MS << tries.saturating_sub(1).min(8);
    let ceiling = u64::from(doubled.min(LONGEST_MS));
    u32::try_from((ceiling * u64::from(random)) >> 32).unwrap_or(LONGEST_MS)
}

/// A `Retry-After` in milliseconds from now: seconds or an HTTP date. `None` when it is neither.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, as meant here"
)]
pub fn retry_after(text: &str, now: f64) -> Option<u32> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse::<u32>().unwrap_or(u32::MAX).saturating_mul(1000));
    }
    Val::parse_date(text).map(|date| (date - now).max(0.0) as u32)
}

/// What a system's retries may still cost. Full at first.
#[derive(Clone, Copy)]
pub struct Bucket(u32);

/// In tenths of a token.
const FULL: u32 = 50;
const RETRY: u32 = 10;
const GOOD_ANSWER: u32 = 1;

impl Default for Bucket {
    fn default() -> Self {
        Self(FULL)
    }
}

impl Bucket {
    /// Takes a token for a retry, if there is one.
    pub fn take(&mut self) -> bool {
        let left = self.0.checked_sub(RETRY);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }

    /// A good answer came.
    pub fn give(&mut self) {
        self.0 = (self.0 + GOOD_ANSWER).min(FULL);
    }
}
