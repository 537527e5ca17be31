//! What a login writes to the user's app_metadata: what was taken from answers, and the records of what is fresh.

use crate::document::names::METADATA_KEY;
use crate::host::text::Text;
use crate::host::value::{Kind, Val, Value};
use crate::login::command::Command;
use crate::system::finished::End;
use crate::system::outcome::Outcome;

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

/// Metadata that changed, and the record of what is fresh. `known` is what the user has.
#[inline(never)]
pub(super) fn write_metadata(
    known: &Val,
    now: f64,
    ends: &[End],
    out: &mut Vec<Command>,
    notes: &mut Vec<&str>,
) -> Vouched {
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
            records.push((sync.name.as_str(), end.taken.to_record(now, &sync.fingerprint)));
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

pub(super) fn writes_metadata(end: &End) -> bool {
    replaces_record(end) || (end.1.outcome == Outcome::Ok && !end.1.taken.app_metadata.is_empty())
}

/// Whether the system has said in this login what is so, be it no: what is kept of it from before is over.
fn replaces_record((sync, end): &End) -> bool {
    let said = end.outcome == Outcome::Ok || (end.outcome.is_refusal() && end.status != 0);
    said && sync.fresh_ms.is_some() && !sync.shadow
}

fn records_or_null(records: Vec<(&str, Val)>) -> Val {
    if records.is_empty() { Val::default() } else { Val::from_object(records) }
}
