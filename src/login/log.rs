//! The one line that an execution leaves in Auth0's log, which keeps 256 characters of it.
//!
//! Names, outcomes, statuses and times; never a secret, a token, personal data or an outside text. As logfmt:
//!
//! `login-sync trigger=post-login result=allowed ms=131 id=… cleeng=ok:200:129ms:1`
//!
//! Each system's value is its outcome, then what is known of: the last status or what was wrong, the milliseconds, the
//! number of requests. Systems that failed come first, so that a cut line loses those that did well.

use crate::document::trigger::Trigger;
use crate::host::text::decimal;
use crate::host::value::{Val, Value};
use crate::system::finished::{End, Finished};
use crate::system::patience::whole;

/// How the line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// `key=value key=value`
    #[default]
    Logfmt,
    /// `{"key":"value"}`
    Json,
}

/// What every line says.
pub(crate) struct Line<'a> {
    /// Which flow ran.
    pub trigger: Trigger,
    /// `allowed`, `mfa`, `denied`; `done` where nothing waits; of an event `again` or, for good, `failed`; `refused` for a
    /// config.
    pub result: &'a str,
    /// The whole execution.
    pub ms: f64,
    /// Auth0's id of the transaction or the session, to find its own entry.
    pub id: &'a str,
    /// What an admin should look at, a word each.
    pub notes: &'a [&'a str],
}

/// What Auth0 keeps, in characters, without room for `warn_api` and `denied_after_all`; the line is ASCII.
const LONGEST: usize = 256 - 13 - 3;

/// Adds to a line that Auth0 refused a command. Not its text, which may hold personal data.
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "wasm.rs alone asks for it"))]
#[cold]
#[inline(never)]
pub(crate) fn warn_api(line: &mut String) {
    let json = line.ends_with('}');
    // A name is said once: of two of them a parser of JSON keeps the last.
    if insert(line, if json { ",\"warn\":\"" } else { " warn=" }, 0, "api,") {
        return;
    }
    if json {
        line.truncate(line.len() - 1);
        line.push_str(",\"warn\":\"api\"}");
    } else {
        line.push_str(" warn=api");
    }
}

/// Says `denied` in a line that says `mfa`: Auth0 refused the second factor.
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "wasm.rs alone asks for it"))]
#[cold]
#[inline(never)]
pub(crate) fn denied_after_all(line: &mut String) {
    // Nothing before the result can hold this text.
    insert(line, "mfa", 3, "denied");
}

/// Puts `new` where `text` first is: in place of its last `less` bytes. Whether it is there.
fn insert(line: &mut String, text: &str, less: usize, new: &str) -> bool {
    let at = line.as_bytes().windows(text.len()).position(|bytes| bytes == text.as_bytes());
    let end = at.unwrap_or(line.len()) + text.len();
    let parts = (line.get(..end - less), line.get(end..));
    let (Some(before), Some(after)) = parts else { return false };
    *line = [before, new, after].concat();
    true
}

impl Line<'_> {
    /// Writes the line.
    pub(crate) fn write(&self, format: Format, ends: &[End]) -> String {
        let json = format == Format::Json;
        let mut line = String::from(if json { "{\"app\":\"login-sync\"" } else { "login-sync" });
        let mut add = |name: &str, value: &str| add(&mut line, json, name, value);
        add("trigger", self.trigger.name());
        add("result", self.result);
        add("ms", &decimal(whole(self.ms)));
        let id = ascii(self.id);
        if !id.is_empty() {
            add("id", &id);
        }
        if !self.notes.is_empty() {
            add("warn", &words(self.notes));
        }
        for failures in [true, false] {
            for (sync, end) in ends.iter().filter(|(_, end)| end.outcome.is_failure() == failures) {
                add(&sync.name, &summary(end));
            }
        }
        if json {
            line.push('}');
        }
        line
    }
}

/// As many words as leave room for the systems; `more` for the others.
#[cold]
#[inline(never)]
fn words(notes: &[&str]) -> String {
    let mut text = String::new();
    for note in notes {
        let full = text.len() + note.len() > 48;
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(if full { "more" } else { note });
        if full {
            break;
        }
    }
    text
}

/// Adds a field, if there is room for it and the end.
#[inline(never)]
fn add(line: &mut String, json: bool, name: &str, value: &str) {
    let field = if json {
        [",\"", name, "\":", &Val::from_text(value).to_json()].concat()
    } else {
        [" ", name, "=", value].concat()
    };
    if line.len() + field.len() + usize::from(json) <= LONGEST {
        line.push_str(&field);
    }
}

/// A refused config's line: the first problem, cut to what Auth0 keeps.
pub(crate) fn refusal(trigger: Trigger, problem: &str, more: usize) -> String {
    let more = if more > 0 {
        [" (and ", &decimal(u32::try_from(more).unwrap_or_default()), " more)"].concat()
    } else {
        String::new()
    };
    let head = ["login-sync trigger=", trigger.name(), " result=refused problem=\""].concat();
    let room = LONGEST - head.len() - more.len() - 1;
    let problem: String = ascii_sentence(problem).chars().take(room).collect();
    [&head, &problem, &more, "\""].concat()
}

fn summary(end: &Finished) -> String {
    let mut text = end.outcome.name().to_string();
    let mut add = |part: &str, unit: &str| text.push_str(&[":", part, unit].concat());
    if end.status != 0 {
        add(&decimal(u32::from(end.status)), "");
    }
    if !end.detail.is_empty() {
        add(&end.detail, "");
    }
    if end.tries > 0 {
        add(&decimal(whole(end.ms)), "ms");
        add(&decimal(end.tries), "");
    }
    text
}

/// An id as the log may hold it.
fn ascii(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).take(48).collect()
}

fn ascii_sentence(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        match c {
            '…' => line.push_str("..."),
            ' '..='~' if c != '"' => line.push(c),
            _ => line.push('\''),
        }
    }
    line
}
