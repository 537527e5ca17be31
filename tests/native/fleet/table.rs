//! The table of docs/failure.md, and more: what the guard does in each kind of outage.
//!
//! `npm run fleet`, or `cargo run --release --example fleet -- [--seeds 8] [words of titles]`.
#![allow(clippy::cast_precision_loss, clippy::indexing_slicing, reason = "figures of a few digits")]

use crate::fleet::measure::{Calm, Figure, Outage, calm, figure, outage, outages, runs};
use crate::fleet::scenes::Scene;
use crate::fleet::upstream::State;
use std::process::ExitCode;

/// How many runs, and which tables.
struct Wanted {
    seeds: u64,
    words: Vec<String>,
}

pub fn main() -> ExitCode {
    let mut wanted = Wanted { seeds: 8, words: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.size_hint()) {
            ("--seeds", _) => match arguments.next().and_then(|text| text.parse().ok()) {
                Some(seeds) => wanted.seeds = seeds,
                None => return usage(),
            },
            (word, _) if word.starts_with('-') => return usage(),
            (word, _) => wanted.words.push(word.to_lowercase()),
        }
    }
    println!("Averages of {} runs; after `max` the worst of them.", wanted.seeds);
    goals(&wanted);
    outages_of_all_kinds(&wanted);
    not_quite_down(&wanted);
    healthy(&wanted);
    attacked(&wanted);
    timeouts(&wanted);
    coming_and_going(&wanted);
    small(&wanted);
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: cargo run --release --example fleet -- [--seeds 8] [words of titles]");
    ExitCode::from(2)
}

