//! Expressions against the `jmespath` crate, over random expressions and documents: what we accept means the same.
//!
//! `PROPTEST_CASES=20000 cargo test --release --test native expression_oracle` for a long run.

use crate::common::oracle::{Outcome, ours, settled, sorted};
use login_sync::Expression;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};
use std::cell::Cell;

fn theirs(text: &str, document: &Json) -> Result<Outcome, TestCaseError> {
    crate::common::oracle::theirs(text, document).map_err(TestCaseError::fail)
}

/// An expression before it is written down. The strings are written as they are.
#[derive(Clone, Debug)]
enum Ast {
    /// A field, a literal, `@`.
    Atom(String),
    /// `left.name`, `left[0]`, `left[*]`, `left.*`, `left[]`
    Then(Box<Ast>, String),
    /// `left[?when]`
    Filter(Box<Ast>, Box<Ast>),
    /// `left.[…]`, `left.{…}`, `left.function(…)`
    Dot(Box<Ast>, Box<Ast>),
    /// The operator, its power, and whether its right side may have the same power.
    Binary(&'static str, u8, Box<Ast>, Box<Ast>),
    Not(Box<Ast>),
    List(Vec<Ast>),
    Hash(Vec<(&'static str, Ast)>),
    Call(&'static str, Vec<Ast>),
    /// `&of`
    Reference(Box<Ast>),
    /// In parentheses, needed or not.
    Group(Box<Ast>),
}

/// Writes an expression as words; a space may stand between any two.
fn write(ast: &Ast, power: u8, words: &mut Vec<String>) {
    let mut word = |text: &str| words.push(text.to_string());
    let own = match ast {
        Ast::Binary(_, power, ..) => *power,
        Ast::Not(_) => 6,
        _ => 7,
    };
    if own < power {
        word("(");
        write(ast, 0, words);
        words.push(")".into());
        return;
    }
    match ast {
        Ast::Atom(text) => word(text),
        Ast::Then(left, step) => {
            write(left, 7, words);
            words.push(step.clone());
        }
        Ast::Filter(left, when) => {
            write(left, 7, words);
            words.push("[?".into());
            write(when, 0, words);
            words.push("]".into());
        }
        Ast::Dot(left, right) => {
            write(left, 7, words);
            words.push(".".into());
            write(right, 7, words);
        }
        Ast::Binary(operator, power, left, right) => {
            // All group to the left.
            write(left, *power, words);
            words.push((*operator).into());
            write(right, power + 1, words);
        }
        Ast::Not(inner) => {
            word("!");
            // `!a.b` is `(!a).b`, whatever was meant.
            write(inner, 6, words);
        }
        Ast::List(nodes) => write_all("[", nodes, "]", words),
        Ast::Call(name, nodes) => {
            word(name);
            write_all("(", nodes, ")", words);
        }
        Ast::Reference(of) => {
            word("&");
            write(of, 0, words);
        }
        Ast::Hash(entries) => {
            for (i, (key, node)) in entries.iter().enumerate() {
                words.push(if i == 0 { "{" } else { "," }.into());
                words.push(format!("{key}:"));
                write(node, 0, words);
            }
            words.push("}".into());
        }
        Ast::Group(inner) => {
            word("(");
            write(inner, 0, words);
            words.push(")".into());
        }
    }
}

fn write_all(open: &str, nodes: &[Ast], close: &str, words: &mut Vec<String>) {
    for (i, node) in nodes.iter().enumerate() {
        words.push(if i == 0 { open } else { "," }.into());
        write(node, 0, words);
    }
    words.push(close.into());
}

const NAMES: [&str; 7] = ["a", "b", "c", "ab", "\"a\"", "\"b.c\"", "\"\\u0061\""];
const STEPS: [&str; 22] = [
    "[:2]",
    "[1:]",
    "[::-1]",
    "[-2:]",
    "[2:-4:-2]",
    "[ : : 2 ]",
    ".a",
    ".a",
    ".b",
    ".c",
    ".\"b.c\"",
    "[0]",
    "[0]",
    "[1]",
    "[-1]",
    "[-2]",
    "[*]",
    "[*]",
    "[*]",
    ".*",
    "[]",
    "[]",
];
const LITERALS: [&str; 16] = [
    "''",
    "'a'",
    "'b'",
    r"'it\'s'",
    r"'\\'",
    "'é'",
    "`0`",
    "`1`",
    "`2.5`",
    "`true`",
    "`false`",
    "`null`",
    "`[]`",
    r#"`[1, [2, null], "a"]`"#,
    r#"`{"a": 1, "b": {"a": [0]}}`"#,
    r#"`"a\`b"`"#,
];
const ONE: [&str; 18] = [
    "length",
    "keys",
    "to_string",
    "to_number",
    "type",
    "abs",
    "avg",
    "ceil",
    "floor",
    "max",
    "min",
    "reverse",
    "reverse",
    "sort",
    "sort",
    "sum",
    "to_array",
    "values",
];
const BY: [&str; 4] = ["sort_by", "sort_by", "max_by", "min_by"];
const TWO: [&str; 4] = ["contains", "starts_with", "ends_with", "join"];
const BINARY: [(&str, u8); 15] = [
    ("|", 1),
    ("|", 1),
    ("||", 2),
    ("||", 2),
    ("||", 2),
    ("&&", 3),
    ("&&", 3),
    ("&&", 3),
    ("==", 5),
    ("==", 5),
    ("!=", 5),
    ("<", 5),
    ("<=", 5),
    (">", 5),
    (">=", 5),
];
const KEYS: [&str; 3] = ["a", "b", "c"];

fn expressions() -> impl Strategy<Value = Ast> {
    let atom = prop_oneof![
        6 => select(&NAMES[..]).prop_map(|name| Ast::Atom(name.into())),
        1 => select(&LITERALS[..]).prop_map(|text| Ast::Atom(text.into())),
        1 => select(&["@", "@", "*", "[*]", "[]", "[0]", "[-1]", "[?a]"][..]).prop_map(|text| Ast::Atom(text.into())),
    ];
    atom.prop_recursive(6, 24, 3, |inner| {
        let one = inner.clone().prop_map(Box::new);
        let call = prop_oneof![
            (select(&ONE[..]), inner.clone()).prop_map(|(name, of)| Ast::Call(name, vec![of])),
            (select(&TWO[..]), vec(inner.clone(), 2)).prop_map(|(name, of)| Ast::Call(name, of)),
            vec(inner.clone(), 1..4).prop_map(|of| Ast::Call("not_null", of)),
            vec(inner.clone(), 1..4).prop_map(|of| Ast::Call("merge", of)),
            (select(&BY[..]), inner.clone(), inner.clone())
                .prop_map(|(name, list, by)| Ast::Call(name, vec![list, Ast::Reference(Box::new(by))])),
            (inner.clone(), inner.clone())
                .prop_map(|(of, list)| Ast::Call("map", vec![Ast::Reference(Box::new(of)), list])),
        ];
        let list = vec(inner.clone(), 1..4).prop_map(Ast::List);
        let hash = (proptest::sample::subsequence(&KEYS[..], 1..3), vec(inner.clone(), 3))
            .prop_map(|(keys, nodes)| Ast::Hash(keys.into_iter().zip(nodes).collect()));
        let after_dot = prop_oneof![2 => list.clone(), 2 => hash.clone(), 1 => call.clone()];
        prop_oneof![
            12 => (one.clone(), select(&STEPS[..])).prop_map(|(left, step)| Ast::Then(left, step.into())),
            5 => (one.clone(), one.clone()).prop_map(|(left, when)| Ast::Filter(left, when)),
            3 => (one.clone(), after_dot.prop_map(Box::new)).prop_map(|(left, right)| Ast::Dot(left, right)),
            9 => (select(&BINARY[..]), one.clone(), one.clone())
                .prop_map(|((operator, power), left, right)| Ast::Binary(operator, power, left, right)),
            2 => one.clone().prop_map(Ast::Not),
            2 => one.prop_map(Ast::Group),
            1 => list,
            1 => hash,
            1 => call,
        ]
    })
}

/// The expression's words joined by these spaces, over and over.
fn spaced(ast: &Ast, spaces: &[&str]) -> String {
    let mut words = Vec::new();
    write(ast, 0, &mut words);
    words.iter().zip(spaces.iter().cycle()).fold(String::new(), |text, (word, space)| text + word + space)
}

fn texts() -> impl Strategy<Value = String> {
    let space = select(&["", "", "", "", " ", "  ", "\n", "\t "][..]);
    (expressions(), vec(space, 1..9)).prop_map(|(ast, spaces)| spaced(&ast, &spaces))
}

/// Documents over the expressions' own names, so that paths often lead somewhere.
fn documents() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        1 => Just(json!(null)),
        1 => any::<bool>().prop_map(Json::from),
        2 => select(&[0, 1, 2][..]).prop_map(Json::from),
        1 => Just(json!(2.5)),
        3 => select(&["", "a", "b", "ab", "1", "é", "it's", "[1]"][..]).prop_map(Json::from),
    ];
    let any = scalar.prop_recursive(4, 48, 4, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(Json::from),
            2 => object(inner),
        ]
    });
    prop_oneof![9 => object(any.clone()), 1 => any]
}

