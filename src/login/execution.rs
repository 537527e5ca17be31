//! One execution of the Action, from the event to the commands.

use crate::config::{Config, Sync};
use crate::host::text::Text;
use crate::host::value::{Kind, Val, Value};
use crate::login::claims::{Command, METADATA_KEY, Room};
use crate::login::log::Line;
use crate::login::policy::{Outcome, Policy};
use crate::login::rules::DenyRule;
use crate::request::scope::{Scope, Trigger};
use crate::system::reuse::{Follower, Reuse};
use crate::system::step::{Outside, Task, join};
use crate::system::sync::{Finished, System, run};
use std::cell::RefCell;
use std::rc::Rc;

/// Fills a buffer with random bytes; `false` when there are none to be had. A value, so that a simulation can be
/// repeated.
pub type Entropy = fn(&mut [u8]) -> bool;

/// What the logins of one instance share. Nothing here belongs to one login alone.
#[derive(Default)]
pub struct Shared {
    systems: Vec<System>,
    /// Answers kept in memory.
    pub reuse: Reuse,
    /// Logins whose shared call has ended.
    pub wakes: Vec<Follower>,
}

impl Shared {
    /// What is remembered of one system.
    pub fn system(&mut self, index: usize) -> &mut System {
        while self.systems.len() <= index {
            self.systems.push(System::default());
        }
        #[expect(clippy::indexing_slicing, reason = "the loop above has made the list long enough")]
        &mut self.systems[index]
    }
}

/// One execution.
pub struct Login {
    /// Its number in the instance.
    pub id: u32,
    /// Which flow runs it.
    pub trigger: Trigger,
    /// Its id to the systems that it tells, so that they can tell what belongs together.
    pub trigger_id: Text,
    /// What it knows.
    pub scope: Scope,
    /// What it may ask for.
    pub outside: Outside,
    /// What the admin wrote.
    pub config: Rc<Config>,
    /// What it shares with others.
    pub shared: Rc<RefCell<Shared>>,
    /// Where randomness comes from.
    pub entropy: Entropy,
    /// The tick of its start.
    pub started: f64,
    /// The tick at which its budget ends.
    pub deadline: f64,
}

/// A sync of the config, and how it ended in this login.
pub type End<'a> = (&'a Sync, Box<Finished>);

/// How an execution ends.
pub struct Verdict {
    /// What to ask of Auth0, in order. None before the login is decided; what Auth0 refuses is left out.
    pub commands: Vec<Command>,
    /// What the records of freshness among them depend on.
    pub vouched: Vouched,
    /// The one line for the log.
    pub log: String,
}

/// Keys of app_metadata, each with the name of its entry: one that Auth0 refuses is not fresh, and is asked for again.
#[derive(Default)]
pub struct Vouched {
    keys: Vec<(Text, String)>,
    /// The user has records from before, which must not outlive what this login found.
    recorded: bool,
}

impl Vouched {
    /// Has a command carried out by `apply`, which says whether Auth0 took it. `unwritten` are the keys that it has
    /// refused so far.
    pub fn carry_out(
        &self,
        command: &Command,
        unwritten: &mut Vec<Text>,
        apply: impl Fn(&Command) -> bool,
    ) -> bool {
        let Command::AppMetadata(key, value) = command else {
            return apply(command);
        };
        if *key == METADATA_KEY && !unwritten.is_empty() {
            return self.record_without(value, unwritten).is_none_or(|record| apply(&record));
        }
        let written = apply(command);
        if !written {
            unwritten.push(key.clone());
        }
        written
    }

    /// The records but for those of entries that own one of these keys; null when none is left, and `None` when there
    /// was none before either.
    #[cold]
    #[inline(never)]
    fn record_without(&self, records: &Val, unwritten: &[Text]) -> Option<Command> {
        let lost = self.keys.iter().filter(|(key, _)| unwritten.contains(key));
        let lost: Vec<&str> = lost.map(|(_, name)| name.as_str()).collect();
        let records = records.without(&lost);
        let records = if records.is_truthy() { records } else { Val::default() };
        (self.recorded || !records.is_null()).then(|| Command::AppMetadata(Text::new(METADATA_KEY), records))
    }
}

