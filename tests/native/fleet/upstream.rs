//! The system that everybody asks: how long it takes, and how it fails.

use super::scenes::Scene;
use fastrand::Rng;
use login_sync::{Answer, TIMEOUT, Val, Value};

/// How the system is for a while.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum State {
    /// It answers as it always does.
    Well,
    /// Nothing is answered.
    Hangs,
    /// 503 at once.
    Down,
    /// 500 at once; what a user's own data may do.
    Fails,
    /// 429 at once, without a time.
    Limits,
    /// 429 at once, and `Retry-After: 2`.
    LimitsFor2s,
    /// So many times slower than usual.
    Slower(f64),
    /// Every other try gets a 503.
    Flaps,
    /// One of its four servers hangs.
    PartHangs,
    /// It lets in half of the rate, by the second, and answers 429 with `Retry-After: 1` to the rest.
    Quota,
}

/// What becomes of a request: after how many milliseconds, and what.
pub struct Fate {
    /// Infinite for what is never answered.
    pub ms: f64,
    /// What comes then.
    pub answer: Answer,
}

/// The system.
#[derive(Default)]
pub struct Upstream {
    /// The second that it counts in, and how many it has let in.
    quota: (u64, f64),
}

impl Upstream {
    /// What becomes of a request that arrives now.
    pub fn fate(&mut self, rng: &mut Rng, scene: &Scene, state: State, second: f64) -> Fate {
        match state {
            State::Hangs => return Fate { ms: f64::INFINITY, answer: nothing() },
            State::PartHangs if rng.f64() < 0.25 => return Fate { ms: f64::INFINITY, answer: nothing() },
            State::Down => return refusal(503, None),
            State::Fails => return refusal(500, None),
            State::Flaps if rng.bool() => return refusal(503, None),
            State::Limits => return refusal(429, None),
            State::LimitsFor2s => return refusal(429, Some("2")),
            State::Quota if !self.lets_in(scene.rate / 2.0, second) => return refusal(429, Some("1")),
            _ => {}
        }
        let times = if let State::Slower(times) = state { times } else { 1.0 };
        let ms = scene.median_ms * (scene.sigma * normal(rng)).exp() * times;
        let status = if rng.f64() < scene.errors { 500 } else { 200 };
        Fate { ms, answer: Answer { status, body: Val::from_text("{}"), ..Answer::default() } }
    }

    fn lets_in(&mut self, most: f64, second: f64) -> bool {
        if self.quota.0 != second as u64 {
            self.quota = (second as u64, 0.0);
        }
        self.quota.1 += 1.0;
        self.quota.1 <= most
    }
}

/// The answer of a try that was not answered in its time.
pub fn nothing() -> Answer {
    Answer { error: Some(TIMEOUT.to_string()), ..Answer::default() }
}

fn refusal(status: u16, retry_after: Option<&str>) -> Fate {
    Fate {
        ms: 5.0,
        answer: Answer { status, retry_after: retry_after.map(str::to_string), ..Answer::default() },
    }
}

/// A number of the standard normal distribution.
fn normal(rng: &mut Rng) -> f64 {
    let (u, v) = (1.0 - rng.f64(), rng.f64());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
