//! The circuit breaker as the policy has it, kept beside the engine's own: five failures in a row open it for five
//! seconds; then one call may probe; each probe that fails doubles the pause, up to fifteen seconds; any answer closes
//! it.
//!
//! A call from before it opened may fail while the probe is out, and the pause may count from there or from the probe's
//! own end. Both are right, so there are two times: until when it must refuse, and until when it may.

/// What a system's breaker must be like.
#[derive(Default)]
pub struct ShadowBreaker {
    failures: u32,
    open: Option<Open>,
    /// How often it has opened.
    pub opened: u32,
    /// How many calls have probed.
    pub probes: u32,
}

struct Open {
    must: f64,
    may: f64,
    pause: f64,
    /// The login that makes it, and when.
    probe: Option<(u32, f64)>,
}

impl ShadowBreaker {
    /// Until when it must refuse, if it must at this time.
    pub fn must_refuse(&self, tick: f64) -> Option<f64> {
        self.open.as_ref().map(|open| open.must).filter(|until| tick < *until)
    }

    /// Whether it may refuse at this time.
    pub fn may_refuse(&self, tick: f64) -> bool {
        self.open.as_ref().is_some_and(|open| tick < open.may)
    }

    /// A login makes a call; `again` when it repeats one whose connection was stale.
    pub fn sent(&mut self, tick: f64, timeout_ms: f64, login: u32, again: bool) {
        let Some(open) = &mut self.open else { return };
        let repeats = again && open.probe.is_some_and(|(probe, _)| probe == login);
        if repeats || tick >= open.must {
            self.probes += u32::from(!repeats);
            open.probe = Some((login, tick));
            // A probe that never reports must not keep it open for ever.
            (open.must, open.may) = (tick + timeout_ms, f64::INFINITY);
        }
    }

    /// The call got some answer, though it be a refusal.
    pub fn answered(&mut self) {
        (self.failures, self.open) = (0, None);
    }

    /// It got none.
    pub fn failed(&mut self, tick: f64, login: u32) {
        match &mut self.open {
            None => {
                self.failures += 1;
                if self.failures == 5 {
                    self.open =
                        Some(Open { must: tick + 5_000.0, may: tick + 5_000.0, pause: 5_000.0, probe: None });
                    self.opened += 1;
                }
            }
            Some(open) => {
                if let Some((_, sent)) = open.probe.take_if(|(probe, _)| *probe == login) {
                    open.pause = (open.pause * 2.0).min(15_000.0);
                    (open.must, open.may) = (sent + open.pause, tick + open.pause);
                }
            }
        }
    }
}
