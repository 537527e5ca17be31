//! The functions of expressions: the shared table over `serde_json`, each function in it, and what none may cost.

use crate::common::functions::{CASES, DOCUMENT, NOW};
use login_sync::{Expression, FUNCTIONS, Native, begin_evaluations};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value as Json;

fn evaluate(text: &str, document: &Native) -> Result<Json, String> {
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    expression.evaluate(document).map(|value| value.0).map_err(|error| error.to_string())
}

#[test]
fn the_table_holds_natively() {
    let document = Native::json(DOCUMENT);
    begin_evaluations(NOW);
    for (text, wanted) in CASES {
        let got = evaluate(text, &document).map_or("error".to_string(), |value| Native(value).0.to_string());
        assert_eq!(&got, wanted, "{text}");
    }
}

#[test]
fn each_function_has_its_case() {
    for name in FUNCTIONS {
        let cases = CASES.iter().filter(|(text, _)| text.contains(&format!("{name}(")));
        assert!(cases.count() > 0, "{name}");
    }
}

#[test]
fn an_id_is_a_uuid_of_version_4() {
    let id = evaluate("uuid()", &Native::default()).unwrap();
    let parts: Vec<_> = id.as_str().unwrap().split('-').collect();
    assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']));
}

#[test]
fn percent_is_evenly_spread() {
    let mut counts = [0_u32; 100];
    for i in 0..20_000 {
        let percent = evaluate("percent(@)", &Native(format!("auth0|{i}").into())).unwrap();
        counts[usize::try_from(percent.as_u64().unwrap()).unwrap()] += 1;
    }
    // 200 each, with a deviation of 14.
    assert!(counts.iter().all(|count| (130..270).contains(count)), "{counts:?}");
}

/// Calls in calls, each on `@` and on what grows.
fn calls() -> impl Strategy<Value = String> {
    let leaf = select(&["@", "@.a", "@.b", "'x'", "`100000`", "`3`", "''", "@[0]", "@[*]"][..])
        .prop_map(String::from);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let arguments = proptest::collection::vec(inner.clone(), 4);
        (select(&FUNCTIONS[..]), arguments, inner).prop_map(|(name, arguments, other)| {
            // As many arguments as it takes.
            for count in 0..=4 {
                for by in ["", "&"] {
                    let mut given = arguments[..count].to_vec();
                    if let Some(place) = given.get_mut(usize::from(name != "map")) {
                        place.insert_str(0, by);
                    } else if !by.is_empty() {
                        continue;
                    }
                    let text = format!("{name}({})", given.join(", "));
                    let mapped = text.replacen("map(@", "map(&@", 1);
                    if Expression::parse(&text).is_ok() {
                        return text;
                    }
                    if Expression::parse(&mapped).is_ok() {
                        return mapped;
                    }
                }
            }
            format!("[{other}, {other}]")
        })
    })
}

/// About how many bytes a value takes.
fn weight(json: &Json) -> usize {
    match json {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(weight).sum::<usize>() + 4,
        Json::Object(fields) => {
            fields.iter().map(|(key, field)| key.len() + weight(field)).sum::<usize>() + 4
        }
        _ => 4,
    }
}

