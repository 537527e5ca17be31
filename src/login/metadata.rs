//! What a login writes to the user's metadata: what the config takes from the event and from answers, and the records of
//! what is fresh.

use crate::document::fields::Fields;
use crate::document::names::METADATA_KEY;
use crate::host::text::{Text, joined};
use crate::host::value::{Kind, Val, Value};
use crate::login::command::Command;
use crate::system::finished::End;
use crate::system::outcome::Outcome;

/// Keys of the metadata, each with the name of its entry: one that Auth0 refuses is not fresh, and is asked for again.
#[derive(Default)]
pub struct Vouched {
    keys: Vec<(Key, String)>,
    /// The user has records from before, which must not outlive what this login found.
    recorded: bool,
}

/// Whether it is one of user_metadata, and which.
type Key = (bool, Text);

impl Vouched {
    /// Has a command carried out by `apply`, which says whether Auth0 took it. `unwritten` are the keys that it has
    /// refused so far.
    pub fn carry_out(
        &self,
        command: &Command,
        unwritten: &mut Vec<(bool, Text)>,
        apply: impl Fn(&Command) -> bool,
    ) -> bool {
        let key = match command {
            Command::AppMetadata(key, value) if *key == METADATA_KEY && !unwritten.is_empty() => {
                return self.record_without(value, unwritten).is_none_or(|record| apply(&record));
            }
            Command::AppMetadata(key, _) => (false, key),
            Command::UserMetadata(key, _) => (true, key),
            _ => return apply(command),
        };
        let written = apply(command);
        if !written {
            unwritten.push((key.0, key.1.clone()));
        }
        written
    }

    /// The records but for those of entries that own one of these keys; null when none is left, and `None` when there
    /// was none before either.
    #[cold]
    #[inline(never)]
    fn record_without(&self, records: &Val, unwritten: &[Key]) -> Option<Command> {
        let lost = self.keys.iter().filter(|(key, _)| unwritten.contains(key));
        let lost: Vec<&str> = lost.map(|(_, name)| name.as_str()).collect();
        let records = records.without(&joined(&lost, " "));
        let records = if records.is_truthy() { records } else { Val::default() };
        (self.recorded || !records.is_null()).then(|| Command::AppMetadata(Text::new(METADATA_KEY), records))
    }
}

/// Auth0 keeps 32 kB of each metadata. No write of ours makes one larger than this.
const MOST_METADATA: usize = 32_000;

/// One of the user's two metadata, and what is written to it.
struct Store {
    /// What the user has.
    known: Val,
    /// Its size, once that has mattered.
    size: Option<usize>,
    command: fn(Text, Val) -> Command,
    /// Words for the log: it is full; it is no object, which a custom database may have put there: Auth0 throws when it
    /// is written to.
    words: [&'static str; 2],
}

impl Store {
    fn of(user: &Val) -> [Self; 2] {
        let store = |name, command, words| Self { known: user.get(name), size: None, command, words };
        [
            store("app_metadata", Command::AppMetadata, ["metadata-full", "metadata-not-an-object"]),
            store(
                "user_metadata",
                Command::UserMetadata,
                ["user-metadata-full", "user-metadata-not-an-object"],
            ),
        ]
    }

    /// Whether Auth0 will have it then, as far as we know. What is there already is not written.
    fn write(&mut self, key: &Text, value: &Val, out: &mut Vec<Command>, notes: &mut Vec<&str>) -> bool {
        let old = self.known.field(key);
        // Null takes a key away, and is no change where there is none.
        if old.same(value, 1 << 24).0 {
            return true;
        }
        let writable = matches!(self.known.kind(), Kind::Object | Kind::Null);
        // The key with its quotes, a colon, the value and a comma.
        let size_of = |value: &Val| if value.is_null() { 0 } else { key.value().size() + 2 + value.size() };
        let before = *self.size.get_or_insert_with(|| self.known.size());
        let after = (before + size_of(value)).saturating_sub(size_of(&old));
        // What gets smaller may always be written.
        let fits = writable && after <= MOST_METADATA.max(before);
        if fits {
            self.size = Some(after);
            out.push((self.command)(key.clone(), value.clone()));
        } else {
            let [full, no_object] = self.words;
            let note = if writable { full } else { no_object };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        fits
    }
}

/// Metadata that changed, and the record of what is fresh. `own` are the keys that the config takes from the event.
#[inline(never)]
pub(super) fn write_metadata(
    user: &Val,
    now: f64,
    own: [&Fields; 2],
    ends: &[End],
    out: &mut Vec<Command>,
    notes: &mut Vec<&str>,
) -> Vouched {
    let mut stores = Store::of(user);
    for (store, fields) in stores.iter_mut().zip(own) {
        for (key, value) in fields {
            store.write(key, value, out, notes);
        }
    }
    let [app_metadata, _] = &stores;
    let kept = app_metadata.known.get(METADATA_KEY);
    let names = kept.keys();
    let mut vouched = Vouched { keys: Vec::new(), recorded: !names.is_empty() };
    let mut records = Vec::new();
    for (sync, end) in ends.iter().filter(|end| writes_metadata(end)) {
        let mut whole = end.taken.lasting;
        let [.., app_metadata, user_metadata, _] = &end.taken.fields;
        for (index, (store, fields)) in stores.iter_mut().zip([app_metadata, user_metadata]).enumerate() {
            for (key, value) in fields {
                whole &= store.write(key, value, out, notes);
                if sync.fresh_ms.is_some() {
                    vouched.keys.push(((index > 0, key.clone()), sync.name.clone()));
                }
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
    let [store, _] = &mut stores;
    let key = Text::new(METADATA_KEY);
    records.extend(others.iter().cloned());
    // Where the new records have no room, the old ones go all the same.
    if !store.write(&key, &records_or_null(records), out, notes) {
        store.write(&key, &records_or_null(others), out, notes);
    }
    vouched
}

pub(super) fn writes_metadata(end: &End) -> bool {
    let [.., app_metadata, user_metadata, _] = &end.1.taken.fields;
    let writes = !app_metadata.is_empty() || !user_metadata.is_empty();
    replaces_record(end) || (end.1.outcome == Outcome::Ok && writes)
}

/// Whether the system has said in this login what is so, be it no: what is kept of it from before is over.
fn replaces_record((sync, end): &End) -> bool {
    let said = end.outcome == Outcome::Ok || (end.outcome.is_refusal() && end.status != 0);
    said && sync.fresh_ms.is_some() && !sync.shadow
}

fn records_or_null(records: Vec<(&str, Val)>) -> Val {
    if records.is_empty() { Val::default() } else { Val::from_object(records) }
}
