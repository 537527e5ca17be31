//! Entries that read each other: who comes first, what becomes of one whose source has nothing to give, and that nothing
//! of an entry in shadow is set.

use super::invariants::{Line, end, hold};
use super::plan::{FAILURES, Plan, Reading, Shape, SystemPlan, When};
use super::story::Story;
use super::world::World;
use fastrand::Rng;
use login_sync::Command;
use serde_json::{Value as Json, json};

impl Plan {
    /// Has some of the first `own` entries read others of them, all in one direction, and some do so in shadow.
    pub fn link(&mut self, rng: &mut Rng, entries: &mut [Json], own: usize) {
        let backwards = rng.bool();
        for number in 0..own {
            if rng.u8(0..8) == 0 {
                entries[number]["mode"] = json!("shadow");
                self.systems[number].shadow = true;
            }
            let sources = if backwards { number + 1..own } else { 0..number };
            let system = &self.systems[number];
            // What it sends or keeps must not depend on when its turn comes.
            if sources.is_empty() || system.reuse || system.fresh_ms.is_some() || rng.bool() {
                continue;
            }
            let source = rng.usize(sources);
            if system.shape == Shape::Post && rng.bool() {
                entries[number]["request"]["body"]["source"] = json!(format!("syncs.s{source}.answer.id"));
                self.systems[number].source = Some((source, Reading::Answer));
                self.systems[source].give(rng, &mut entries[source]);
            } else if system.when == When::Always {
                entries[number]["when"] = json!(format!("syncs.s{source}.outcome == 'rejected'"));
                self.systems[number].source = Some((source, Reading::End));
            }
        }
        for _ in 0..own {
            for number in 0..own {
                let source = self.systems[number].source;
                let shadow = source.is_some_and(|(source, _)| self.systems[source].shadow);
                self.systems[number].shadow |= shadow;
            }
        }
        self.deny_conflict = (own > 0 && rng.u8(0..4) == 0).then(|| rng.usize(0..own));
    }
}

impl SystemPlan {
    /// Its answer is read by another entry.
    fn give(&mut self, rng: &mut Rng, entry: &mut Json) {
        if self.reuse || self.fresh_ms.is_some() || rng.bool() {
            entry["response"]["keep"] = json!({"id": "id"});
            self.keeps = true;
        } else if !self.keeps {
            self.gives_whole = true;
        }
    }
}

/// What comes of an entry's turn, by how its source ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It does what it would do anyway.
    Goes,
    /// It is skipped.
    Skips,
    /// It is unavailable, and asks no one.
    Fails,
    /// The line was cut, and does not say.
    Unknown,
}

/// The turn of this system.
pub fn turn(world: &World, story: &Story, line: &Line, system: &SystemPlan) -> Turn {
    let Some((source, reading)) = system.source else { return Turn::Goes };
    let source = &world.plan.systems[source];
    if !source.runs(story.registration) {
        return Turn::Skips;
    }
    match (line.outcome(&source.name), reading) {
        (None, _) => Turn::Unknown,
        (Some("rejected"), Reading::End) => Turn::Goes,
        (Some(_), Reading::End) | (Some("skipped"), _) => Turn::Skips,
        (Some(outcome), _) if FAILURES.contains(&outcome) => Turn::Fails,
        _ => Turn::Goes,
    }
}

pub fn order_is_kept(world: &World, story: &Story) -> Result<(), String> {
    let line = Line::read(&end(story).log);
    for (number, system) in world.plan.systems.iter().enumerate() {
        let Some((source, reading)) = system.source else { continue };
        let name = &world.plan.systems[source].name;
        for call in story.calls_to(number) {
            let last = story.calls_to(source).last();
            let answered = last.is_none_or(|last| last.reply.as_ref().is_some_and(|r| r.tick <= call.tick));
            hold!(answered, "{} was asked before {name} had ended", system.name);
            let good = last.and_then(|last| last.reply.as_ref()).filter(|reply| reply.means == "ok");
            let told = call.request.body.as_deref().unwrap_or("null");
            let told: Json = serde_json::from_str(told).map_err(|error| error.to_string())?;
            if let (Some(reply), Reading::Answer) = (good, reading) {
                hold!(
                    told["source"] == reply.body["id"],
                    "{} was told {} of {name}",
                    system.name,
                    told["source"]
                );
            }
            let told = told["source"].as_str();
            let own = world.people[story.person].id.as_str();
            hold!(told.is_none_or(|told| told == own), "{} was told of somebody else: {told:?}", system.name);
        }
        let asked = story.calls_to(number).count() > 0;
        let turn = turn(world, story, &line, system);
        hold!(
            !asked || !matches!(turn, Turn::Skips | Turn::Fails),
            "{} was asked without {name}",
            system.name
        );
    }
    Ok(())
}

pub fn shadow_touches_nothing(world: &World, story: &Story) -> Result<(), String> {
    for system in world.plan.systems.iter().filter(|system| system.shadow) {
        for command in &end(story).commands {
            let touched = match command {
                Command::IdTokenClaim(name, _) | Command::AccessTokenClaim(name, _) => {
                    system.claims.iter().any(|(_, claim, _)| **claim == **name)
                }
                Command::AppMetadata(key, value) if &**key == "login_sync" => {
                    value.0[&system.name] != story.metadata["login_sync"][&system.name]
                }
                Command::AppMetadata(key, _) => **key == *format!("{}_user", system.name),
                Command::Deny(reason, _) => reason.contains(&format!("({}: ", system.name)),
                _ => false,
            };
            hold!(!touched, "{} is in shadow, and something of it is asked for", system.name);
        }
    }
    Ok(())
}
