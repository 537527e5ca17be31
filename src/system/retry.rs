//! When to try again, and after how long.
//!
//! Only what may pass by itself is tried again: no answer, 408, 425, 429, 500, 502, 503, 504, and what Cloudflare says of
//! a server behind it, 520 to 524 and 530. Waits have full jitter, so that logins that failed together do not come back
//! together. A bucket of tokens per system stops an outage from doubling the load: a login that retries takes a token, ten
//! good answers give one back. No one holds two, so that one user cannot empty it.

use crate::host::text::{has, number};
use crate::host::value::{Val, Value};
use crate::system::patience::whole;
use crate::system::users::Users;

/// The first wait is at most this long; each further one twice that.
const FIRST_MS: u32 = 100;
/// No wait of our own is longer.
const LONGEST_MS: u32 = 2_000;

/// A login waits no longer for what a system asks for by `Retry-After`.
const LONGEST_ASKED_MS: u32 = 1_000;

/// Whether a status may pass by itself.
pub(crate) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 520..=524 | 530)
}

/// How long to leave the system alone after this answer, jitter apart; `None` when a login cannot wait for that. A
/// system that is asked too often, and does not say for how long, is left alone for a second.
pub(crate) fn asked_wait(status: u16, asked: Option<u32>) -> Option<u32> {
    let asked = asked.unwrap_or(if status == 429 { LONGEST_ASKED_MS } else { 0 });
    (asked <= LONGEST_ASKED_MS).then_some(asked)
}

/// How long to wait before the retry after `tries` tries, in milliseconds: anything from 0 up to a ceiling that
/// doubles, `random` saying where between.
pub fn backoff(tries: u32, random: u32) -> u32 {
    let doubled = FIRST_MS << tries.saturating_sub(1).min(8);
    let ceiling = u64::from(doubled.min(LONGEST_MS));
    u32::try_from((ceiling * u64::from(random)) >> 32).unwrap_or(LONGEST_MS)
}

/// A `Retry-After` in milliseconds from now: seconds or an HTTP date. `None` when it is neither.
pub fn retry_after(text: &str, now: f64) -> Option<u32> {
    let text = text.trim_ascii();
    if let Some(seconds) = number(text) {
        return Some(seconds.saturating_mul(1000));
    }
    // JavaScript takes `1.5` for a date, too. Each of HTTP's has a time of day in it.
    let date = if has(text, ":") { Val::parse_date(text) } else { None };
    date.map(|date| whole(date - now))
}

/// What a system's retries may still cost. Full at first.
pub struct Bucket {
    /// In tenths of a token.
    left: u32,
    /// The users who hold the tokens that are out; their numbers say nothing.
    holders: Users,
}

const FULL: u32 = 50;
const TOKEN: u32 = 10;
const GOOD_ANSWER: u32 = 1;

impl Default for Bucket {
    fn default() -> Self {
        Self { left: FULL, holders: Users::default() }
    }
}

impl Bucket {
    /// Takes a token for this user's retries, if there is one and they have none.
    pub fn take(&mut self, user: &str) -> bool {
        let free = self.left >= TOKEN && self.holders.get(user).is_none();
        if free {
            self.left -= TOKEN;
            self.holders.put(user, 0.0);
        }
        free
    }

    /// A good answer came.
    pub fn give(&mut self) {
        if self.left < FULL {
            self.left += GOOD_ANSWER;
            if self.left.is_multiple_of(TOKEN) {
                self.holders.remove_oldest();
            }
        }
    }
}