impl Wanted {
    /// Prints the title and the head of a table, if it is wanted.
    fn title(&self, title: &str, columns: &[&str]) -> bool {
        let lower = title.to_lowercase();
        let wanted = self.words.is_empty() || self.words.iter().any(|word| lower.contains(word));
        if wanted {
            println!("\n### {title}\n\n| {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len()));
        }
        wanted
    }
}

const OUTAGE: [&str; 8] = [
    "outage, instances",
    "in flight, most",
    "open at the system, most",
    "over 1 s",
    "back after s",
    "denied after",
    "requests a login",
    "mean wait s",
];

fn row(name: &str, runs: &[Outage]) {
    let share = |of: fn(&Outage) -> f64| figure(runs, |run| of(run) / run.logins.max(1.0));
    println!(
        "| {name} | {} | {} | {:.1} % | {} | {} | {:.2} | {:.2} |",
        both(figure(runs, |run| run.in_flight), 0),
        both(figure(runs, |run| run.open), 0),
        100.0 * share(|run| run.slow).average,
        both(figure(runs, |run| run.back), 2),
        both(figure(runs, |run| run.after), 0),
        share(|run| run.sent).average,
        figure(runs, |run| run.wait).average,
    );
}

fn both(figure: Figure, digits: usize) -> String {
    format!("{:.digits$}, max {:.digits$}", figure.average, figure.worst)
}

fn goals(wanted: &Wanted) {
    if !wanted.title("Goals: 100 logins a second, a hang of 6 s, then 503s of 6 s", &OUTAGE) {
        return;
    }
    for instances in [1, 10, 50] {
        let scene = Scene::goals(instances);
        for (name, index) in [("hang", 1), ("503s", 3)] {
            let runs = runs(&scene, 1..=wanted.seeds, |scene, happened| outage(scene, happened, index));
            row(&format!("{name}, {instances}"), &runs);
        }
    }
}

fn outages_of_all_kinds(wanted: &Wanted) {
    if !wanted.title("Other outages", &OUTAGE) {
        return;
    }
    for instances in [1, 10, 50] {
        for (name, state, seconds, rate) in [
            ("hang 3 s", State::Hangs, 3.0, 100.0),
            ("hang 30 s", State::Hangs, 30.0, 100.0),
            ("hang 6 s at 5 a second", State::Hangs, 6.0, 5.0),
            ("hang 6 s at 20 a second", State::Hangs, 6.0, 20.0),
            ("hang 6 s at 300 a second", State::Hangs, 6.0, 300.0),
            ("429 for 6 s", State::Limits, 6.0, 100.0),
            ("429, Retry-After 2, for 6 s", State::LimitsFor2s, 6.0, 100.0),
        ] {
            let scene = Scene::outage(instances, rate, state, seconds);
            row(&format!("{name}, {instances}"), &outages(&scene, 1..=wanted.seeds));
        }
    }
    for instances in [1, 10, 50] {
        let scene = Scene::new_fleet(instances, 100.0, State::Hangs, 6.0);
        row(&format!("hang 6 s, new to all, {instances}"), &outages(&scene, 1..=wanted.seeds));
        let scene = Scene { rate: 60.0, ..Scene::outage(instances, 60.0, State::Hangs, 6.0).heavy() };
        row(&format!("hang 6 s, heavy tail, 60 a second, {instances}"), &outages(&scene, 1..=wanted.seeds));
    }
}

fn not_quite_down(wanted: &Wanted) {
    if !wanted.title(
        "Not quite down, 30 s at 100 a second: denied",
        &["instances", "5x slower", "20x slower", "half fail", "a quarter hangs", "lets in half"],
    ) {
        return;
    }
    for instances in [1, 10, 50] {
        let mut cells = vec![instances.to_string()];
        for state in [State::Slower(5.0), State::Slower(20.0), State::Flaps, State::PartHangs, State::Quota] {
            let runs = outages(&Scene::outage(instances, 100.0, state, 30.0), 1..=wanted.seeds);
            let denied = figure(&runs, |run| 100.0 * run.denied / run.logins);
            cells.push(format!("{:.1} %, max {:.1}", denied.average, denied.worst));
        }
        println!("| {} |", cells.join(" | "));
    }
}

fn healthy(wanted: &Wanted) {
    if !wanted.title(
        "Healthy, in 10,000 logins",
        &["system", "refused by the guard", "lost in all", "in flight, most"],
    ) {
        return;
    }
    let crowds = |instances| Scene { crowd: 40, ..Scene::well(instances, 20.0, 300.0) };
    for (name, scene) in [
        ("usual, 1", Scene::well(1, 100.0, 300.0)),
        ("heavy tail, 1", Scene::well(1, 60.0, 300.0).heavy()),
        ("heavy tail, 10", Scene::well(10, 60.0, 300.0).heavy()),
        ("heavy tail, 50", Scene::well(50, 60.0, 300.0).heavy()),
        ("crowds of 40, 1", crowds(1)),
        ("crowds of 40, 5", crowds(5)),
        ("crowds of 40 with a heavy tail, 1", crowds(1).heavy()),
        ("heavy tail, new every 30 to 60 s, 10", Scene::well(10, 60.0, 300.0).heavy().living(30.0, 60.0)),
    ] {
        let runs: Vec<Calm> = runs(&scene, 1..=wanted.seeds, calm);
        let in_10_000 = |of: fn(&Calm) -> f64| {
            10_000.0 * runs.iter().map(of).sum::<f64>() / runs.iter().map(|run| run.logins).sum::<f64>()
        };
        let (refused, lost) = (in_10_000(|run| run.refused), in_10_000(|run| run.lost));
        println!("| {name} | {refused:.2} | {lost:.1} | {} |", both(figure(&runs, |run| run.in_flight), 0));
    }
}

fn attacked(wanted: &Wanted) {
    if !wanted.title(
        "Users whom the system always fails, ten logins a second next to ten good ones",
        &["users, how", "others denied", "requests a second of theirs"],
    ) {
        return;
    }
    for (name, state) in [("500", State::Fails), ("429", State::Limits), ("hang", State::Hangs)] {
        for users in [1, 3, 5, 10] {
            let runs: Vec<Calm> = runs(&Scene::attacked(users, state), 1..=wanted.seeds, calm);
            let denied = figure(&runs, |run| 100.0 * run.lost / run.logins);
            let theirs = figure(&runs, |run| run.bad).average;
            println!("| {users}, {name} | {:.2} %, max {:.2} | {theirs:.2} |", denied.average, denied.worst);
        }
    }
}

fn timeouts(wanted: &Wanted) {
    let columns = [
        "timeoutMs",
        "new fleet hangs, in flight (1, 10, 50)",
        "heavy tail hangs, 60/s, in flight (1, 10, 50)",
        "heavy tail, lost in 10,000 (1, 50)",
        "one login a minute, hang: mean wait s",
        "1,000 an hour, hang of 5 min: mean wait s",
    ];
    if !wanted.title("The default of timeoutMs", &columns) {
        return;
    }
    let seeds = || 1..=wanted.seeds;
    for timeout in [1_000, 1_500, 2_000, 2_500, 3_000] {
        let peaks = |scene: fn(usize) -> Scene| {
            let peak =
                |n| both(figure(&outages(&scene(n).timeout(timeout), seeds()), |run| run.in_flight), 0);
            [1, 10, 50].map(peak).join("; ")
        };
        let lost = [1, 50].map(|n| {
            let runs: Vec<Calm> = runs(&Scene::well(n, 60.0, 300.0).heavy().timeout(timeout), seeds(), calm);
            let lost =
                runs.iter().map(|run| run.lost).sum::<f64>() / runs.iter().map(|run| run.logins).sum::<f64>();
            format!("{:.1}", 10_000.0 * lost)
        });
        let wait = |scene: Scene| figure(&outages(&scene.timeout(timeout), seeds()), |run| run.wait).average;
        println!(
            "| {timeout} | {} | {} | {} | {:.2} | {:.2} |",
            peaks(|n| Scene::new_fleet(n, 100.0, State::Hangs, 6.0)),
            peaks(|n| Scene::outage(n, 60.0, State::Hangs, 6.0).heavy()),
            lost.join(", "),
            wait(Scene::lone(State::Hangs)),
            wait(Scene::small(State::Hangs, 300.0)),
        );
    }
}

fn coming_and_going(wanted: &Wanted) {
    if !wanted.title("Instances that come and go, a hang of 30 s at 100 a second", &OUTAGE) {
        return;
    }
    for (name, least, most) in [("30 s to 20 min", 30.0, 1_200.0), ("30 to 60 s", 30.0, 60.0)] {
        for instances in [10, 50] {
            let scene = Scene::outage(instances, 100.0, State::Hangs, 30.0).living(least, most);
            row(&format!("live {name}, {instances}"), &outages(&scene, 1..=wanted.seeds));
        }
    }
}

fn small(wanted: &Wanted) {
    if !wanted.title(
        "Small tenants",
        &["tenant, outage", "denied", "mean wait s", "requests a login", "in flight, most", "back after s"],
    ) {
        return;
    }
    let states = [
        ("hang", State::Hangs),
        ("503s", State::Down),
        ("half fail", State::Flaps),
        ("a quarter hangs", State::PartHangs),
        ("20x slower", State::Slower(20.0)),
    ];
    for (name, state) in states {
        small_row(&format!("1 a minute, {name}"), &outages(&Scene::lone(state), 1..=wanted.seeds));
    }
    for (name, state) in states {
        small_row(
            &format!("1,000 an hour on 3, {name} for 5 min"),
            &outages(&Scene::small(state, 300.0), 1..=wanted.seeds),
        );
    }
}

fn small_row(name: &str, runs: &[Outage]) {
    let share = |of: fn(&Outage) -> f64| figure(runs, |run| of(run) / run.logins.max(1.0)).average;
    println!(
        "| {name} | {:.1} % | {:.2} | {:.2} | {} | {} |",
        100.0 * share(|run| run.denied),
        figure(runs, |run| run.wait).average,
        share(|run| run.sent),
        both(figure(runs, |run| run.in_flight), 0),
        both(figure(runs, |run| run.back), 1),
    );
}
