//! What expressions mean, case by case: those that people get wrong, what is refused and where, and the limits.

use login_sync::{Expression, MAX_DEPTH, MAX_LENGTH, Native};
use std::fmt::Write;

const DOCUMENT: &str = r#"{
  "user": {
    "given_name": "", "email": "ada@example.com", "phone": null, "logins": 0, "blocked": false, "verified": true,
    "none": [], "nothing": {},
    "app_metadata": {"https://example.com/plan": "gold", "a\"b": 1, "é": "accent", "plan": {"level": 3}},
    "identities": [
      {"provider": "sms", "isSocial": false, "data": {"n": 1}},
      {"provider": "google-oauth2", "isSocial": true, "data": {"n": 2}},
      {"provider": "auth0", "isSocial": false}
    ]
  },
  "mixed": [1, [2, [3]], null, "x", [], [null]],
  "grid": [[1, 2], [3, 4], "x"],
  "rows": [{"cells": [{"v": 1}, {"v": 2}]}, {"cells": [{"v": 3}]}, {"cells": null}],
  "byName": {"one": {"n": 1}, "two": {"n": 2}, "three": 3},
  "text": "naïve 👋", "1st": "first", "true": "a field",
  "or": "a field named or"
}"#;

fn evaluate(expression: &str, document: &str) -> String {
    match Expression::parse(expression) {
        Ok(read) => match read.evaluate(&Native::json(document)) {
            Ok(value) => value.0.to_string(),
            Err(error) => format!("error: {error}"),
        },
        Err(error) => format!("refused: {error}"),
    }
}

/// Each expression gives this JSON for the document above.
fn gives(cases: &[(&str, &str)]) {
    for (expression, wanted) in cases {
        assert_eq!(&evaluate(expression, DOCUMENT), wanted, "{expression}");
    }
}

/// Each text is refused with this message.
fn refuses(cases: &[(&str, &str)]) {
    for (expression, wanted) in cases {
        assert_eq!(evaluate(expression, DOCUMENT), format!("refused: {wanted}"), "{expression}");
    }
}

