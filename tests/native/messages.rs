//! What people read when a config is wrong: `tests/messages/` has a config and the exact lines for each message.
//!
//! A case has a `config`, or an `entry`: an entry of `syncs` whose `name` and `request.url` are given. One mistake gives one
//! message; a case with several says how many `mistakes` it has. `tests/tools/messages.test.mjs` runs the same files through
//! the paste.

use crate::common::one;
use login_sync::{Config, Native};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All cases, with the file and the name of each.
fn cases() -> Vec<(String, Json)> {
    let mut all = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(root().join("tests/messages")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let Json::Object(cases) = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap() else {
            panic!("{} is not an object of cases", file.display());
        };
        let stem = file.file_stem().unwrap().to_string_lossy();
        all.extend(cases.into_iter().map(|(name, case)| (format!("{stem}: {name}"), case)));
    }
    all
}

/// The lines for a case, as the commands print them; none where the case is about the text before it is JSON.
fn said(case: &Json) -> Option<Vec<String>> {
    let config = match (&case["config"], &case["entry"]) {
        (Json::Null, Json::Null) if case.get("config").is_none() => return None,
        (config, Json::Null) => config.clone(),
        (_, entry) => one(entry.clone()),
    };
    let secrets = case.get("secrets").map(|secrets| Native(secrets.clone()));
    let mut lines = Vec::new();
    for problem in Config::read(&Native(config), secrets.as_ref()).err().unwrap_or_default() {
        lines.push(format!("{}: {}", problem.path, problem.message));
        lines.extend(problem.caret.iter().flat_map(|caret| caret.lines()).map(|line| format!("    {line}")));
    }
    Some(lines)
}

fn expected(case: &Json) -> Vec<&str> {
    case["says"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
}

#[test]
fn each_case_gives_its_lines() {
    let mut wrong = Vec::new();
    for (name, case) in cases() {
        if let Some(said) = said(&case)
            && said != expected(&case)
        {
            wrong.push(format!("{name}\n{:#}", Json::from(said)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_mistake_gives_one_message() {
    for (name, case) in cases() {
        let mistakes = case["mistakes"].as_u64().unwrap_or(1);
        let messages = expected(&case).iter().filter(|line| !line.starts_with(' ')).count();
        assert_eq!(messages as u64, mistakes, "{name}");
    }
}

#[test]
fn a_message_is_one_line_that_begins_small_and_ends_without_a_stop() {
    for (name, case) in cases() {
        for line in expected(&case).iter().filter(|line| line.starts_with("config")) {
            let (_, message) = line.split_once(": ").unwrap();
            assert!(!message.starts_with(char::is_uppercase) && !message.ends_with('.'), "{name}: {line}");
            for word in ["list", "map", "text", "problem", "mend", "stands", "nobody", "answer"] {
                // Not names of the config, in backticks or to choose from.
                let (prose, _) = message.split_once("choose from").unwrap_or((message, ""));
                let prose: Vec<_> = prose.split('`').step_by(2).collect();
                let prose = prose.join(" ");
                let words = prose.split(|c: char| !c.is_alphabetic());
                assert_eq!(words.filter(|one| *one == word).count(), 0, "{name}: {line}: `{word}`");
            }
        }
    }
}

/// Texts in src/ that look like a part of a message about a config and are none.
const NO_MESSAGE: [&str; 14] = [
    // Names of fields that are chosen from before they are looked at.
    "idToken accessToken",
    "deny appMetadata userMetadata",
    "claims deny",
    "secret prefix optional",
    "value when",
    "iso seconds ms weekday hour",
    "answer outcome status",
    // What the user reads, and the log line.
    "We could not complete your ",
    " (login-sync is out of order)",
    "login-sync trigger=",
    " result=refused problem=",
    // Only a sealed file says it: tests/paste/sealed.test.mjs.
    "was edited in a sealed file",
    // What the host is asked for.
    "text base64",
    // The test of a panic.
    "a panic on request",
];

#[test]
fn each_message_has_a_case() {
    let said = cases().iter().map(|(_, case)| expected(case).join("\n")).collect::<Vec<_>>().join("\n");
    let mut files = vec![root().join("src")];
    let mut without = Vec::new();
    while let Some(file) = files.pop() {
        // What these say, they say at a login, in tests alone.
        let said_then = ["expression/eval.rs", "expression/functions.rs", "expression/functions/table.rs"];
        if said_then.iter().any(|name| file.ends_with(name)) {
            continue;
        }
        if file.is_dir() {
            files.extend(fs::read_dir(&file).unwrap().map(|file| file.unwrap().path()));
        } else if file.extension().is_some_and(|extension| extension == "rs") {
            for text in messages(&file) {
                if !said.contains(&text) && !NO_MESSAGE.iter().any(|known| text.contains(known)) {
                    without.push(format!("{}: {text:?}", file.strip_prefix(root()).unwrap().display()));
                }
            }
        }
    }
    assert!(without.is_empty(), "no case in tests/messages/ gives\n{}", without.join("\n"));
}

/// The texts of a source file that may be a message, or a part of one: a literal with a space between two words.
fn messages(file: &PathBuf) -> Vec<String> {
    let source = fs::read_to_string(file).unwrap();
    let mut code = String::new();
    for line in
        source.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with("#["))
    {
        code.push_str(line.split(" // ").next().unwrap_or_default());
        code.push('\n');
    }
    let mut texts = Vec::new();
    let mut rest = code.as_str();
    // A list of words is given to one of these, or has a name.
    let mut takes_words = false;
    while let Some(at) = rest.find('"') {
        let before = rest.get(..at).unwrap_or_default();
        rest = rest.get(at + 1..).unwrap_or_default();
        // A quotation mark that is a character, `'"'` or `b'"'`.
        if before.ends_with('\'') && rest.starts_with('\'') {
            continue;
        }
        let mut end = 0;
        while let Some(byte) = rest.as_bytes().get(end).filter(|byte| **byte != b'"') {
            end += 1 + usize::from(*byte == b'\\');
        }
        let literal = rest.get(..end).unwrap_or_default();
        let reason = before.ends_with("reason = ");
        let (call, inside) = before.rsplit_once('(').unwrap_or(("", before));
        if !call.is_empty() {
            let name = call.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            takes_words = ["knows_only", "word", "words", "word_of", "others", "without"].contains(&name);
        }
        takes_words &= !inside.contains(')');
        let list = takes_words || before.ends_with(": &str = ");
        rest = rest.get(end + 1..).unwrap_or_default();
        let text = literal.replace("\\\"", "\"").replace("\\\n", "");
        // A space between two words.
        let mut words = text.split(' ').peekable();
        let mut two = false;
        while let (Some(word), Some(next)) = (words.next(), words.peek()) {
            two |= word.ends_with(char::is_alphabetic)
                && next.starts_with(|c: char| c.is_alphabetic() || c == '`');
        }
        if two && !reason && !list {
            texts.push(text);
        }
    }
    texts
}