/// Auth0 keeps 32 kB of app_metadata; what is written there by us must leave room for this much more.
const MOST_METADATA: usize = 32_000;

impl Login {
    /// Who logs in, as the guard tells users apart. A login of no one is like no other.
    #[cold]
    #[inline(never)]
    pub fn user(&self) -> String {
        self.scope.user().unwrap_or_else(|| self.trigger_id.to_string())
    }

    /// Runs it: deny rules, syncs side by side, then everything is decided at once.
    pub async fn run(self) -> Verdict {
        let rules: &[DenyRule] = if self.trigger == Trigger::PostLogin { &self.config.deny } else { &[] };
        if let Some(rule) = rules.iter().find(|rule| rule.applies(&self.scope.event)) {
            return self.denied(rule.reason.clone(), &[], &["deny-rule"]);
        }
        let mut tasks: Vec<Task<'_, End>> = Vec::new();
        for sync in &self.config.syncs {
            if sync.runs_on(self.trigger) {
                tasks.push(Box::pin(run(&self, sync)));
            }
        }
        self.decide(&join(tasks).await)
    }

    #[cold]
    #[inline(never)]
    fn denied(&self, reason: String, ends: &[End], notes: &[&str]) -> Verdict {
        self.verdict(vec![Command::Deny(reason)], "denied", ends, notes)
    }

    #[inline(never)]
    fn decide(&self, ends: &[End]) -> Verdict {
        let mut notes: Vec<&str> = Vec::new();
        for (_, end) in ends.iter().filter(|(_, end)| !end.warning.is_empty()) {
            notes.push(&end.warning);
        }
        if self.trigger == Trigger::PostUserRegistration {
            return self.verdict(Vec::new(), "done", ends, &notes);
        }
        let mut second_factor = false;
        for (sync, end) in ends {
            match sync.on_failure.policy(end.outcome) {
                Policy::Deny(reason) => {
                    let reason = reason.clone().unwrap_or_else(|| default_reason(&sync.name, end.outcome));
                    return self.denied(reason, ends, &notes);
                }
                Policy::Mfa => second_factor = true,
                Policy::Allow => {}
            }
        }
        // The second factor first: nothing that Auth0 might refuse may keep it away. And one call for it: Auth0 fails
        // a login at the fifth, of all its Actions together.
        let mut out = Vec::new();
        if let Some(rule) = self.config.mfa.iter().find(|rule| rule.applies(&self.scope)) {
            out.push(rule.command(&self.scope.event));
        }
        // `none` takes a second factor away; a failure that asks for one counts for more.
        if second_factor && !out.iter().any(Command::asks_for_second_factor) {
            out = vec![Command::any_factor()];
        }
        let mfa = out.iter().any(Command::asks_for_second_factor);
        let result = if mfa { "mfa" } else { "allowed" };
        self.claims(ends, &mut out, &mut notes);
        let mut vouched = Vouched::default();
        if ends.iter().any(writes_metadata) {
            vouched = self.metadata(ends, &mut out, &mut notes);
        }
        Verdict { vouched, ..self.verdict(out, result, ends, &notes) }
    }

    /// Claims from the event, then those from answers, as far as there is room in their token.
    fn claims(&self, ends: &[End], out: &mut Vec<Command>, notes: &mut Vec<&str>) {
        let mut room = Room::default();
        let claims = &self.config.claims;
        let id = claims.id_token.fill(&self.scope.event, false);
        room.id_token(&id.fields, out);
        let access = claims.access_token.fill(&self.scope.event, false);
        room.access_token(&access.fields, out);
        let mut failed = id.failed || access.failed;
        for (_, end) in ends {
            room.id_token(&end.taken.id_token, out);
            room.access_token(&end.taken.access_token, out);
            failed |= end.taken.partial;
        }
        if failed {
            notes.push("claims-expression");
        }
        if room.short {
            notes.push("claims-too-large");
        }
    }

