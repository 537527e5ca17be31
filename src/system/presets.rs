//! The systems we know: a document of the config's own schema each, in `src/presets/`.
//!
//! Adding a system is adding one file there and its line here. No preset can do what a user's own entry cannot.

use crate::document::config_value::ConfigValue;
use crate::host::text::words;
use crate::host::value::{Kind, Val, Value};

/// The names of all.
pub(crate) const NAMES: &str = "cleeng userhub okta-workflows";

/// The documents, in the order of the names.
const DOCUMENTS: [&str; 3] = [
    include_str!("../presets/cleeng.json"),
    include_str!("../presets/userhub.json"),
    include_str!("../presets/okta-workflows.json"),
];

/// The preset that is named here.
fn named(place: ConfigValue) -> Val {
    // Connectors are written out before a config is put into a paste.
    let at = place.word_or(NAMES, "; for another connector run `bundle`");
    DOCUMENTS.get(at).map(|text| document(text)).unwrap_or_default()
}

/// All of them, with their names.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Val)> {
    words(NAMES).into_iter().zip(DOCUMENTS.into_iter().map(document))
}

fn document(text: &str) -> Val {
    Val::from_text(text).parse_json().unwrap_or_default()
}

/// The entry here, laid over its preset when it uses one.
pub(crate) fn laid_over_preset(entry: ConfigValue) -> Val {
    let Some(field) = entry.field("use") else {
        return entry.value.clone();
    };
    let mut preset = named(field);
    if !entry.value.get("onFailure").get("deny").is_null() {
        // One policy for all failures takes the place of one for each.
        preset = preset.without("onFailure");
    }
    lay_over(&preset, &entry.value.without("use"), 3)
}

/// Lays an entry over its preset, field by field: `levels` deep (a field of the entry; of its request, response and
/// onFailure; one header, body field or claim), what is deeper is replaced whole, and null takes a field away.
fn lay_over(base: &Val, patch: &Val, levels: usize) -> Val {
    if levels == 0 || base.kind() != Kind::Object || patch.kind() != Kind::Object {
        return patch.clone();
    }
    let (base_keys, patch_keys) = (base.keys(), patch.keys());
    let mut fields = Vec::new();
    for key in &base_keys {
        if !patch_keys.contains(key) {
            fields.push((key.as_str(), base.get(key)));
            continue;
        }
        let over = patch.get(key);
        if !over.is_null() {
            fields.push((key.as_str(), lay_over(&base.get(key), &over, levels - 1)));
        }
    }
    for key in patch_keys.iter().filter(|key| !base_keys.contains(key)) {
        fields.push((key.as_str(), patch.get(key)));
    }
    Val::from_object(fields)
}
