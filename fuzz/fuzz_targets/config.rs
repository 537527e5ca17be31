//! Fuzzing: any bytes as the admin's document. It is refused in words that an admin can read, or it runs two logins
//! and an execution of each other flow to their end. What must hold of every login is checked by the stage of the native tests.
#![no_main]

#[path = "../../tests/native/common/mod.rs"]
mod common;

use login_sync::{Config, Native, Trigger};
use common::{Reply, Stage, error, event, ok, silence, status, text, token_until, with};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value as Json, json};

/// Every secret's text: good for a header, a parameter, a key, and a URL.
const SECRET: &str = "https://hooks.example.com/in?clientToken=zqjx-canary-93";
const CANARY: &str = "zqjx-canary-93";

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = serde_json::from_slice::<Json>(bytes) else { return };
    let mut secrets = Map::new();
    name_secrets(&document, &mut secrets);
    let secrets = Json::Object(secrets);
    let read = Config::read(&Native(document.clone()), Some(&Native(secrets.clone())));
    let budget = match &read {
        Ok(config) => f64::from(config.budget_ms),
        Err(_) => 0.0,
    };
    for problem in read.err().into_iter().flatten() {
        assert!(problem.path.starts_with("config"), "{problem:?}");
        assert!(!problem.message.is_empty() && !problem.message.contains(['\n', '\r']), "{problem:?}");
        assert!(problem.caret.as_ref().is_none_or(|caret| caret.matches('\n').count() == 1), "{problem:?}");
        quiet(bytes, &problem.message);
    }
    let mut stage = Stage::any(document, secrets, budget);
    let end = stage.play(&event(), |_| good());
    quiet(bytes, &end.log);
    let metadata = end.commands.as_array().unwrap().iter().filter(|command| command[0] == "appMetadata");
    let metadata = metadata.map(|command| (command[1].as_str().unwrap().to_string(), command[2].clone()));
    let known = with(event(), json!({"user": {"app_metadata": metadata.collect::<Map<_, _>>()}}));
    stage.pass(100.0);
    let mut bad = bad().into_iter().cycle();
    quiet(bytes, &stage.play(&known, |_| bad.next().unwrap()).log);
    stage.pass(86_400_000.0);
    for trigger in Trigger::ALL {
        quiet(bytes, &stage.run(trigger, &known, |_| bad.next().unwrap()).log);
        stage.pass(86_400_000.0);
    }
});

/// No secret is in a text for admins, unless the document itself has it.
fn quiet(document: &[u8], text: &str) {
    let own = document.windows(CANARY.len()).any(|part| part == CANARY.as_bytes());
    assert!(own || !text.contains(CANARY), "a secret in {text}");
}

/// Sets whatever the document may name as a secret.
fn name_secrets(document: &Json, secrets: &mut Map<String, Json>) {
    match document {
        Json::String(text)
            if text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') =>
        {
            secrets.insert(text.clone(), SECRET.into());
        }
        Json::Array(items) => items.iter().for_each(|item| name_secrets(item, secrets)),
        Json::Object(fields) => fields.values().for_each(|field| name_secrets(field, secrets)),
        _ => {}
    }
}

fn good() -> Reply {
    ok(json!({"accessToken": token_until(86_400.0), "id": "u1", "name": "Ada", "plan": {"id": "gold"}, "tags": ["a", "b"]}))
        .after(30.0)
}

fn bad() -> Vec<Reply> {
    vec![
        status(503).retry_after("1"),
        error("stale"),
        status(401),
        text(302, "<html>"),
        silence(),
        status(429).retry_after("Sun, 01 Nov 2026 00:00:09 GMT"),
        good(),
        status(409).after(700.0),
        error("too-large"),
    ]
}
