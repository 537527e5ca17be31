//! The circuit breaker: a system that is down is not asked at every login.
//!
//! After five failures in a row it opens, and every login learns at once that the system is unavailable. When the pause
//! is over one login probes; if that fails too, the pause doubles, up to a quarter of a minute: a probe costs one login,
//! a longer pause would keep many out of a system that is back. Any answer closes it, a refusal too: who refuses is
//! there.

/// So many failures in a row open it.
const FAILURES: u32 = 5;
/// The first pause, in milliseconds.
const PAUSE_MS: f64 = 5_000.0;
/// The longest.
const LONGEST_PAUSE_MS: f64 = 15_000.0;

/// One system's breaker, in one instance.
#[derive(Clone, Copy, Default)]
pub struct Breaker {
    /// In a row, while closed.
    failures: u32,
    open: Option<Open>,
}

#[derive(Clone, Copy)]
struct Open {
    until: f64,
    pause: f64,
    probing: bool,
}

impl Breaker {
    /// Whether a call may be made now. Past the pause this lets one caller through to probe; the others wait for
    /// `probe_ms` more, so that a probe that never reports does not keep it open for ever.
    pub fn allows(&mut self, tick: f64, probe_ms: f64) -> bool {
        match &mut self.open {
            None => true,
            Some(open) if tick >= open.until => {
                open.until = tick + probe_ms;
                open.probing = true;
                true
            }
            Some(_) => false,
        }
    }

    /// Whether it will be open then, so that it is no use to wait for a call.
    pub fn is_open(&self, tick: f64) -> bool {
        self.open.is_some_and(|open| tick < open.until)
    }

    /// A call got an answer.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A call got none. Calls that had been made before it opened do not lengthen the pause.
    pub fn failed(&mut self, tick: f64) {
        match self.open {
            None => {
                self.failures += 1;
                if self.failures >= FAILURES {
                    self.open = Some(Open { until: tick + PAUSE_MS, pause: PAUSE_MS, probing: false });
                }
            }
            Some(Open { pause, probing: true, .. }) => {
                let pause = (pause * 2.0).min(LONGEST_PAUSE_MS);
                self.open = Some(Open { until: tick + pause, pause, probing: false });
            }
            Some(_) => {}
        }
    }
}