#[test]
fn fields() {
    gives(&[
        ("user.email", r#""ada@example.com""#),
        ("user . email", r#""ada@example.com""#),
        ("user.app_metadata.plan.level", "3"),
        ("missing", "null"),
        ("missing.deeper.still", "null"),
        ("user.email.length", "null"),
        ("user.identities.provider", "null"),
        (r#""user"."email""#, r#""ada@example.com""#),
        (r#"user.app_metadata."https://example.com/plan""#, r#""gold""#),
        (r#"user.app_metadata."a\"b""#, "1"),
        (r#"user.app_metadata."é""#, r#""accent""#),
        (r#"user.app_metadata."\u00e9""#, r#""accent""#),
        (r#""1st""#, r#""first""#),
        (r#""true""#, r#""a field""#),
        ("or", r#""a field named or""#),
        ("@.user.logins", "0"),
    ]);
}

#[test]
fn a_prototype_is_no_data() {
    for expression in ["__proto__", "a.__proto__", r#""__proto__""#, r#""\u005f_proto__""#, "[__proto__][0]"]
    {
        let got = evaluate(expression, r#"{"__proto__": 1, "a": {"__proto__": 2}}"#);
        assert_eq!(got, "null", "{expression}");
    }
    refuses(&[
        ("{__proto__: user}", "column 2: `__proto__` cannot be a key"),
        (r#"{a: user, "\u005f_proto__": user}"#, "column 11: `__proto__` cannot be a key"),
    ]);
}

#[test]
fn indices() {
    gives(&[
        ("grid[0]", "[1,2]"),
        ("grid[1][0]", "3"),
        ("grid[-1]", r#""x""#),
        ("grid[-3]", "[1,2]"),
        ("grid[-4]", "null"),
        ("grid[3]", "null"),
        ("grid[2147483647]", "null"),
        ("grid[-2147483647]", "null"),
        ("user[0]", "null"),
        ("user[-1]", "null"),
        ("text[0]", "null"),
        ("user.identities[1].provider", r#""google-oauth2""#),
    ]);
    assert_eq!(evaluate("[0]", "[7]"), "7");
    assert_eq!(evaluate("[-1]", "[7]"), "7");
}

#[test]
fn what_is_false_is_null_false_or_empty() {
    gives(&[
        ("user.given_name || 'you'", r#""you""#),
        ("user.none || 'you'", r#""you""#),
        ("user.nothing || 'you'", r#""you""#),
        ("user.blocked || 'you'", r#""you""#),
        ("user.phone || 'you'", r#""you""#),
        ("missing || 'you'", r#""you""#),
        ("user.logins || 'you'", "0"),
        ("missing || user.blocked", "false"),
        ("missing || user.given_name", r#""""#),
        ("user.logins && 'counted'", r#""counted""#),
        ("user.given_name && 'named'", r#""""#),
        ("user.none && missing", "[]"),
        ("!user", "false"),
        ("!missing", "true"),
        ("!`0`", "false"),
        ("!''", "true"),
        ("!`[]`", "true"),
        ("!`{}`", "true"),
        ("!`[null]`", "false"),
        ("!!'0'", "true"),
    ]);
}

#[test]
fn operators_bind_as_in_jmespath() {
    gives(&[
        // `&&` before `||`.
        ("'a' || 'b' && 'c'", r#""a""#),
        ("'' && 'a' || 'b'", r#""b""#),
        ("('a' || 'b') && 'c'", r#""c""#),
        // Comparisons before both.
        ("user.logins == `0` && 'none'", r#""none""#),
        ("user.logins == `1` || 'none'", r#""none""#),
        ("`1` < `2` && `2` < `3`", "true"),
        // `!` before comparisons: `!user.logins == …` would compare the negation.
        ("!missing == `true`", "true"),
        ("!(missing == `true`)", "true"),
        ("!`1` == `2`", "false"),
        ("!(`1` == `2`)", "true"),
        ("!grid[0]", "false"),
        ("!(user.blocked)", "true"),
        ("!length(user.none)", "false"),
        ("!missing && 'there'", r#""there""#),
        // A pipe after all else.
        ("missing || user | email", r#""ada@example.com""#),
        ("missing || (user | email)", r#""ada@example.com""#),
        ("user | email == 'ada@example.com'", "true"),
        ("user || missing | logins", "0"),
        ("`1` == `2` || `3`", "3"),
        ("(`1` == `2`) == `false`", "true"),
        ("'a' || 'b' || missing || 'c'", r#""a""#),
        ("'a' && 'b' && '' && 'c'", r#""""#),
    ]);
}

#[test]
fn comparisons() {
    gives(&[
        ("user.email == 'ada@example.com'", "true"),
        ("user.email != 'ada@example.com'", "false"),
        ("user.logins == `0.0`", "true"),
        ("`1` == '1'", "false"),
        ("`1` != '1'", "true"),
        ("missing == `null`", "true"),
        ("user.phone == missing", "true"),
        ("user.blocked == `null`", "false"),
        ("user.given_name == `null`", "false"),
        ("'Ada' == 'ada'", "false"),
        (r#"`{"a": 1, "b": [2]}` == `{"b": [2.0], "a": 1}`"#, "true"),
        (r#"`{"a": null}` == `{"b": null}`"#, "false"),
        (r#"`{"a": null}` == `{}`"#, "false"),
        (r#"`{"a": 1}` == `{"a": 1, "b": null}`"#, "false"),
        ("`[1, 2]` == `[2, 1]`", "false"),
        ("`[1, [2]]` == `[1, [2]]`", "true"),
        ("`[1]` == `[1, 1]`", "false"),
        ("`[]` == `{}`", "false"),
        ("user.none == `[]`", "true"),
        ("user.identities[0] == user.identities[-3]", "true"),
        ("`2` > `1`", "true"),
        ("`1` >= `1`", "true"),
        ("`1` > `1`", "false"),
        ("`1` <= `1`", "true"),
        ("`1` < `1`", "false"),
        ("`-1` < `1.5`", "true"),
        // Only numbers have an order.
        ("'b' > 'a'", "null"),
        ("'2' > `1`", "null"),
        ("missing < `1`", "null"),
        ("`true` >= `true`", "null"),
    ]);
}

#[test]
fn projections() {
    gives(&[
        ("user.identities[*].provider", r#"["sms","google-oauth2","auth0"]"#),
        // A null is left out, not kept.
        ("user.identities[*].data.n", "[1,2]"),
        ("user.identities[*].missing", "[]"),
        // What cannot be gone over gives null, which is no empty list.
        ("missing[*]", "null"),
        ("missing[*].a", "null"),
        ("user[*]", "null"),
        ("text[*]", "null"),
        ("user.none[*].a", "[]"),
        ("missing.*", "null"),
        ("grid.*", "null"),
        ("user.nothing.*", "[]"),
        // An index after a projection is per element, in parentheses or after a pipe it is of the whole.
        ("rows[*].cells[0]", r#"[{"v":1},{"v":3}]"#),
        ("rows[*].cells[0].v", "[1,3]"),
        ("(rows[*].cells)[0]", r#"[{"v":1},{"v":2}]"#),
        ("rows[*].cells | [0]", r#"[{"v":1},{"v":2}]"#),
        ("rows[*].cells[*].v", "[[1,2],[3]]"),
        ("grid[*][0]", "[1,3]"),
        ("grid[*][*]", "[[1,2],[3,4]]"),
        ("user.identities[*].provider | [0]", r#""sms""#),
        ("user.identities[*].provider || 'none'", r#"["sms","google-oauth2","auth0"]"#),
        ("user.identities[*].missing || 'none'", r#""none""#),
        ("length(user.identities[*].data)", "2"),
        ("user.identities[*].length(provider)", "[3,13,5]"),
        ("user.identities[*].provider.length(@)", "[3,13,5]"),
        ("byName.*", r#"[{"n":1},{"n":2},3]"#),
        ("byName.*.n", "[1,2]"),
        ("user.identities[*].*", r#"[["sms",false,{"n":1}],["google-oauth2",true,{"n":2}],["auth0",false]]"#),
        ("user.identities[*].*[0]", "[[],[],[]]"),
        ("*.plan", "[]"),
        ("*.app_metadata.plan | [0]", r#"{"level":3}"#),
    ]);
    assert_eq!(evaluate("*.a", r#"{"x": {"a": 1}, "y": 2, "z": {"a": null}, "w": {"a": [3]}}"#), "[1,[3]]");
    assert_eq!(evaluate("*.*", r#"{"x": {"a": 1}, "y": 2}"#), "[[1]]");
    assert_eq!(evaluate("[*].a", r#"[{"a": 1}, {}, {"a": 2}]"#), "[1,2]");
}

#[test]
fn flattening() {
    gives(&[
        // One level, with what is no list kept and nulls dropped.
        ("mixed[]", r#"[1,2,[3],"x"]"#),
        ("mixed[][]", r#"[1,2,3,"x"]"#),
        ("mixed[] | [0]", "1"),
        ("missing[]", "null"),
        ("user[]", "null"),
        ("rows[].cells", r#"[[{"v":1},{"v":2}],[{"v":3}]]"#),
        ("rows[].cells[]", r#"[{"v":1},{"v":2},{"v":3}]"#),
        ("rows[].cells[].v", "[1,2,3]"),
        ("rows[*].cells[].v", "[1,2,3]"),
        // The `[0]` is per element again: flattening is a projection too.
        ("rows[].cells[0].v", "[1,3]"),
        ("user.identities[].provider", r#"["sms","google-oauth2","auth0"]"#),
        ("`1` == grid[]", "false"),
    ]);
    assert_eq!(evaluate("[]", "[[1], 2]"), "[1,2]");
}

#[test]
fn filters() {
    gives(&[
        ("user.identities[?provider=='sms'].data.n", "[1]"),
        ("user.identities[?provider == 'sms'] | [0].provider", r#""sms""#),
        // Per element: none of them is a list.
        ("user.identities[?provider=='sms'][0]", "[]"),
        ("user.identities[?isSocial].provider", r#"["google-oauth2"]"#),
        ("user.identities[?!isSocial].provider", r#"["sms","auth0"]"#),
        ("user.identities[?missing]", "[]"),
        ("user.identities[?data].provider", r#"["sms","google-oauth2"]"#),
        ("user.identities[?data.n > `1`].provider", r#"["google-oauth2"]"#),
        (
            "user.identities[?data.n >= `1` && isSocial || provider == 'auth0'].provider",
            r#"["google-oauth2","auth0"]"#,
        ),
        ("user.identities[?contains(provider, 'auth0')].provider", r#"["auth0"]"#),
        ("user.identities[?provider != 'sms'][?isSocial]", "[]"),
        ("user.identities[?provider != 'sms'] | [?isSocial].provider", r#"["google-oauth2"]"#),
        ("missing[?a]", "null"),
        ("user[?a]", "null"),
        ("mixed[?@ == 'x']", r#"["x"]"#),
        ("mixed[?@]", r#"[1,[2,[3]],"x",[null]]"#),
        ("rows[?cells[?v > `2`]].cells[0].v", "[3]"),
    ]);
    assert_eq!(evaluate("[?a][0]", r#"[{"a": 1}, {"b": 2}]"#), "[]");
    // A filter straight after a filter is per element, one after a field is of the whole.
    assert_eq!(evaluate("[?'a'][?@]", "[[0], [null], []]"), "[[0],[],[]]");
    assert_eq!(evaluate("[?a].b[?c]", r#"[{"a": 1, "b": [{"c": 1}]}]"#), "[]");
    assert_eq!(evaluate("[*].b[?c]", r#"[{"a": 1, "b": [{"c": 1}]}]"#), r#"[[{"c":1}]]"#);
}

#[test]
fn lists_and_hashes() {
    gives(&[
        ("user.[email, logins]", r#"["ada@example.com",0]"#),
        ("[user.email, missing]", r#"["ada@example.com",null]"#),
        ("user.{mail: email, \"the phone\": phone}", r#"{"mail":"ada@example.com","the phone":null}"#),
        ("{a: 'x'}", r#"{"a":"x"}"#),
        ("{true: 'x'}", r#"{"true":"x"}"#),
        ("{a: 'x', a: 'y'}", r#"{"a":"y"}"#),
        ("user.identities[*].[provider, data.n]", r#"[["sms",1],["google-oauth2",2],["auth0",null]]"#),
        ("user.identities[*].{p: provider} | [-1]", r#"{"p":"auth0"}"#),
        ("user.identities[0].[provider, data][1].n", "1"),
        // A list ends what a projection carries along, a hash does not. All implementations have it so.
        ("user.identities[*].[provider, data][0]", r#"["sms",{"n":1}]"#),
        ("user.identities[*].{p: provider}.p", r#"["sms","google-oauth2","auth0"]"#),
        // On null they are null, whatever is in them.
        ("missing.[email]", "null"),
        ("missing.{a: 'x'}", "null"),
        ("missing | ['x']", "null"),
        ("missing.['x']", "null"),
        ("missing.not_null(@, 'x')", r#""x""#),
        ("[*, user.logins][1]", "0"),
        ("[@.or][0]", r#""a field named or""#),
        ("[[`1`], [[`2`]]][1][0][0]", "2"),
    ]);
    assert_eq!(evaluate("['x']", "null"), "null");
    assert_eq!(evaluate("[*.a, `1`]", r#"{"x": {"a": 5}}"#), "[[5],1]");
    assert_eq!(evaluate("@.[*]", r#"{"x": 1}"#), "[[1]]");
}

#[test]
fn literals() {
    gives(&[
        ("''", r#""""#),
        ("'it''s'", "refused: column 5: expected an operator or the end"),
        (r"'it\'s'", r#""it's""#),
        (r"'a\nb'", r#""a\\nb""#),
        // Two backslashes, as all implementations read it.
        (r"'\\'", r#""\\\\""#),
        (r"'\\\''", r#""\\\\'""#),
        (r"'\u00e9'", r#""\\u00e9""#),
        ("'a\nb'", r#""a\nb""#),
        ("'`\"é👋'", "\"`\\\"é👋\""),
        ("`1`", "1"),
        ("` -1.5e1 `", "-15.0"),
        (r#"`"a"`"#, r#""a""#),
        (r#"`"\u00e9\`\""`"#, r#""é`\"""#),
        (r#"`[1, {"a": null}]`[1]"#, r#"{"a":null}"#),
        (r#"`{"a": {"b": 2}}`.a.b"#, "2"),
        ("`[1, 2, null]`[*]", "[1,2]"),
    ]);
    let literal = |text: &str| Expression::parse(text).unwrap().literal().map(|v| v.0.to_string());
    assert_eq!(literal("'a'").as_deref(), Some(r#""a""#));
    assert_eq!(literal("( `{\"a\": 1}` )").as_deref(), Some(r#"{"a":1}"#));
    for text in ["user", "@", "'a' || 'b'", "`[1]`[0]", "['a']", "length('a')", "!'a'"] {
        assert_eq!(literal(text), None, "{text}");
    }
}

#[test]
fn functions() {
    gives(&[
        ("contains(user.email, '@example')", "true"),
        ("contains(user.email, 'zz')", "false"),
        ("contains(user.email, '')", "true"),
        ("contains('', 'a')", "false"),
        ("contains('aab', 'ab')", "true"),
        ("contains(text, '👋')", "true"),
        ("contains('1', `1`)", "false"),
        ("contains(grid, 'x')", "true"),
        ("contains(grid, `[3, 4]`)", "true"),
        ("contains(grid, `3`)", "false"),
        ("contains(user.identities[*].provider, 'sms')", "true"),
        ("contains(mixed, missing)", "true"),
        ("starts_with(user.email, 'ada')", "true"),
        ("starts_with(user.email, 'example')", "false"),
        ("starts_with(user.email, '')", "true"),
        ("ends_with(user.email, '.com')", "true"),
        ("ends_with(user.email, 'ada')", "false"),
        ("ends_with('a', 'aa')", "false"),
        ("not_null(missing, user.phone, user.blocked, 'x')", "false"),
        ("not_null(missing)", "null"),
        ("join(', ', user.identities[*].provider)", r#""sms, google-oauth2, auth0""#),
        ("join('-', user.none)", r#""""#),
        ("join('-', ['a'])", r#""a""#),
        ("join('', ['a', 'b'])", r#""ab""#),
        ("length(text)", "7"),
        ("length('')", "0"),
        ("length(grid)", "3"),
        ("length(byName)", "3"),
        ("keys(byName)", r#"["one","two","three"]"#),
        ("keys(user.nothing)", "[]"),
        ("to_string(user.logins)", r#""0""#),
        ("to_string('a \"b\"')", r#""a \"b\"""#),
        ("to_string(missing)", r#""null""#),
        ("to_string(grid)", r#""[[1,2],[3,4],\"x\"]""#),
        ("to_number('12')", "12"),
        ("to_number('-1.5')", "-1.5"),
        ("to_number(`7`)", "7"),
        ("to_number('7px')", "null"),
        ("to_number('')", "null"),
        ("to_number('true')", "null"),
        ("to_number('[1]')", "null"),
        ("to_number(user.verified)", "null"),
        ("to_number(missing)", "null"),
        ("to_number('1') == `1`", "true"),
        ("type(missing)", r#""null""#),
        ("type(user.verified)", r#""boolean""#),
        ("type(user.logins)", r#""number""#),
        ("type(text)", r#""string""#),
        ("type(grid)", r#""array""#),
        ("type(user)", r#""object""#),
        ("length (  grid  )", "3"),
        ("user.length(email)", "15"),
        ("grid | length(@)", "3"),
    ]);
}

#[test]
fn what_a_function_does_not_take_is_named_without_its_value() {
    gives(&[
        (
            "length(user.logins)",
            "error: `length` takes an array, an object or a string as its first argument, not a number",
        ),
        (
            "length(missing)",
            "error: `length` takes an array, an object or a string as its first argument, not null",
        ),
        ("keys(grid)", "error: `keys` takes an object as its first argument, not an array"),
        ("keys(text)", "error: `keys` takes an object as its first argument, not a string"),
        (
            "contains(user, 'a')",
            "error: `contains` takes an array or a string as its first argument, not an object",
        ),
        (
            "contains(missing, 'a')",
            "error: `contains` takes an array or a string as its first argument, not null",
        ),
        ("starts_with(missing, 'a')", "error: `starts_with` takes a string as its first argument, not null"),
        (
            "starts_with('a', user.verified)",
            "error: `starts_with` takes a string as its second argument, not a boolean",
        ),
        ("ends_with(`1`, 'a')", "error: `ends_with` takes a string as its first argument, not a number"),
        ("ends_with('a', grid)", "error: `ends_with` takes a string as its second argument, not an array"),
        ("join(`1`, ['a'])", "error: `join` takes a string as its first argument, not a number"),
        (
            "join('-', user.email)",
            "error: `join` takes an array of strings as its second argument, not a string",
        ),
        (
            "join('-', ['a', `1`])",
            "error: `join` takes an array of strings as its second argument, not an array with a number in it",
        ),
        (
            "avg(mixed)",
            "error: `avg` takes an array of numbers as its first argument, not an array with an array in it",
        ),
        (
            "max(mixed)",
            "error: `max` takes an array of numbers or one of strings as its first argument, not an array with an array in it",
        ),
        (
            "max(['a', `1`])",
            "error: `max` takes an array of numbers or one of strings as its first argument, not an array with a number in it",
        ),
        ("abs('1')", "error: `abs` takes a number as its first argument, not a string"),
        ("merge(user, text)", "error: `merge` takes an object as its second argument, not a string"),
        ("sort_by(user, &a)", "error: `sort_by` takes an array as its first argument, not an object"),
        (
            "sort_by(user.identities, &isSocial)",
            "error: `sort_by` takes an expression that gives numbers or gives strings as its second argument, not an array with a boolean in it",
        ),
        ("map(&a, text)", "error: `map` takes an array as its second argument, not a string"),
        (
            "pad_left('a', `1.5`)",
            "error: `pad_left` takes a whole number from 0 as its second argument, not another number",
        ),
        (
            "split('a', 'b', `-1`)",
            "error: `split` takes a whole number from 0 as its third argument, not another number",
        ),
        (
            "find_first('a', 'b', `0`, '1')",
            "error: `find_first` takes a whole number as its last argument, not a string",
        ),
        ("age(missing)", "error: `age` takes a string as its first argument, not null"),
        (
            "pad_left('a', `9`, '--')",
            "error: `pad_left` was given a value that it does not take, or its result would be too long",
        ),
        (
            "sha256('a', 'binary')",
            "error: `sha256` was given a value that it does not take, or its result would be too long",
        ),
        (
            "sum(`[1e308, 1e308]`)",
            "error: `sum` was given a value that it does not take, or its result would be too long",
        ),
        // An argument that fails is an error even where another would have been taken.
        (
            "not_null('a', length(missing))",
            "error: `length` takes an array, an object or a string as its first argument, not null",
        ),
        // What is not reached does not fail.
        ("'a' || length(missing)", r#""a""#),
        ("missing && length(missing)", "null"),
        ("user.none[*].length(@)", "[]"),
    ]);
}

#[test]
fn slices() {
    gives(&[
        ("grid[0:2]", "[[1,2],[3,4]]"),
        ("grid[:1]", "[[1,2]]"),
        ("grid[1:]", r#"[[3,4],"x"]"#),
        ("grid[:]", r#"[[1,2],[3,4],"x"]"#),
        ("grid[::]", r#"[[1,2],[3,4],"x"]"#),
        ("grid[::2]", r#"[[1,2],"x"]"#),
        ("grid[::-1]", r#"["x",[3,4],[1,2]]"#),
        ("grid[-2:]", r#"[[3,4],"x"]"#),
        ("grid[-1:-3:-1]", r#"["x",[3,4]]"#),
        ("grid[-9:9]", r#"[[1,2],[3,4],"x"]"#),
        ("grid[9:]", "[]"),
        ("grid[2:1]", "[]"),
        ("grid[:-9:-1]", r#"["x",[3,4],[1,2]]"#),
        ("grid[2147483647:-2147483647:-2147483647]", r#"["x"]"#),
        ("grid[ 0 : 1 ]", "[[1,2]]"),
        ("mixed[2:4]", r#"["x"]"#),
        ("user.none[:2]", "[]"),
        ("user.none[::-1]", "[]"),
        ("text[:2]", "null"),
        ("user[:2]", "null"),
        ("missing[:2]", "null"),
        // A slice is a projection.
        ("user.identities[:2].provider", r#"["sms","google-oauth2"]"#),
        ("user.identities[::-1].data.n", "[2,1]"),
        ("grid[:2][0]", "[1,3]"),
        ("grid[:2] | [0]", "[1,2]"),
        ("user.identities[*].provider | [:1]", r#"["sms"]"#),
        ("rows[:2].cells[:1].v", "[[1],[3]]"),
        ("rows[:2].cells[]", r#"[{"v":1},{"v":2},{"v":3}]"#),
    ]);
    assert_eq!(evaluate("[1:]", "[1, 2]"), "[2]");
    assert_eq!(evaluate("[:].a", r#"[{"a": 1}, {}]"#), "[1]");
    refuses(&[
        ("a[::0]", "column 7: a slice cannot have a step of 0"),
        ("a[1:2:3:4]", "column 8: expected `]`"),
        ("a[1:b]", "column 5: expected `]`"),
        ("a[:", "column 4: expected `]`"),
    ]);
}

#[test]
fn what_jmespath_reads_as_no_one_means_it_is_read_as_jmespath_does() {
    gives(&[
        ("!user.verified", "null"),
        ("!missing.a", "null"),
        ("!!user.verified", "null"),
        ("!grid[0].b", "null"),
        ("!missing[]", "null"),
        ("`1` < `2` < `3`", "null"),
        ("`1` == `1` == `true`", "true"),
        ("user.verified == true", "false"),
        ("false || null", "null"),
        ("true", r#""a field""#),
    ]);
}

#[test]
fn what_is_meant_for_another_language_is_said_in_this_one() {
    refuses(&[
        ("data.[0].id", "column 7: an index has no dot before it: write `[0]`"),
        ("a and b", "column 3: write `&&` for `and`"),
        ("(a or b)", "column 4: write `||` for `or`"),
        ("[a and b]", "column 4: write `&&` for `and`"),
        ("length(a or b)", "column 10: write `||` for `or`"),
        ("x ?? y", "column 3: `?` is not an operator: write `a || b` for `a ?? b`"),
        ("x ? y : z", "column 3: `?` is not an operator: write `a || b` for `a ?? b`"),
        ("lenght(x)", "column 1: `lenght` is not a function: did you mean `length`?"),
        ("user.toString(@)", "column 6: `toString` is not a function: did you mean `to_string`?"),
        ("ends_wiht(a, b)", "column 1: `ends_wiht` is not a function: did you mean `ends_with`?"),
        ("matches(a, b)", "column 1: `matches` is not a function"),
        ("x = y", "column 3: `=` is not an operator: write `==`"),
        ("syncs.stripe-find.answer", "column 7: a name with `-` needs quotes: write `\"stripe-find\"`"),
        ("a-b", "column 1: a name with `-` needs quotes: write `\"a-b\"`"),
        ("a-1", "column 1: a name with `-` needs quotes: write `\"a-1\"`"),
        ("{a-b: c}", "column 2: a name with `-` needs quotes: write `\"a-b\"`"),
        ("a - b", "column 3: `-` is only for an index, as in `[-1]`"),
        ("keys(&a)", AMPERSAND_AT_6),
        ("&a", "column 1: `&` is only for an argument of a function that takes it, such as `sort_by`"),
        ("sort_by(a, b)", "column 12: `sort_by` takes an expression here: write `&` before it"),
        ("map(a, b)", "column 5: `map` takes an expression here: write `&` before it"),
    ]);
    // A name may be any of these.
    gives(&[("or", r#""a field named or""#), ("and || not", "null"), ("@ | and", "null")]);
}

const AMPERSAND_AT_6: &str =
    "column 6: `&` is only for an argument of a function that takes it, such as `sort_by`";

#[test]
fn what_is_no_expression_is_refused_where_it_is_wrong() {
    refuses(&[
        ("", "column 1: expected an expression"),
        ("   ", "column 4: expected an expression"),
        ("a.", "column 3: expected a field, a function, `*`, `[` or `{`"),
        ("a..b", "column 3: expected a field, a function, `*`, `[` or `{`"),
        (".a", "column 1: expected an expression"),
        ("a.1", "column 3: expected a field, a function, `*`, `[` or `{`"),
        ("a.'b'", "column 3: expected a field, a function, `*`, `[` or `{`"),
        ("a.(b)", "column 3: expected a field, a function, `*`, `[` or `{`"),
        ("a.@", "column 3: expected a field, a function, `*`, `[` or `{`"),
        ("a b", "column 3: expected an operator or the end"),
        ("a 'b'", "column 3: expected an operator or the end"),
        ("a)", "column 2: expected an operator or the end"),
        ("a[*]*", "column 5: expected an operator or the end"),
        ("(a)(b)", "column 4: expected an operator or the end"),
        (r#""length"(a)"#, "column 9: expected an operator or the end"),
        ("(a", "column 3: expected `)`"),
        ("()", "column 2: expected an expression"),
        ("a ||", "column 5: expected an expression"),
        ("a || || b", "column 6: expected an expression"),
        ("a = 'b'", "column 3: `=` is not an operator: write `==`"),
        ("a === b", "column 5: `=` is not an operator: write `==`"),
        ("a == 1", "column 6: write a number in backticks, as in `1`"),
        ("-1", "column 1: write a number in backticks, as in `1`"),
        ("a - b", "column 3: `-` is only for an index, as in `[-1]`"),
        ("a + b", "column 3: this character is only allowed in quotes"),
        ("$.a", "column 1: this character is only allowed in quotes"),
        ("a\u{a0}", "column 2: this character is only allowed in quotes"),
        ("é", "column 1: this character is only allowed in quotes"),
        ("a\0", "column 2: this character is only allowed in quotes"),
        ("a['b']", "column 3: expected an index or `*`: write `.` before a field, `.[` for a new array"),
        ("a[b]", "column 3: expected an index or `*`: write `.` before a field, `.[` for a new array"),
        ("a[", "column 3: expected an index or `*`: write `.` before a field, `.[` for a new array"),
        ("a[0", "column 4: expected `]`"),
        ("a[*", "column 4: expected `]`"),
        ("[0, 1]", "column 3: expected `]`"),
        ("[a", "column 3: expected `,` or `]`"),
        ("[a,]", "column 4: expected an expression"),
        ("[ ]", "column 3: expected an expression"),
        ("a.[]", "column 3: expected a field, a function, `*`, `[` or `{`"),
        ("a[?b", "column 5: expected `]`"),
        ("a[?]", "column 4: expected an expression"),
        ("{}", "column 2: expected a key"),
        ("{a}", "column 3: expected `:`"),
        ("{a: b", "column 6: expected `,` or `}`"),
        ("{a: b,}", "column 7: expected a key"),
        ("{'a': b}", "column 2: expected a key"),
        ("length(a", "column 9: expected `,` or `)`"),
        ("length(a,)", "column 10: expected an expression"),
        ("length()", "column 1: `length` takes one argument"),
        ("a.length(b, c)", "column 3: `length` takes one argument"),
        ("contains(a)", "column 1: `contains` takes two arguments"),
        ("contains(a, b, c)", "column 1: `contains` takes two arguments"),
        ("not_null()", "column 1: `not_null` takes one or more arguments"),
        ("uuid(a)", "column 1: `uuid` takes no arguments"),
        ("trim()", "column 1: `trim` takes one to two arguments"),
        ("find_first(a)", "column 1: `find_first` takes two to four arguments"),
        ("sort_by(a, &b, &c)", "column 1: `sort_by` takes two arguments"),
        ("'a", "column 1: this quote is never closed"),
        (r"'a\'", "column 1: this quote is never closed"),
        ("a.\"b", "column 3: this quote is never closed"),
        ("a == `1", "column 6: this quote is never closed"),
        ("'a\\", "column 1: this quote is never closed"),
        ("`abc`", "column 1: not JSON between the backticks: write a string as '…'"),
        ("``", "column 1: not JSON between the backticks: write a string as '…'"),
        ("`01`", "column 1: not JSON between the backticks: write a string as '…'"),
        (r#""a\x""#, "column 1: not a JSON string: it has an escape or a character that JSON does not allow"),
        (
            "a.\"b\nc\"",
            "column 3: not a JSON string: it has an escape or a character that JSON does not allow",
        ),
        ("a[2147483648]", "column 3: this index is too large"),
        ("a[-99999999999999999999]", "column 3: this index is too large"),
        ("a[--1]", "column 3: `-` is only for an index, as in `[-1]`"),
        ("a[- 1]", "column 3: `-` is only for an index, as in `[-1]`"),
        // Columns are characters, not bytes.
        ("'é👋' || )", "column 9: expected an expression"),
    ]);
}

#[test]
fn a_caret_stands_under_the_column() {
    let caret = |text: &str| Expression::parse(text).unwrap_err().with_caret(text);
    assert_eq!(caret("a.sott(b)"), "a.sott(b)\n  ^");
    assert_eq!(caret(""), "\n^");
    assert_eq!(caret("a ||"), "a ||\n    ^");
    assert_eq!(caret("'é👋' || )"), "'é👋' || )\n        ^");
    assert_eq!(caret("a\n||\t)"), "a || )\n     ^");

    let long = format!("{} $ {}", "a.".repeat(100) + "a", "|| b".repeat(100));
    let shown = caret(&long);
    let (line, under) = shown.split_once('\n').unwrap();
    assert_eq!(line.chars().nth(under.chars().count() - 1), Some('$'));
    assert!(line.starts_with('…') && line.ends_with('…') && line.chars().count() == 72, "{line}");
    assert!(under.trim_end_matches('^').chars().all(|c| c == ' '));
}

#[test]
fn length_is_bounded() {
    let exactly = format!("'{}'", "a".repeat(MAX_LENGTH - 2));
    assert!(Expression::parse(&exactly).is_ok());
    let error = Expression::parse(&format!("{exactly} ")).unwrap_err();
    assert_eq!(error.to_string(), "column 1: the expression is longer than 4096 bytes");
}

#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, close: &str, n: usize| format!("{}a{}", open.repeat(n), close.repeat(n));
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("!", ""),
        ("{a:", "}"),
        ("a[?", "]"),
        ("length(", ")"),
        ("a[*].", ""),
        ("*.", ""),
        ("[*].[", "]"),
        ("a == (", ")"),
    ] {
        let parse = |n| Expression::parse(&nested(open, close, n));
        assert!(parse(MAX_DEPTH / 2 - 1).is_ok(), "{open}");
        for n in [MAX_DEPTH, 500] {
            let error = parse(n).unwrap_err();
            assert_eq!(error.message, "more than 128 levels of nesting", "{open} {n}");
        }
    }
    // What is only long is not deep.
    for link in [".a", " || a", " && a", " | a", "[0]", "[]", " | !a", " | a[*].b", " | (a)"] {
        let mut text = String::from("a");
        while text.len() + link.len() <= MAX_LENGTH {
            text.push_str(link);
        }
        let read = Expression::parse(&text);
        assert!(read.is_ok_and(|e| e.evaluate(&Native::json(DOCUMENT)).is_ok()), "{link}");
    }
}

#[test]
fn work_is_bounded() {
    const TOO_MUCH: &str = "error: too much work: narrow the lists it goes over";
    let list = |n: usize| format!("[{}0]", "0,".repeat(n - 1));
    assert_eq!(evaluate("length([*])", &list(15_000)), "15000");
    assert_eq!(evaluate("length([*])", &list(25_000)), TOO_MUCH);
    assert_eq!(evaluate("[*] | [*] | [0]", &list(15_000)), TOO_MUCH);
    assert_eq!(evaluate("[*].[@, @]", &list(10_000)), TOO_MUCH);
    assert_eq!(evaluate("@ == @", &list(25_000)), TOO_MUCH);
    assert_eq!(evaluate("contains(@, `1`)", &list(25_000)), TOO_MUCH);
    assert_eq!(evaluate("[[], @][]", &list(25_000)), TOO_MUCH);
    assert_eq!(evaluate("[?@ != @]", &list(15_000)), TOO_MUCH);
    assert_eq!(evaluate("join('', @)", &format!("[{}\"\"]", "\"\",".repeat(25_000))), TOO_MUCH);
    let texts = |n: usize| format!(r#"{{"text": "{0}b", "sought": "{0}"}}"#, "a".repeat(n));
    assert_eq!(evaluate("contains(text, sought)", &texts(5000)), "true");
    assert_eq!(evaluate("contains(sought, text)", &texts(5000)), "false");
    assert_eq!(evaluate("contains(text, sought)", &texts(50_000)), "true");
    assert_eq!(evaluate("contains(text, sought)", &texts(3_000_000)), TOO_MUCH);
    let half = format!(r#"{{"text": "{0}{0}", "sought": "b{0}"}}"#, "a".repeat(5000));
    assert_eq!(evaluate("contains(text, sought)", &half), TOO_MUCH);
    // What is listed, copied or written counts by its size.
    let keys = |n: usize| {
        let fields: Vec<_> = (0..n).map(|i| format!("\"k{i}\": 0")).collect();
        format!("{{{}}}", fields.join(","))
    };
    for (expression, result) in
        [("length(@)", "60000"), ("length(keys(@))", "60000"), ("!(@)", "false"), ("@ && `1`", "1")]
    {
        assert_eq!(evaluate(expression, &keys(60_000)), result, "{expression}");
        assert_eq!(evaluate(expression, &keys(90_000)), TOO_MUCH, "{expression}");
    }
    assert_eq!(evaluate("length(*)", &keys(10_000)), "10000");
    assert_eq!(evaluate("length(@) && length(@)", &keys(60_000)), TOO_MUCH);
    let needle = format!(r#"{{"tags": [{}{{}}], "needle": {}}}"#, "{},".repeat(49), keys(80_000));
    assert_eq!(evaluate("contains(tags, needle)", &needle), TOO_MUCH);
    let long = |n: usize| format!("\"{}\"", "x".repeat(n));
    assert_eq!(evaluate("length(@)", &long(1_000_000)), "1000000");
    let copies = format!("[{}] | [?length(@) == `7`]", vec!["@"; 400].join(", "));
    assert_eq!(evaluate(&copies, &long(1000)), "[]");
    assert_eq!(evaluate(&copies, &long(100_000)), TOO_MUCH);
    assert_eq!(evaluate("length(to_string([@]))", &long(300_000)), "300004");
    assert_eq!(evaluate("length(to_string([@]))", &long(350_000)), TOO_MUCH);
    // A value that is deep costs no stack.
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(evaluate("@ == @", &deep), "true");

    // A separator as long as the text, once per element.
    let mut joins = String::from("{l: @, s: 'abcdefghij'}");
    for _ in 0..3 {
        joins.push_str(" | {l: l, s: join(s, l)}");
    }
    assert_eq!(evaluate(&joins, &format!("[{}\"a\"]", "\"a\",".repeat(99))), TOO_MUCH);
}

#[test]
fn what_doubles_is_refused_before_it_is_evaluated() {
    const TOO_OFTEN: &str = "refused: column 1: the result could hold the same value more than 1000 times";
    let times = |text: &str, n: usize| vec![text; n].join(" | ");
    assert_eq!(evaluate("length(to_string(@))", "1"), "1");
    assert!(evaluate(&times("[@, @]", 9), "1").starts_with("[[[[[[[[["));
    assert_eq!(evaluate(&times("[@, @]", 10), "1"), TOO_OFTEN);
    assert_eq!(evaluate(&times("[@, @]", 450), "1"), TOO_OFTEN);
    assert_eq!(evaluate(&times("{a: @, b: @}", 10), "1"), TOO_OFTEN);
    assert_eq!(evaluate(&times("[@] | [*].[@, @]", 10), "1"), TOO_OFTEN);
    assert_eq!(evaluate(&times("[@] | to_string(@)", 10), "1"), TOO_OFTEN);
    // Also where only a function sees it, or a filter.
    assert_eq!(evaluate(&format!("length({})", times("[@, @]", 10)), "1"), TOO_OFTEN);
    assert_eq!(evaluate(&format!("[?{}]", times("[@, @]", 10)), "[1]"), TOO_OFTEN);
    assert_eq!(evaluate(&format!("!({} == a)", times("[@, @]", 10)), "[1]"), TOO_OFTEN);
    // What people write is far from it.
    let mut hash = String::from("user.{");
    for i in 0..40 {
        write!(hash, "k{i}: not_null(a, b), ").unwrap();
    }
    hash.push_str("z: email} | {a: @, b: z}");
    assert!(evaluate(&hash, DOCUMENT).ends_with(r#""b":"ada@example.com"}"#));
}
