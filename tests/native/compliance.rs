//! JMESPath's own compliance cases, where a folder of them is at hand:
//! `CASES=/path/to/jmespath.test/tests cargo test --test native compliance -- --nocapture`.
//! None are kept here; the tables of `expression.rs` and `functions.rs` are ours.

use login_sync::{Expression, Native};
use serde_json::{Value as Json, json};

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
        (None, Ok(value)) if by_value(&value.0) == by_value(&case["result"]) => None,
        (_, got) => Some(format!("{text}\n  wanted {case}\n  got {got:?}")),
    }
}

#[test]
fn every_case_of_the_folder_holds() {
    let Some(folder) = std::env::var_os("CASES") else { return };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    let (mut all, mut wrong) = (0, Vec::new());
    for file in files {
        let groups: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
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
    assert!(all > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
