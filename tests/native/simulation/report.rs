//! What a world has seen, and what went wrong in it.

use super::invariants::Line;
use super::plan::{Auth, Plan};
use super::story::{Call, Story};
use super::systems::FAULTS;
use std::cell::Cell;
use std::collections::BTreeMap;

/// What a world has seen.
#[derive(Default)]
pub struct Report {
    /// Logins that ended.
    pub logins: u64,
    /// Requests sent.
    pub requests: u64,
    /// Syncs that could have sent one: not skipped, fresh or invalid beforehand.
    pub candidates: u64,
    /// How often each thing happened: faults, outcomes, results and what is worth reaching.
    pub seen: BTreeMap<String, u64>,
    /// The most that the engine has kept: answers and bytes.
    pub most_kept: (usize, usize),
    /// A digest of all that the engine did, to compare two runs.
    pub transcript: u64,
    /// The stories, where they were asked for.
    pub stories: Vec<String>,
}

/// An invariant did not hold.
pub struct Broken {
    /// Its name.
    pub invariant: &'static str,
    /// The world's seed.
    pub seed: u64,
    /// After how many logins of that world.
    pub logins: u64,
    /// The stories of the logins before, where they were asked for.
    pub before: Vec<String>,
    /// The invariant, what happened, how to replay it, and the story.
    pub message: String,
}

/// What must have happened before a run of worlds proves anything.
pub fn expected_sights() -> Vec<String> {
    let outcomes = [
        "ok",
        "fresh",
        "reused",
        "stale",
        "skipped",
        "rejected",
        "unauthorized",
        "conflict",
        "unavailable",
        "invalid",
    ];
    let others = [
        "answered on the line",
        "breaker opened",
        "breaker probed",
        "clock jumped",
        "followed another login's call",
        "metadata refused",
        "no room in a token",
        "record forged",
        "retry waited for",
        "secret rotated",
        "stale connection repeated",
        "stayed on the line",
        "token from memory",
        "token invalid",
        "token not renewed",
        "token ok",
        "token renewed",
        "token unauthorized",
        "token unavailable",
    ];
    let mut sights: Vec<String> = FAULTS.iter().map(|(fault, _)| format!("{fault:?}")).collect();
    sights.extend(outcomes.map(|outcome| format!("outcome {outcome}")));
    sights.extend(["allowed", "mfa", "denied", "done", "refused"].map(|result| format!("result {result}")));
    sights.extend(others.map(str::to_string));
    sights
}

impl Report {
    /// Something happened once more.
    pub fn count(&mut self, what: &str) {
        self.add(what, 1);
    }

    /// Something happened so many times.
    pub fn add(&mut self, what: &str, times: u64) {
        match self.seen.get_mut(what) {
            Some(count) => *count += times,
            None => drop(self.seen.insert(what.to_string(), times)),
        }
    }

    /// Something that another run of the same world must repeat.
    pub fn record(&mut self, text: &str) {
        for byte in text.bytes() {
            self.transcript = (self.transcript ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// A login has ended.
    pub fn tally(&mut self, plan: &Plan, story: &Story) {
        let Some(end) = &story.end else { return };
        self.record(&end.log);
        self.most_kept = (self.most_kept.0.max(end.kept.0), self.most_kept.1.max(end.kept.1));
        let line = Line::read(&end.log);
        self.count(&format!("result {}", line.result));
        self.add("metadata refused", u64::from(line.result == "allowed" && end.refuses_metadata()));
        for (number, system) in plan.systems.iter().enumerate() {
            let Some(outcome) = line.outcome(&system.name) else { continue };
            let unsent = story.calls_to(number).next().is_none();
            let beforehand = matches!(outcome, "skipped" | "fresh") || (outcome == "invalid" && unsent);
            self.candidates += u64::from(!beforehand);
            self.count(&format!("outcome {outcome}"));
        }
        self.add("no room in a token", u64::from(line.warns("claims-too-large")));
        for call in &story.calls {
            self.add("stale connection repeated", u64::from(call.after_stale));
            self.add("secret rotated", u64::from(call.rotated));
            let (system, reply) = (&plan.systems[call.system], call.reply.as_ref());
            if system.is_source() {
                self.count(&format!("token {}", call.means().unwrap_or_default()));
            } else if let Auth::Token(source) = system.auth {
                self.add("token from memory", u64::from(story.calls_to(source).next().is_none()));
                let refused = |before: &&Call| before.reply.as_ref().is_some_and(|reply| reply.status == 401);
                let renewed = !call.begins && story.calls_to(call.system).any(|call| refused(&call));
                self.add("token renewed", u64::from(renewed));
                self.add("token not renewed", u64::from(reply.is_some_and(|reply| reply.in_vain)));
            }
        }
        for wait in &story.waits {
            self.count(if wait.after.is_some() {
                "retry waited for"
            } else {
                "followed another login's call"
            });
        }
    }
}

thread_local! {
    /// For a panic in the engine, which has no way to say in which world it happened.
    static SEED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// The world that this thread is in.
pub fn enter_world(seed: Option<u64>) {
    SEED.set(seed);
}

/// Makes a panic say in which world it happened.
pub fn panics_tell_the_seed() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if let Some(seed) = SEED.get() {
            eprintln!("a panic in the world of seed {seed}: {}", how_to_replay(seed));
        }
        before(info);
    }));
}

/// The command that tells a world's whole story.
pub fn how_to_replay(seed: u64) -> String {
    format!("LOGIN_SYNC_SEED={seed} cargo test --test native replay -- --nocapture")
}
