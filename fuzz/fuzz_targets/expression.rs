//! Fuzzing: a text as an expression, with the document it is evaluated on in the input's last line. It is refused at a
//! column within the text, or it gives what JMESPath gives.
#![no_main]

#[path = "../../tests/native/common/oracle.rs"]
mod oracle;

use login_sync::{Expression, MAX_LENGTH};
use libfuzzer_sys::fuzz_target;
use oracle::{Outcome, ours, sorted, theirs};
use serde_json::Value as Json;

fuzz_target!(|input: &str| {
    let (text, document) = input.rsplit_once('\n').unwrap_or((input, "null"));
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(error) => {
            let characters = text.chars().count();
            assert!((1..=characters + 1).contains(&error.column), "{error}, of {characters} characters");
            assert!(!error.message.contains('\n'), "{error}");
            assert!(error.to_string().starts_with(&format!("column {}: ", error.column)), "{error}");
            let shown = error.with_caret(text);
            let (line, under) = shown.split_once('\n').unwrap();
            assert!(!under.contains('\n') && under.ends_with('^'), "{shown}");
            assert!(under.chars().count() <= line.chars().count() + 1, "{shown}");
            return;
        }
    };
    assert!(text.len() <= MAX_LENGTH);
    let Ok(document) = serde_json::from_str::<Json>(document) else { return };
    let document = sorted(&document);
    let got = ours(&expression, &document);
    assert!(text.contains("uuid") || got == ours(&expression, &document), "not the same twice: {text}");
    let Outcome::Value(_) = got else { return };
    if oracle::settled(text) {
        assert_eq!(Ok(got), theirs(text, &document), "{text}");
    }
});