fn object(of: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    let key = select(&["a", "a", "b", "c", "ab", "b.c"][..]).prop_map(String::from);
    btree_map(key, of, 0..7).prop_map(|fields| Json::Object(fields.into_iter().collect()))
}

fn runner(cases: u32) -> TestRunner {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    TestRunner::new(config)
}

/// How many of a run's cases came to something; a run that tests nothing fails.
#[derive(Default)]
struct Tally {
    cases: Cell<u32>,
    hits: Cell<u32>,
}

impl Tally {
    fn count(&self, hit: bool) {
        self.cases.set(self.cases.get() + 1);
        self.hits.set(self.hits.get() + u32::from(hit));
    }

    fn check(&self, what: &str, percent: u32) {
        let (cases, hits) = (self.cases.get(), self.hits.get());
        println!("{hits} of {cases} {what}");
        assert!(hits * 100 >= cases * percent, "only {hits} of {cases} {what}");
    }
}

#[test]
fn an_expression_means_what_jmespath_says() {
    let tally = Tally::default();
    let cases = (texts(), documents());
    let result = runner(1200).run(&cases, |(text, document)| {
        let expression = Expression::parse(&text)
            .map_err(|error| TestCaseError::fail(format!("refused: {error}\n{}", error.with_caret(&text))))?;
        let got = ours(&expression, &document);
        let wanted = theirs(&text, &document)?;
        tally.count(matches!(&wanted, Outcome::Value(value) if !value.is_null()));
        prop_assert_eq!(got, wanted, "{}", text);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    tally.check("results were not null", 25);
}

/// Documents for the functions that take arrays of one kind, on which most of them give something.
#[test]
fn a_function_means_what_jmespath_says() {
    let tally = Tally::default();
    let number = select(&[0.0, -0.0, 1.0, -1.0, 2.5, 1e21, 1e-7, -300.25][..]);
    let text = select(&["", "a", "b", "ab", "B", "é", "e\u{301}", "👋", "\u{e000}", "10", "9"][..]);
    let lists = (vec(number, 0..9), vec(text, 0..9), vec(any::<bool>(), 0..3));
    let call = prop_oneof![
        (select(&ONE[..]), select(&["n", "s", "b", "rows", "n[0]", "s[0]", "@"][..]))
            .prop_map(|(name, of)| format!("{name}({of})")),
        (select(&BY[..]), select(&["n", "s", "b", "k"][..]))
            .prop_map(|(name, by)| format!("{name}(rows, &{by})")),
        (select(&["n", "s"][..]), select(&["abs(@)", "length(@)", "@", "[@]"][..]))
            .prop_map(|(list, of)| format!("map(&{of}, {list})")),
        (select(&["n", "s", "rows"][..]), -6..6_i32, -6..6_i32, select(&[-3, -2, -1, 1, 2, 3][..]))
            .prop_map(|(list, start, stop, step)| format!("{list}[{start}:{stop}:{step}]")),
        (select(&["", "s[0]", "', '"][..]))
            .prop_map(|glue| format!("join({}, s)", if glue.is_empty() { "''" } else { glue })),
        Just("merge(@, {a: s, n: b})".to_string()),
    ];
    let result = runner(2000).run(&(call, lists), |(text, (n, s, b))| {
        let row = |i: usize| json!({"b": b.get(i), "k": i, "n": n.get(i), "s": s.get(i)});
        let longest = n.len().min(s.len());
        let document = json!({"b": b, "n": n, "rows": (0..longest).map(row).collect::<Vec<_>>(), "s": s});
        let document = sorted(&document);
        let expression =
            Expression::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        let wanted = theirs(&text, &document)?;
        tally.count(matches!(&wanted, Outcome::Value(_)));
        // An object that the expression makes has its members in another order, and 1 may be written 1.0.
        if settled(&text) && !text.contains("to_string") {
            prop_assert_eq!(ours(&expression, &document), wanted, "{} of {}", text, document);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    tally.check("gave something", 50);
}

const SCRAPS: [&str; 48] = [
    ".",
    "[",
    "]",
    "[]",
    "[?",
    "[*]",
    "*",
    "(",
    ")",
    "{",
    "}",
    "|",
    "||",
    "&&",
    "&",
    "!",
    "!=",
    "==",
    "<",
    "<=",
    ">",
    ",",
    ":",
    "@",
    "'",
    "\"",
    "`",
    "\\",
    "0",
    "-",
    "1",
    "a",
    "b",
    "é",
    " ",
    "a:",
    ".a",
    "[0]",
    "[-1]",
    ".*",
    "'a'",
    "`1`",
    "length(",
    "not_null(",
    "[1:2]",
    "true",
    "=",
    "\u{0}",
];

/// One change: what to put in, where, and how many characters it replaces.
type Change = (Index, usize, &'static str);

fn mangled(text: &str, changes: &[Change]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (at, replaced, scrap) in changes {
        let from = at.index(chars.len() + 1);
        let to = (from + replaced).min(chars.len());
        chars.splice(from..to, scrap.chars());
    }
    chars.into_iter().collect()
}

#[test]
fn a_mangled_expression_is_refused_or_means_what_jmespath_says() {
    let tally = Tally::default();
    let scrap = prop_oneof![3 => select(&SCRAPS[..]), 1 => Just("")];
    let changes = vec((any::<Index>(), 0_usize..3, scrap), 1..3);
    let cases = (texts(), changes, documents());
    let result = runner(800).run(&cases, |(text, changes, document)| {
        let text = mangled(&text, &changes);
        let read = Expression::parse(&text);
        tally.count(read.is_ok());
        let expression = match read {
            Ok(expression) => expression,
            Err(error) => {
                let length = text.chars().count();
                prop_assert!((1..=length + 1).contains(&error.column), "{}: {}", text, error);
                let shown = error.with_caret(&text);
                prop_assert_eq!(shown.matches('\n').count(), 1, "{}", shown);
                return Ok(());
            }
        };
        // The grammar has it, the crate has not.
        if text.contains("-0") {
            return Ok(());
        }
        // A change may unsort a hash's keys, whose order is open.
        let ordered = settled(&text);
        let got = ours(&expression, &document);
        let wanted = theirs(&text, &document)?;
        prop_assert!(!ordered || got == wanted, "{}: {:?}, but {:?}", text, got, wanted);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    tally.check("were accepted", 12);
}

#[test]
fn any_text_at_all_is_read_without_a_panic() {
    runner(300)
        .run(&(".*", documents()), |(text, document)| {
            if let Ok(expression) = Expression::parse(&text) {
                prop_assert_eq!(ours(&expression, &document), theirs(&text, &document)?);
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
