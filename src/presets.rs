//! The systems we know: a document of the config's own schema each, in `presets/`.
//!
//! Adding a system is adding one file there and its line here. No preset can do what a user's own entry cannot.

use crate::config::Sync;
use crate::document::{Place, Problems};
use crate::request::Secrets;
use crate::value::{Val, Value};

/// Name and document.
const PRESETS: [(&str, &str); 3] = [
    ("cleeng", include_str!("presets/cleeng.json")),
    ("userhub", include_str!("presets/userhub.json")),
    ("okta-workflows", include_str!("presets/okta-workflows.json")),
];

/// The preset that is named here.
pub fn named(place: &Place) -> Option<Val> {
    place.word(&PRESETS).map(document)
}

/// The presets for which all secrets are set, under names that begin with the preset's own: `API_KEY` may be anyone's.
pub fn switched_on(place: &Place, secrets: Option<&Val>) -> Vec<Sync> {
    let Some(secrets) = secrets else {
        return Vec::new();
    };
    let set = secrets.keys();
    let likely = |prefix: &str| set.iter().any(|name| name.starts_with(prefix));
    let on = PRESETS.iter().filter_map(|(name, text)| {
        let prefix = prefix(name);
        // Reading a preset takes time at a cold start: only those that have a secret at all.
        if !likely(&prefix) {
            return None;
        }
        let problems = Problems::default();
        let entry = Place::root(document(text), &place.path, &problems);
        let sync = Sync::read(&entry, &Secrets::of_preset(secrets, &prefix), 8_000);
        // Nothing but a missing secret can be wrong with a preset.
        sync.filter(|_| problems.into_vec().is_empty())
    });
    on.collect()
}

/// Says which secrets would switch a preset on.
#[cold]
pub fn refuse_nothing_on(place: &Place) {
    let none = Val::from_object(Vec::new());
    let mut message = String::from("nothing to do: write `syncs`, or set the secrets of a preset:");
    for (name, text) in PRESETS {
        let prefix = prefix(name);
        let secrets = Secrets::of_preset(&none, &prefix);
        let problems = Problems::default();
        Sync::read(&Place::root(document(text), "", &problems), &secrets, 8_000);
        message.push_str(&[" ", &secrets.missing().join(" and "), " (", name, ")"].concat());
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