#[test]
fn no_calls_over_any_input_make_more_than_they_pay_for() {
    let documents = [
        serde_json::json!({"a": "a".repeat(100_000), "b": "ab".repeat(50_000)}),
        serde_json::json!(vec!["a".repeat(200); 400]),
        serde_json::json!({"a": vec![1; 4000], "b": vec![vec!["k"; 2]; 2000]}),
        serde_json::json!((0..3000).map(|i| (format!("k{i}"), i.into())).collect::<serde_json::Map<_, _>>()),
        serde_json::json!("é👋".repeat(30_000)),
    ];
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) };
    let cases = (calls(), 0..documents.len());
    proptest::test_runner::TestRunner::new(config)
        .run(&cases, |(text, which)| {
            let started = std::time::Instant::now();
            let expression =
                Expression::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            let result = expression.evaluate(&Native(documents[which].clone()));
            // Natively a value is copied where JavaScript shares it, and nothing is optimised: this is for what hangs.
            prop_assert!(started.elapsed().as_secs() < 20, "{} took {:?}", text, started.elapsed());
            if let Ok(value) = result {
                // What came in, at most 1000 times, and what was made.
                prop_assert!(weight(&value.0) < 400_000 + 1000 * weight(&documents[which]), "{}", text);
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_grows_is_bounded() {
    const TOO_MUCH: &str = "too much work: narrow the lists it goes over";
    let long = |n: usize| Native(Json::from("a".repeat(n)));
    let list = |n: usize| Native(Json::from((0..n).rev().map(|i| format!("{i:06}")).collect::<Vec<_>>()));
    for text in [
        "lower(@)",
        "upper(@)",
        "trim(@)",
        "reverse(@)",
        "split(@, '')",
        "split(@, 'a')",
        "replace(@, 'a', '')",
        "sha256(@)",
        "md5(@)",
        "base64(@)",
        "json(@)",
        "seconds(@)",
        "percent(@)",
        "find_first(@, 'b')",
        "find_last(@, 'b')",
        "pad_left(@, `1`)",
        "trim_left(@, 'a')",
    ] {
        assert!(evaluate(text, &long(1000)).is_ok(), "{text}");
        assert_eq!(evaluate(text, &long(400_000)), Err(TOO_MUCH.into()), "{text}");
    }
    for text in ["sort(@)", "sort_by(@, &@)", "max(@)", "min_by(@, &@)", "map(&lower(@), @)", "join('', @)"] {
        assert!(evaluate(text, &list(1000)).is_ok(), "{text}");
        assert_eq!(evaluate(text, &list(19_900)), Err(TOO_MUCH.into()), "{text}");
    }
    // Made once for each element.
    for text in [
        "[*].pad_left(@, `60000`)",
        "map(&pad_left(@, `60000`), @)",
        "[*].replace(@, '0', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')",
    ] {
        assert_eq!(evaluate(text, &list(3000)), Err(TOO_MUCH.into()), "{text}");
    }
    // Doubling.
    let doubled = "join('', [@, @]) | ".repeat(6) + "length(@)";
    assert_eq!(evaluate(&doubled, &long(100)), Ok(6400.into()));
    assert_eq!(evaluate(&doubled, &long(2000)), Err(TOO_MUCH.into()));
    assert_eq!(evaluate("join(@, split(@, ''))", &long(300)).map(|text| weight(&text)), Err(TOO_MUCH.into()));
    // Where the host may compare each character with each.
    let sought =
        |n: usize| Native(serde_json::json!({"t": "a".repeat(2 * n), "s": format!("b{}", "a".repeat(n))}));
    for text in [
        "contains(t, s)",
        "find_first(t, s)",
        "find_last(t, s)",
        "split(t, s)",
        "replace(t, s, '')",
        "trim(t, s)",
    ] {
        assert!(evaluate(text, &sought(200)).is_ok(), "{text}");
        assert_eq!(evaluate(text, &sought(20_000)), Err(TOO_MUCH.into()), "{text}");
    }
}

#[test]
fn all_evaluations_of_a_step_have_one_budget() {
    let wide = Native(Json::Array(vec![Json::from(1); 9_000]));
    let costly = |text: &str| evaluate(text, &wide).is_ok();
    begin_evaluations(NOW);
    assert!(costly("length([*])") && costly("length([*])") && costly("length([*])"));
    // What an expression that fails has left is left for the next one.
    assert!(!costly("length(`1`)"));
    assert!(costly("length([*])"));
    assert!(!costly("length([*])"));
    assert!(!costly("[0]"));
    begin_evaluations(NOW);
    assert!(costly("length([*])") && costly("[0]"));
}
