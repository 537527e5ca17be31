//! Expressions: [JMESPath](https://jmespath.org/specification.html) 1.0 and some functions more, by which a config says
//! what it takes from the event or from an answer.
//!
//! **What is accepted means what JMESPath says it means; everything else is refused with what to write instead.** All of
//! JMESPath is inside, also what no one means: `!a.b`, which it reads as `(!a).b`; `a == b == c`; and a bare `true`, which is a
//! field of that name. `tools/paste/expression-warnings.mjs` speaks of those, and weighs nothing here.
//!
//! An expression cannot loop, and all it can cost is bounded: its length and nesting when it is read, the elements
//! it visits when it is evaluated, how often it may repeat its input in the result.
//!
//! `lexer.rs` cuts words, `parser.rs` makes the tree, `eval.rs` walks it. None of them may look inside a value but
//! through [`Value`](crate::host::value::Value).

mod eval;
mod functions;
mod lexer;
mod parser;
mod reads;

use crate::host::constant::Constant;
use crate::host::text::{Text, decimal};
use crate::host::value::Val;
use functions::Function;
use std::fmt;

pub(crate) use eval::EvaluateError;
pub use eval::begin;
pub(crate) use eval::decide;
pub use functions::NAMES as FUNCTIONS;

/// The bytes an expression may have.
pub const MAX_LENGTH: usize = 4096;
/// How deep an expression may be nested: parentheses, brackets, filters, arguments, right-hand sides.
pub const MAX_DEPTH: usize = 128;
/// How often a result may hold the same part of the input.
pub(crate) const MAX_COPIES: usize = 1000;

/// An expression that has been read.
#[derive(Clone, Debug)]
pub struct Expression {
    root: Node,
}

/// Null. What a reader that found no expression goes on with.
impl Default for Expression {
    fn default() -> Self {
        Self { root: Node::Literal(Constant::default()) }
    }
}

impl Expression {
    /// Reads `text`.
    ///
    /// ```
    /// # use login_sync::Expression;
    /// assert!(Expression::parse("user.given_name || 'you'").is_ok());
    /// let error = Expression::parse("lenght(user.logins)").unwrap_err();
    /// assert_eq!(error.to_string(), "column 1: `lenght` is not a function: did you mean `length`?");
    /// ```
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parser::parse(text).map(|root| Self { root })
    }

    /// The value for this scope. What is not there is null; an error names functions and kinds, never a value.
    pub fn evaluate(&self, scope: &Val) -> Result<Val, EvaluateError> {
        eval::evaluate(&self.root, scope)
    }

    /// The value, when the expression is a literal: what it gives is then known before any scope is.
    pub fn literal(&self) -> Option<&Val> {
        match &self.root {
            Node::Literal(constant) => Some(constant.value()),
            _ => None,
        }
    }
}

/// A node is evaluated on a current value and gives another.
///
/// JMESPath's sub-expressions and pipes both evaluate their right side on the value of the left, so a path of any
/// length is one flat [`Node::Chain`]. What tells them apart, where a projection stops, is settled by the parser.
#[derive(Clone, Debug)]
enum Node {
    /// `@`
    Current,
    Literal(Constant),
    Field(Text),
    Index(i32),
    /// `[start:stop:step]`: a list of these elements, over which the projection then goes.
    Slice(Box<[Option<i32>; 3]>),
    /// Each on the value of the one before: `a.b[0] | c`.
    Chain(Vec<Node>),
    /// A projection of the current value: its elements that pass `when`, as `then` makes them, without nulls.
    Each {
        of: Of,
        when: Option<Box<Node>>,
        then: Box<Node>,
    },
    /// The first that is as true as `wanted`, or else the last: `||` wants true, `&&` wants false.
    Either {
        wanted: bool,
        nodes: Vec<Node>,
    },
    Not(Box<Node>),
    Compare(Compare, Box<(Node, Node)>),
    List(Vec<Node>),
    Hash(Vec<(Text, Node)>),
    Call(Function, Vec<Node>),
    /// `&name`: an argument that is evaluated on each element of the function's array.
    Reference(Box<Node>),
}

/// What a projection goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// `[*]` and `[?…]`
    Items,
    /// `[]`: the items, and those of an item that is a list in its place.
    Flattened,
    /// `*`
    Values,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Why a text is not an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where, counted in characters from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl ParseError {
    /// What is wrong, and where.
    pub(crate) fn text(&self) -> String {
        let column = decimal(u32::try_from(self.column).unwrap_or_default());
        ["column ", &column, ": ", &self.message].concat()
    }

    /// The expression with a caret under the column, in two lines. Of a long one the part around the column.
    pub fn with_caret(&self, text: &str) -> String {
        const BEFORE: usize = 40;
        const WIDTH: usize = 70;
        let at = self.column.saturating_sub(1);
        let from = at.saturating_sub(BEFORE);
        let mut shown = String::new();
        let mut under = String::new();
        for (i, c) in text.chars().enumerate() {
            if i < from {
                continue;
            }
            if i == from + WIDTH {
                shown.push('…');
                break;
            }
            if i == from && from > 0 {
                shown.push('…');
                under.push(' ');
            }
            shown.push(if c < ' ' { ' ' } else { c });
            if i < at {
                under.push(' ');
            }
        }
        shown.push('\n');
        shown.push_str(&under);
        shown.push('^');
        shown
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for ParseError {}

/// How many code points a text has; a smaller loop than the library's, which is made for long texts.
fn characters(text: &str) -> usize {
    text.bytes().filter(|byte| byte & 0xC0 != 0x80).count()
}
