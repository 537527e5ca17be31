//! What is no expression: where it is wrong and what is said of it; and the limits of length, of nesting and of work.

use crate::expression::{DOCUMENT, evaluate, gives, refuses};
use login_sync::{Expression, MAX_DEPTH, MAX_LENGTH, Native};
use std::fmt::Write;

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
