//! What the tests of configs share: the problems of a document, and tables of what is refused.

use super::one;
use login_sync::{Config, Native};
use serde_json::Value as Json;

/// What is wrong with a config, as `path: message`, in order. Without secrets it is as on a desk.
pub fn problems_with(config: &Json, secrets: Option<&Json>) -> Vec<String> {
    let secrets = secrets.map(|secrets| Native(secrets.clone()));
    let read = Config::read(&Native(config.clone()), secrets.as_ref());
    let problems = read.err().unwrap_or_default();
    problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

/// The same, on a desk.
pub fn problems(config: &Json) -> Vec<String> {
    problems_with(config, None)
}

/// Each config has exactly these problems, one a line.
pub fn refuses(table: &[(Json, &str)]) {
    for (config, wanted) in table {
        assert_eq!(problems(config).join("\n"), *wanted, "{config}");
    }
}

/// Each entry has exactly these problems, one a line, their paths given from the entry on.
pub fn refuses_entry(table: &[(Json, &str)]) {
    for (over, wanted) in table {
        let found = problems(&one(over.clone())).join("\n").replace("config.syncs[0]", "");
        assert_eq!(found, *wanted, "{over}");
    }
}

/// Nothing is wrong with any of them.
pub fn accepts(table: &[Json]) {
    for config in table {
        assert_eq!(problems(config), Vec::<String>::new(), "{config}");
    }
}
