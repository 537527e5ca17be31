//! The systems we know: a document of the config's own schema each, in `presets/`.
//!
//! Adding a system is adding one file there and its line here. No preset can do what a user's own entry cannot.

use crate::config::{MOST_BUDGET_MS, Sync};
use crate::document::place::Place;
use crate::host::value::{Val, Value};

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

/// All of them, for a config without `syncs`: secrets will switch them on, under names that begin with the preset's own,
/// as `API_KEY` may be anyone's.
// Apart, and so not compiled where the config has `syncs`.
#[inline(never)]
pub fn all(place: &Place) -> Vec<Sync> {
    let mut all = Vec::new();
    for (name, text) in NAMES.iter().zip(DOCUMENTS) {
        // `USERHUB_` for `userhub`.
        let prefix = [&name.to_ascii_uppercase().replace('-', "_"), "_"].concat();
        all.extend(Sync::read(&place.replaced_by(document(text)), &prefix, MOST_BUDGET_MS));
    }
    all
}

fn document(text: &str) -> Val {
    Val::from_text(text).parse_json().unwrap_or_default()
}