    /// Metadata that changed, and the record of what is fresh.
    #[inline(never)]
    fn metadata(&self, ends: &[End], out: &mut Vec<Command>, notes: &mut Vec<&str>) -> Vouched {
        let known = self.scope.app_metadata();
        // A custom database may have put something else there; Auth0 throws when it is written to.
        let writable = matches!(known.kind(), Kind::Object | Kind::Null);
        let mut size = known.to_json().len();
        // Whether Auth0 will have it then, as far as we know.
        let mut write = |key: &Text, value: Val| {
            // Compared as text: another order of keys counts as a change, which costs a write and nothing else. Null
            // takes a key away, and is no change where there is none.
            let (old, new) = (known.field(key).to_json(), value.to_json());
            if old == new {
                return true;
            }
            let grows = if value.is_null() { 0 } else { key.len() + new.len() };
            let after = (size + grows).saturating_sub(old.len());
            // What gets smaller may always be written.
            let fits = writable && after <= MOST_METADATA.max(size);
            if fits {
                size = after;
                out.push(Command::AppMetadata(key.clone(), value));
            } else {
                let note = if writable { "metadata-full" } else { "metadata-not-an-object" };
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            fits
        };
        let kept = known.get(METADATA_KEY);
        let names = kept.keys();
        let mut vouched = Vouched { keys: Vec::new(), recorded: !names.is_empty() };
        let mut records = Vec::new();
        for (sync, end) in ends.iter().filter(|end| writes_metadata(end)) {
            let mut whole = end.taken.lasting;
            for (key, value) in &end.taken.app_metadata {
                whole &= write(key, value.clone());
                if sync.fresh_ms.is_some() {
                    vouched.keys.push((key.clone(), sync.name.clone()));
                }
            }
            if whole && sync.fresh_ms.is_some() {
                let at = self.outside.now().wall;
                records.push((sync.name.as_str(), end.taken.to_record(at, &sync.fingerprint)));
            }
        }
        // What a system has said since takes the place of what is kept of it, also where it leaves nothing to keep.
        let replaced = |name: &String| ends.iter().any(|end| end.0.name == *name && replaces_record(end));
        let others = names.iter().filter(|name| !replaced(name));
        let others: Vec<_> = others.map(|name| (name.as_str(), kept.get(name))).collect();
        if records.is_empty() && others.len() == names.len() {
            return vouched;
        }
        let key = Text::new(METADATA_KEY);
        records.extend(others.iter().cloned());
        // Where the new records have no room, the old ones go all the same.
        if !write(&key, records_or_null(records)) {
            write(&key, records_or_null(others));
        }
        vouched
    }

    fn verdict(&self, commands: Vec<Command>, result: &str, ends: &[End], notes: &[&str]) -> Verdict {
        let line = Line {
            trigger: self.trigger,
            result,
            ms: self.outside.now().tick - self.started,
            id: &self.scope.correlation_id(),
            notes,
        };
        Verdict { commands, vouched: Vouched::default(), log: line.write(self.config.log, ends) }
    }
}

fn writes_metadata(end: &End) -> bool {
    replaces_record(end) || (end.1.outcome == Outcome::Ok && !end.1.taken.app_metadata.is_empty())
}

/// Whether the system has said in this login what is so, be it no: what is kept of it from before is over.
fn replaces_record((sync, end): &End) -> bool {
    let said = end.outcome == Outcome::Ok || (end.outcome.is_refusal() && end.status != 0);
    said && sync.fresh_ms.is_some()
}

fn records_or_null(records: Vec<(&str, Val)>) -> Val {
    if records.is_empty() { Val::default() } else { Val::from_object(records) }
}

/// What a user is told when the entry says nothing better. Stable, short, and nothing from outside.
fn default_reason(system: &str, outcome: Outcome) -> String {
    ["We could not complete your login (", system, ": ", outcome.name(), ")."].concat()
}
