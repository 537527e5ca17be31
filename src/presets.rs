//! The systems we know: a document of the config's own schema each, in `presets/`.
//!
//! Adding a system is adding one file there and its line here. No preset can do what a user's own entry cannot.

use crate::config::{MOST_BUDGET_MS, Sync};
use crate::document::{Place, Problems};
use crate::secrets::Secrets;
use crate::value::{Val, Value};

const NAMES: [&str; 3] = ["cleeng", "userhub", "okta-workflows"];

/// The documents, in the order of the names.
const DOCUMENTS: [&str; 3] = [
    include_str!("presets/cleeng.json"),
    include_str!("presets/userhub.json"),
    include_str!("presets/okta-workflows.json"),
];

/// The preset that is named here.
pub fn named(place: &Place) -> Val {
    DOCUMENTS.get(place.word(&NAMES)).map(|text| document(text)).unwrap_or_default()
}

/// The presets for which all secrets are set, under names that begin with the preset's own: `API_KEY` may be anyone's.
// Apart, and so not compiled where the config has `syncs`.
#[inline(never)]
pub fn switched_on(place: &Place, secrets: Option<&Val>) -> Vec<Sync> {
    let Some(secrets) = secrets else {
        return Vec::new();
    };
    let set = secrets.keys();
    let path = place.path();
    let mut on = Vec::new();
    for (name, text) in NAMES.iter().zip(DOCUMENTS) {
        let prefix = prefix(name);
        // Reading a preset takes time at a cold start: only those that have a secret at all.
        if !set.iter().any(|name| name.starts_with(&prefix)) {
            continue;
        }
        let problems = Problems::default();
        let entry = Place::root(document(text), &path, &problems);
        let sync = Sync::read(&entry, &Secrets::of_preset(secrets, &prefix), MOST_BUDGET_MS);
        // Nothing but a missing secret can be wrong with a preset.
        if problems.into_vec().is_empty() {
            on.extend(sync);
        }
    }
    on
}

/// Says which secrets would switch a preset on.
#[cold]
#[inline(never)]
pub fn refuse_nothing_on(place: &Place) {
    let none = Val::from_object(Vec::new());
    let mut message = String::from("nothing to do: write `syncs`, or set the secrets of a preset:");
    for (name, text) in NAMES.iter().zip(DOCUMENTS) {
        let prefix = prefix(name);
        let secrets = Secrets::of_preset(&none, &prefix);
        let problems = Problems::default();
        Sync::read(&Place::root(document(text), "", &problems), &secrets, MOST_BUDGET_MS);
        message.push_str(&[" ", &secrets.missing(), " (", name, ")"].concat());
    }
    place.refuse(&message);
}

fn document(text: &str) -> Val {
    Val::from_text(text).parse_json().unwrap_or_default()
}

/// `USERHUB_` for `userhub`.
fn prefix(name: &str) -> String {
    [&name.to_ascii_uppercase().replace('-', "_"), "_"].concat()
}
