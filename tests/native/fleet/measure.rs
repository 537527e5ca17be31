//! Figures of what happened, and of several runs.

use super::scenes::Scene;
use super::upstream::State;
use super::world::{Happened, run};
use std::thread;

/// What an outage did.
#[derive(Clone, Copy, Default, Debug)]
pub struct Outage {
    /// Logins that began in it.
    pub logins: f64,
    /// Of them, those that were denied.
    pub denied: f64,
    /// The most executions in flight.
    pub in_flight: f64,
    /// The most requests open at the system.
    pub open: f64,
    /// Logins of more than a second, which began after the first half second.
    pub slow: f64,
    /// Seconds from its end to the first good answer.
    pub back: f64,
    /// Logins denied after its end.
    pub after: f64,
    /// Requests sent.
    pub sent: f64,
    /// Mean seconds that a login took.
    pub wait: f64,
}

/// What became of those who logged in while the system was well, and long after it had not been.
#[derive(Clone, Copy, Default, Debug)]
pub struct Calm {
    /// Logins.
    pub logins: f64,
    /// Of them, those that were denied.
    pub lost: f64,
    /// Of these, those that our own guard refused.
    pub refused: f64,
    /// Requests a second that one bad user got through, or all of them.
    pub bad: f64,
    /// The most executions in flight.
    pub in_flight: f64,
}

/// So long after an outage its effects are its own.
const AFTERMATH: f64 = 20.0;
/// So long after its end what is in flight is still its work.
const TAIL: f64 = 3.0;

/// The figures of the `index`th phase.
pub fn outage(scene: &Scene, happened: &Happened, index: usize) -> Outage {
    let begin: f64 = scene.phases[..index].iter().map(|(seconds, _)| seconds).sum();
    let end = begin + scene.phases[index].0;
    let next = scene.phases[index + 1..].iter().take_while(|(_, state)| *state == State::Well);
    let later = end + next.map(|(seconds, _)| seconds).sum::<f64>();
    let most = |counts: &[(f64, u32)]| {
        let during = counts.iter().filter(|(at, _)| (begin..end + TAIL).contains(at));
        during.map(|(_, count)| f64::from(*count)).fold(0.0, f64::max)
    };
    let during: Vec<_> = happened.logins.iter().filter(|login| (begin..end).contains(&login.at)).collect();
    let after: Vec<_> = happened.logins.iter().filter(|login| (end..later).contains(&login.at)).collect();
    let ends = after.iter().filter(|login| login.good).map(|login| login.at + login.took);
    Outage {
        logins: during.len() as f64,
        denied: count(during.iter(), |login| !login.good),
        in_flight: most(&happened.in_flight),
        open: most(&happened.open),
        slow: count(during.iter(), |login| login.at >= begin + 0.5 && login.took > 1.0),
        back: ends.fold(f64::INFINITY, f64::min) - end,
        after: count(after.iter(), |login| !login.good),
        sent: count(happened.sent.iter(), |(at, _)| (begin..end).contains(at)),
        wait: during.iter().map(|login| login.took).sum::<f64>() / during.len().max(1) as f64,
    }
}

/// The figures of all that is not an outage, nor soon after one.
pub fn calm(scene: &Scene, happened: &Happened) -> Calm {
    let mut outages = Vec::new();
    let mut begin = 0.0;
    for (seconds, state) in &scene.phases {
        if *state != State::Well {
            outages.push(begin..begin + seconds + AFTERMATH);
        }
        begin += seconds;
    }
    let good = happened.logins.iter().filter(|login| !login.bad);
    let calm: Vec<_> =
        good.filter(|login| !outages.iter().any(|outage| outage.contains(&login.at))).collect();
    let refused = |why: &str| matches!(why, "breaker" | "busy");
    Calm {
        logins: calm.len() as f64,
        lost: count(calm.iter(), |login| !login.good),
        refused: count(calm.iter(), |login| refused(&login.why)),
        bad: count(happened.sent.iter(), |(at, bad)| *bad && *at >= 7.0) / (scene.seconds() - 7.0).max(1.0),
        in_flight: happened.in_flight.iter().map(|(_, count)| f64::from(*count)).fold(0.0, f64::max),
    }
}

fn count<T>(of: impl Iterator<Item = T>, what: impl Fn(&T) -> bool) -> f64 {
    of.filter(|one| what(one)).count() as f64
}

/// A figure over several runs.
#[derive(Clone, Copy)]
pub struct Figure {
    /// Its average.
    pub average: f64,
    /// Its worst.
    pub worst: f64,
}

/// A figure of each run.
pub fn figure<T>(runs: &[T], of: impl Fn(&T) -> f64) -> Figure {
    let all: Vec<_> = runs.iter().map(of).collect();
    Figure {
        average: all.iter().sum::<f64>() / all.len() as f64,
        worst: all.iter().copied().fold(0.0, f64::max),
    }
}

/// Runs of a scene from these seeds, on two threads; of each what `measure` makes of it.
pub fn runs<T: Send>(
    scene: &Scene,
    seeds: std::ops::RangeInclusive<u64>,
    measure: impl Fn(&Scene, &Happened) -> T + Sync,
) -> Vec<T> {
    let half = |rest: u64| -> Vec<T> {
        let seeds = seeds.clone().filter(|seed| seed % 2 == rest);
        seeds.map(|seed| measure(scene, &run(scene, seed))).collect()
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut runs = half(0);
        runs.extend(other.join().expect("a run panicked"));
        runs
    })
}

/// The figures of the first outage of each run.
pub fn outages(scene: &Scene, seeds: std::ops::RangeInclusive<u64>) -> Vec<Outage> {
    let first = scene.phases.iter().position(|(_, state)| *state != State::Well).expect("there is an outage");
    runs(scene, seeds, |scene, happened| outage(scene, happened, first))
}
