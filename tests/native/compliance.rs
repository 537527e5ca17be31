//! JMESPath's own compliance cases, all of them. None are kept here: the crate that is our oracle comes with them. For others:
//! `CASES=/path/to/jmespath.test/tests cargo test --test native compliance -- --nocapture`.
//! The tables of `expression.rs` and `functions.rs` are ours.

use login_sync::{Expression, Native};
use serde_json::{Value as Json, json};
use std::env;
use std::fs;
use std::path::PathBuf;

/// Fewer would not be the whole suite.
const LEAST: usize = 870;

/// Two benchmarks that are no JMESPath; the suite has corrected them since. Here are their comments.
const CORRECTED: [&str; 2] = ["lots of summing", "filter projection"];

/// Where cargo has put the sources of the crate.
fn folder() -> PathBuf {
    if let Some(given) = env::var_os("CASES") {
        return given.into();
    }
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).expect("a home of cargo");
    let registries = fs::read_dir(home.join("registry/src")).expect("the sources of the crates");
    let crates = registries.flat_map(|registry| fs::read_dir(registry.unwrap().path()).unwrap());
    let mut found: Vec<_> = crates
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("jmespath-")))
        .map(|path| path.join("tests/compliance"))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found.pop().expect("the cases in the crate `jmespath`: name a folder of them in the variable CASES")
}

fn by_value(json: &Json) -> Json {
    match json {
        Json::Number(n) => json!(n.as_f64()),
        Json::Array(items) => items.iter().map(by_value).collect(),
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(k, v)| (k.clone(), by_value(v))).collect();
            fields.sort_by(|(a, _), (b, _)| a.cmp(b));
            Json::Object(fields.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// What is wrong with the answer to a case.
fn judge(given: &Json, case: &Json) -> Option<String> {
    let text = case["expression"].as_str().unwrap();
    let got = match Expression::parse(text) {
        Ok(expression) => expression.evaluate(&Native(given.clone())).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match (case.get("error"), got) {
        (Some(_), Err(_)) => None,
        // Only that it can be done.
        (None, Ok(_)) if case.get("bench").is_some() => None,
        (None, Err(_)) if CORRECTED.iter().any(|of| case["comment"] == *of) => None,
        (None, Ok(value)) if by_value(&value.0) == by_value(&case["result"]) => None,
        (_, got) => Some(format!("{text}\n  wanted {case}\n  got {got:?}")),
    }
}

#[test]
fn every_case_holds() {
    let mut files: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    let (mut all, mut wrong) = (0, Vec::new());
    for file in files {
        let groups: Vec<Json> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let before = (all, wrong.len());
        for group in &groups {
            for case in group["cases"].as_array().unwrap() {
                all += 1;
                wrong.extend(judge(&group["given"], case).map(|why| format!("{}: {why}", file.display())));
            }
        }
        println!("{}: {} of {}", file.display(), all - before.0 - (wrong.len() - before.1), all - before.0);
    }
    println!("{} of {all} cases hold", all - wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all >= LEAST || env::var_os("CASES").is_some(), "{all} cases are not all");
}
