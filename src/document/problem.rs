//! What is wrong in a config: where, what, and what to write instead.

/// One thing that is wrong in a config, on one line and without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `config.syncs[2].request.url`.
    pub path: String,
    /// What is wrong, and the fix: ``must start with https://``.
    pub message: String,
    /// For an expression: its text with a caret under the column, on two lines.
    pub caret: Option<String>,
}

/// As `{path, message, caret}`. Not derived: serde-wasm-bindgen keeps a hash map of derived names, 2 kB of the paste.
impl serde::Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields =
            [("path", Some(&self.path)), ("message", Some(&self.message)), ("caret", self.caret.as_ref())];
        serializer.collect_map(fields)
    }
}

/// A problem about something the admin wrote, which is shown in backticks.
#[cold]
#[inline(never)]
pub(crate) fn refusal(path: String, before: &str, text: &str, after: &str) -> Problem {
    Problem { path, message: [before, "`", &shown(text), "`", after].concat(), caret: None }
}

/// What the admin wrote, as a message may hold it: on one line, and not too much of it.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
