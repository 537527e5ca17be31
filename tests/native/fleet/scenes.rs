//! What happens to a fleet.

use super::upstream::State::{self, Well};

/// A fleet, its system, and what becomes of it.
#[derive(Clone)]
pub struct Scene {
    /// How many instances there are.
    pub instances: usize,
    /// Logins a second, over all of them.
    pub rate: f64,
    /// How the system is, and for how many seconds.
    pub phases: Vec<(f64, State)>,
    /// The entry's `timeoutMs`.
    pub timeout_ms: u32,
    /// Half of the answers of a system that is well come within so many milliseconds.
    pub median_ms: f64,
    /// How heavy the tail is: of the logarithm, the standard deviation.
    pub sigma: f64,
    /// The share of 500s of a system that is well.
    pub errors: f64,
    /// How many seconds an instance lives, at least and at most.
    pub life: Option<(f64, f64)>,
    /// An instance ends after so many seconds without work.
    pub idle: Option<f64>,
    /// So many people log in within 50 ms, every five seconds.
    pub crowd: u32,
    /// So many users for whom the system is always like this, in bursts of ten a second.
    pub bad: Option<(u32, State)>,
}

/// The default of `timeoutMs`.
pub const TIMEOUT_MS: u32 = 2_000;

impl Scene {
    /// A system that is well for so many seconds. Half of its answers come within 70 ms, 1 in 1,000 after 200 ms.
    pub fn well(instances: usize, rate: f64, seconds: f64) -> Self {
        Self {
            instances,
            rate,
            phases: vec![(seconds, Well)],
            timeout_ms: TIMEOUT_MS,
            median_ms: 70.0,
            sigma: 0.33,
            errors: 0.0,
            life: None,
            idle: None,
            crowd: 0,
            bad: None,
        }
    }

    /// A system that is well for long enough to be known, then like this for so many seconds, then well.
    pub fn outage(instances: usize, rate: f64, state: State, seconds: f64) -> Self {
        let known = f64::max(30.0, 100.0 * instances as f64 / rate);
        let phases = vec![(known, Well), (seconds, state), (20.0, Well)];
        Self { phases, ..Self::well(instances, rate, 0.0) }
    }

    /// The goals' own: a hang of 6 s, then 503s of 6 s, at 100 logins a second.
    pub fn goals(instances: usize) -> Self {
        let mut scene = Self::outage(instances, 100.0, State::Hangs, 6.0);
        scene.phases.extend([(6.0, State::Down), (20.0, Well)]);
        scene
    }

    /// The same with a heavy tail: p50 80 ms, p99 1.2 s, 1 % of 500s.
    pub fn heavy(self) -> Self {
        Self { median_ms: 80.0, sigma: 1.164, errors: 0.01, ..self }
    }

    /// The same with another `timeoutMs`.
    pub fn timeout(self, timeout_ms: u32) -> Self {
        Self { timeout_ms, ..self }
    }

    /// The same with instances that come and go.
    pub fn living(self, least: f64, most: f64) -> Self {
        Self { life: Some((least, most)), ..self }
    }

    /// No one knows the system yet when it begins to be like this.
    pub fn new_fleet(instances: usize, rate: f64, state: State, seconds: f64) -> Self {
        Self { phases: vec![(seconds, state), (20.0, Well)], ..Self::well(instances, rate, 0.0) }
    }

    /// One login a minute, each at a cold instance, or nearly.
    pub fn lone(state: State) -> Self {
        let phases = vec![(600.0, Well), (36_000.0, state), (600.0, Well)];
        Self { phases, idle: Some(30.0), ..Self::well(1, 1.0 / 60.0, 0.0) }
    }

    /// 1,000 logins an hour on three instances, each of which ends after 30 s without work.
    pub fn small(state: State, seconds: f64) -> Self {
        let phases = vec![(3_600.0, Well), (seconds, state), (1_800.0, Well)];
        Self { phases, idle: Some(30.0), ..Self::well(3, 1_000.0 / 3_600.0, 0.0) }
    }

    /// Users for whom the system is always like this, in bursts of ten a second next to ten good logins a second.
    pub fn attacked(users: u32, state: State) -> Self {
        Self { bad: Some((users, state)), ..Self::well(1, 10.0, 60.0) }
    }

    /// How many seconds it lasts.
    pub fn seconds(&self) -> f64 {
        self.phases.iter().map(|(seconds, _)| seconds).sum()
    }

    /// How the system is at this second.
    pub fn state(&self, second: f64) -> State {
        let mut end = 0.0;
        for (seconds, state) in &self.phases {
            end += seconds;
            if second < end {
                return *state;
            }
        }
        Well
    }
}
