//! A value that the config fixes: its JSON is ours, the host makes a value of it when it is first needed.
//!
//! So what has been read of a config holds no value of the host, and may outlive the host that read it: `wasm.rs` reads
//! ahead.

use crate::host::value::{Val, Value};
use std::cell::OnceCell;

/// A value that never changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constant {
    /// Empty for null.
    json: String,
    value: OnceCell<Val>,
}

impl Constant {
    /// This value, as it is now.
    pub(crate) fn new(value: &Val) -> Self {
        Self::of_json(value.to_json())
    }

    /// What this JSON says. Not as a value writes it: that of `1e400` is infinite, and infinity has no JSON.
    pub(crate) fn of_json(json: String) -> Self {
        Self { json, value: OnceCell::new() }
    }

    /// As the host holds it.
    pub(crate) fn value(&self) -> &Val {
        self.value.get_or_init(|| Val::from_text(&self.json).parse_json().unwrap_or_default())
    }
}
