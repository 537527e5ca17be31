//! What expressions mean, case by case: those that people get wrong.

use login_sync::{Expression, Native};

pub const DOCUMENT: &str = r#"{
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

pub fn evaluate(expression: &str, document: &str) -> String {
    match Expression::parse(expression) {
        Ok(read) => match read.evaluate(&Native::json(document)) {
            Ok(value) => value.0.to_string(),
            Err(error) => format!("error: {error}"),
        },
        Err(error) => format!("refused: {error}"),
    }
}

/// Each expression gives this JSON for the document above.
pub fn gives(cases: &[(&str, &str)]) {
    for (expression, wanted) in cases {
        assert_eq!(&evaluate(expression, DOCUMENT), wanted, "{expression}");
    }
}

/// Each text is refused with this message.
pub fn refuses(cases: &[(&str, &str)]) {
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
