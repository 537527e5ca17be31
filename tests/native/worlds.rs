//! Whatever the other systems do, a login ends in time and by policy: thousands of logins against systems that fail in
//! every way we know, on a virtual clock, from seeds.
//!
//! What must hold is listed in `simulation/invariants.rs`. When something does not, the message says in which world, and
//! `LOGIN_SYNC_SEED=<seed> cargo test --test native replay -- --nocapture` tells that world's whole story.
//! `npm run soak` runs a million logins.

use crate::simulation::report::{Report, expected_sights, panics_tell_the_seed};
use crate::simulation::world::{Kind, run};
use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

/// Runs the worlds of these seeds, half of them on another thread.
fn worlds(seeds: Range<u64>, kind: Kind) -> Vec<Report> {
    panics_tell_the_seed();
    let half = |rest: u64| {
        let seeds = seeds.clone().filter(move |seed| seed % 2 == rest);
        move || seeds.map(|seed| run(seed, kind, false)).collect::<Result<Vec<_>, _>>()
    };
    let halves = thread::scope(|scope| {
        let other = scope.spawn(half(1));
        [half(0)(), other.join().expect("the panic has been told")]
    });
    halves.into_iter().flat_map(|half| half.unwrap_or_else(|broken| panic!("{}", broken.message))).collect()
}

#[test]
fn every_invariant_holds_for_twenty_thousand_logins() {
    let reports = worlds(0..1_150, Kind::Any);
    let logins: u64 = reports.iter().map(|report| report.logins).sum();
    assert!(logins >= 20_000, "{logins} logins are too few");

    // Worlds in which nothing happens would prove nothing.
    let mut seen = BTreeMap::<String, u64>::new();
    for (what, count) in reports.into_iter().flat_map(|report| report.seen) {
        *seen.entry(what).or_default() += count;
    }
    for sight in expected_sights() {
        let count = seen.get(&sight).copied().unwrap_or_default();
        assert!(count >= 5, "`{sight}` was seen {count} times only, of {seen:#?}");
    }
}

#[test]
fn in_a_full_outage_a_login_costs_at_most_one_request_and_a_tenth() {
    for report in worlds(0..24, Kind::Outage(300)) {
        // Where a wrong secret is refused the system has answered, and the next secret is tried.
        let rotated = report.seen.get("secret rotated").copied().unwrap_or_default();
        let (requests, syncs) = (report.requests - rotated, report.candidates);
        assert!(requests * 10 <= syncs * 11, "{requests} requests of {syncs} syncs");
    }
}

#[test]
fn a_crowd_does_not_fill_the_memory() {
    let kept: Vec<_> = worlds(0..2, Kind::Crowd(1_600)).iter().map(|report| report.most_kept).collect();
    // That the bounds are never passed is an invariant; here they are reached, one by each crowd. An answer that was
    // replaced or refused leaves a gap until its turn comes.
    assert!(kept[0].0 > 990, "{} answers kept at most", kept[0].0);
    assert!(kept[1].1 > 990_000, "{} bytes kept at most", kept[1].1);
}

/// With `LOGIN_SYNC_SEED` this tells the story of that world; without it, that a story can be told twice.
#[test]
fn replay() {
    let seed = std::env::var("LOGIN_SYNC_SEED").ok();
    let number = seed.as_ref().map_or(7, |text| text.parse().expect("LOGIN_SYNC_SEED is a number"));
    let tell = |()| {
        let report = run(number, Kind::Any, true);
        report.unwrap_or_else(|broken| panic!("{}\n{}", broken.before.join("\n"), broken.message))
    };
    let told = [(); 2].map(tell);
    if seed.is_some() {
        println!("{}", told[0].stories.join("\n"));
    }
    assert_eq!(told[0].stories, told[1].stories);
    assert_eq!(told[0].transcript, told[1].transcript);
}
