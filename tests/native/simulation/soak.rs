//! The soak: a million logins of the simulation, every core at work.
//!
//! `npm run soak`, or `cargo run --release --example soak -- [--logins 1000000] [--seed N]`. It says how fast it went,
//! which faults the logins survived, and for any invariant that did not hold the seed of the first world that showed it.
#![allow(clippy::cast_precision_loss, reason = "a rate needs no more than fifteen digits")]

use crate::simulation::report::{Broken, panics_tell_the_seed};
use crate::simulation::systems::FAULTS;
use crate::simulation::world::{Kind, run};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

#[derive(Default)]
struct Total {
    logins: u64,
    worlds: u64,
    requests: u64,
    seen: BTreeMap<String, u64>,
    /// By invariant: how many worlds broke it; after how many logins it was first seen, and in which world.
    broken: BTreeMap<&'static str, (u64, u64, Broken)>,
}

pub fn main() -> ExitCode {
    let (logins, first) = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!(
                "{message}\nusage: cargo run --release --example soak -- [--logins 1000000] [--seed N]"
            );
            return ExitCode::from(2);
        }
    };
    panics_tell_the_seed();
    println!("at least {logins} logins from seed {first}");
    let began = Instant::now();
    let total = soak(logins, first);
    let seconds = began.elapsed().as_secs_f64();
    let rate = total.logins as f64 / seconds;
    println!("{} logins in {} worlds: {seconds:.1} s, {rate:.0} logins/s", total.logins, total.worlds);
    println!("{} requests, of which", total.requests);
    for (fault, _) in FAULTS {
        let name = format!("{fault:?}");
        println!("{:>10}  {}", total.seen.get(&name).copied().unwrap_or_default(), words(&name));
    }
    println!("and");
    let faults: Vec<_> = FAULTS.iter().map(|(fault, _)| format!("{fault:?}")).collect();
    for (what, count) in total.seen.iter().filter(|(what, _)| !faults.contains(what)) {
        println!("{count:>10}  {what}");
    }
    for (worlds, logins, broken) in total.broken.values() {
        println!("\nin {worlds} worlds, first after {logins} logins:\n{}", broken.message);
    }
    if total.broken.is_empty() {
        println!("every invariant held");
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

fn soak(logins: u64, first: u64) -> Total {
    let (next, done) = (AtomicU64::new(first), AtomicU64::new(0));
    let total = Mutex::new(Total::default());
    let work = || {
        while done.load(Ordering::Relaxed) < logins {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let ended = run(seed, Kind::Any, false);
            let mut total = total.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            total.worlds += 1;
            match ended {
                Ok(report) => {
                    done.fetch_add(report.logins, Ordering::Relaxed);
                    total.logins += report.logins;
                    total.requests += report.requests;
                    for (what, count) in report.seen {
                        *total.seen.entry(what).or_default() += count;
                    }
                }
                Err(broken) => {
                    done.fetch_add(broken.logins, Ordering::Relaxed);
                    total.logins += broken.logins;
                    let after = total.logins;
                    total.broken.entry(broken.invariant).or_insert((0, after, broken)).0 += 1;
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// How many logins, and the first seed.
fn arguments() -> Result<(u64, u64), String> {
    let (mut logins, mut seed) = (1_000_000, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let text = arguments.next().unwrap_or_default();
        let number = text.parse().map_err(|_| format!("`{name}` needs a number, and got `{text}`"));
        match name.as_str() {
            "--logins" => logins = number?,
            "--seed" => seed = Some(number?),
            _ => return Err(format!("unknown argument `{name}`")),
        }
    }
    // Any seed is as good as another; small ones are easier to copy.
    Ok((logins, seed.unwrap_or_else(|| fastrand::u64(0..1 << 32))))
}

/// `no such host` for `NoSuchHost`.
fn words(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
