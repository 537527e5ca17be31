//! From text to tree: an operator-precedence parser with the binding powers of JMESPath.
//!
//! What it refuses, it refuses by name. It reads each token once, but for `[*`, where it looks at the next one.
//!
//! **After the first error the text is at its end.** No operator comes any more, every loop ends, and what has been
//! made of it is dropped. So no function here needs a `Result`, which is half the code.

use super::functions::{Function, names};
use super::lexer::{Token, token, unquote};
use super::{MAX_COPIES, MAX_DEPTH, MAX_LENGTH, Node, Of, ParseError, characters};
use crate::host::constant::Constant;
use crate::host::text::{Text, nearest};
use crate::host::value::{Val, Value};

/// The right side of a projection binds as strongly as what made it; filters and flattens have the token's own power.
const PROJECTION: u8 = 20;
const NOT: u8 = 45;

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Node, ParseError> {
    let mut parser = Parser { text, token: Token::End, start: 0, end: 0, depth: 0, error: None };
    let mut root = Node::Current;
    if text.len() > MAX_LENGTH {
        parser.fail("the expression is longer than 4096 bytes");
    } else {
        parser.advance();
        root = parser.expression(0);
        parser.pass(Token::End, "expected an operator or the end");
        parser.start = 0;
        if copies(&root) > MAX_COPIES {
            parser.fail("the result could hold the same value more than 1000 times");
        }
    }
    match parser.error {
        None => Ok(root),
        Some((at, message)) => Err(ParseError { column: 1 + text.get(..at).map_or(0, characters), message }),
    }
}

struct Parser<'t> {
    text: &'t str,
    /// The token that is next, and where it starts and ends.
    token: Token<'t>,
    start: usize,
    end: usize,
    depth: usize,
    /// Where the first one is, and what is wrong.
    error: Option<(usize, String)>,
}

impl<'t> Parser<'t> {
    fn advance(&mut self) {
        (self.token, self.start, self.end) = token(self.text, self.end);
        if let Token::Wrong(message) = self.token {
            self.fail(message);
        }
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, message: &'static str) -> Node {
        // What people write who have another language in mind.
        let instead = match self.token {
            Token::Name("and") => "write `&&` for `and`",
            Token::Name("or") => "write `||` for `or`",
            Token::Number(_) if self.text.get(..self.start).is_some_and(|before| before.ends_with(".[")) => {
                "an index has no dot before it: write `[0]`"
            }
            Token::Dashed(name) => {
                return self.fail_at(self.start, &["a name with `-` needs quotes: write `\"", name, "\"`"]);
            }
            _ => message,
        };
        self.fail_at(self.start, &[instead])
    }

    #[cold]
    #[inline(never)]
    fn fail_at(&mut self, at: usize, message: &[&str]) -> Node {
        self.error.get_or_insert_with(|| (at, message.concat()));
        (self.token, self.end) = (Token::End, self.text.len());
        Node::Current
    }

    /// Goes past `token`, which must be next.
    fn pass(&mut self, token: Token<'t>, message: &'static str) {
        if self.token == token {
            self.advance();
        } else {
            self.fail(message);
        }
    }

    fn expression(&mut self, power: u8) -> Node {
        self.operators(None, power)
    }

    /// An expression, as far as operators that bind more strongly than `power` carry it. Where its start is given as
    /// `left`, the operator after that belongs to it in any case.
    fn operators(&mut self, left: Option<Node>, power: u8) -> Node {
        if self.depth == MAX_DEPTH {
            return self.fail("more than 128 levels of nesting");
        }
        self.depth += 1;
        let mut left = match left {
            Some(left) => self.infix(left),
            None => self.prefix(),
        };
        while self.token.power() > power {
            left = self.infix(left);
        }
        self.depth -= 1;
        left
    }

    /// What an expression starts with.
    fn prefix(&mut self) -> Node {
        match self.token {
            Token::Name(name) => self.name(name),
            Token::QuotedName(quoted) => {
                let name = self.quoted(quoted);
                self.advance();
                field(&name)
            }
            Token::RawString(quoted) => {
                self.advance();
                Node::Literal(Constant::new(&Val::from_text(&unquote(quoted))))
            }
            Token::Json(quoted) => {
                let json = unquote(quoted);
                if Val::from_text(&json).parse_json().is_none() {
                    return self.fail("not JSON between the backticks: write a string as '…'");
                }
                self.advance();
                Node::Literal(Constant::of_json(json))
            }
            Token::At => {
                self.advance();
                Node::Current
            }
            // JMESPath goes on with the result: `!a.b` is `(!a).b`.
            Token::Not => {
                self.advance();
                Node::Not(Box::new(self.expression(NOT)))
            }
            Token::OpenParen => {
                self.advance();
                let node = self.expression(0);
                self.pass(Token::CloseParen, "expected `)`");
                node
            }
            Token::OpenBrace => self.hash(),
            Token::OpenBracket => {
                let end = self.end;
                self.advance();
                let mut projects = matches!(self.token, Token::Number(_) | Token::Colon);
                if self.token == Token::Star {
                    self.advance();
                    projects = self.token == Token::CloseBracket;
                }
                if self.error.is_some() {
                    return Node::Current;
                }
                // Back to the bracket.
                (self.token, self.end) = (Token::OpenBracket, end);
                if projects { self.infix(Node::Current) } else { self.list() }
            }
            Token::Star => {
                self.advance();
                self.project(Node::Current, Of::Values, None, PROJECTION)
            }
            Token::Flatten | Token::Filter => self.infix(Node::Current),
            Token::Number(_) => self.fail("write a number in backticks, as in `1`"),
            Token::Ampersand => {
                self.fail("`&` is only for an argument of a function that takes it, such as `sort_by`")
            }
            _ => self.fail("expected an expression"),
        }
    }

    /// A field or a function's call.
    fn name(&mut self, name: &'t str) -> Node {
        let at = self.start;
        self.advance();
        if self.token != Token::OpenParen {
            return field(name);
        }
        self.advance();
        let Some(function) = Function::named(name) else {
            return self.unknown(at, name);
        };
        let mut arguments = Vec::new();
        // `f()`, but not `f(a,)`.
        let mut more = self.token != Token::CloseParen;
        while more {
            let takes_expression = function.takes_expression(arguments.len());
            let is_expression = self.token == Token::Ampersand && takes_expression;
            if is_expression {
                self.advance();
            } else if takes_expression {
                return self
                    .fail_at(self.start, &["`", name, "` takes an expression here: write `&` before it"]);
            }
            let argument = self.expression(0);
            arguments.push(if is_expression { Node::Reference(Box::new(argument)) } else { argument });
            more = self.token == Token::Comma;
            if more {
                self.advance();
            }
        }
        self.pass(Token::CloseParen, "expected `,` or `)`");
        let (least, most) = function.arity();
        if !(least..=most).contains(&arguments.len()) {
            return self.wrong_count(at, name, least, most);
        }
        Node::Call(function, arguments)
    }

    #[cold]
    #[inline(never)]
    fn unknown(&mut self, at: usize, name: &str) -> Node {
        match nearest(name, &names()) {
            Some(near) => self.fail_at(at, &["`", name, "` is not a function: did you mean `", near, "`?"]),
            None => self.fail_at(at, &["`", name, "` is not a function"]),
        }
    }

    #[cold]
    #[inline(never)]
    fn wrong_count(&mut self, at: usize, name: &str, least: usize, most: usize) -> Node {
        let count = |n: usize| ["no", "one", "two", "three", "four"].get(n).copied().unwrap_or("more");
        let (upto, more) =
            if most > least { (if most > 4 { " or " } else { " to " }, count(most)) } else { ("", "") };
        let noun = if most == 1 { " argument" } else { " arguments" };
        self.fail_at(at, &["`", name, "` takes ", count(least), upto, more, noun])
    }

    /// What an operator makes of the expression on its left.
    fn infix(&mut self, left: Node) -> Node {
        let token = self.token;
        let power = token.power();
        self.advance();
        match token {
            Token::Dot if self.token == Token::Star => {
                self.advance();
                self.project(left, Of::Values, None, PROJECTION)
            }
            Token::Dot => chain(left, self.after_dot(power)),
            Token::OpenBracket => match self.token {
                Token::Star => {
                    self.advance();
                    self.pass(Token::CloseBracket, "expected `]`");
                    self.project(left, Of::Items, None, PROJECTION)
                }
                Token::Number(_) | Token::Colon => self.slice(left),
                _ => self.fail("expected an index or `*`: write `.` before a field, `.[` for a new array"),
            },
            Token::Flatten => self.project(left, Of::Flattened, None, power),
            Token::Filter => {
                let when = self.expression(0);
                self.pass(Token::CloseBracket, "expected `]`");
                self.project(left, Of::Items, Some(Box::new(when)), power)
            }
            Token::Pipe => chain(left, self.expression(power)),
            Token::Or | Token::And => {
                let is_or = token == Token::Or;
                let mut nodes = match left {
                    Node::Either { wanted, nodes } if wanted == is_or => nodes,
                    left => vec![left],
                };
                nodes.push(self.expression(power));
                Node::Either { wanted: is_or, nodes }
            }
            Token::Compare(compare) => {
                let right = self.expression(power);
                Node::Compare(compare, Box::new((left, right)))
            }
            _ => left,
        }
    }

    /// `[0]` or `[start:stop:step]`, of which each may be left out.
    fn slice(&mut self, left: Node) -> Node {
        let mut parts = [None; 3];
        let mut colons = 0;
        loop {
            if let (Token::Number(number), Some(part)) = (self.token, parts.get_mut(colons)) {
                *part = Some(number);
                self.advance();
            }
            if self.token != Token::Colon || colons == 2 {
                break;
            }
            colons += 1;
            self.advance();
        }
        self.pass(Token::CloseBracket, "expected `]`");
        match parts {
            [Some(index), ..] if colons == 0 => chain(left, Node::Index(index)),
            [.., Some(0)] => self.fail("a slice cannot have a step of 0"),
            _ => self.project(chain(left, Node::Slice(Box::new(parts))), Of::Items, None, PROJECTION),
        }
    }

    /// What may stand after a dot.
    fn after_dot(&mut self, power: u8) -> Node {
        match self.token {
            Token::Name(_) | Token::QuotedName(_) | Token::OpenBrace | Token::Star => self.expression(power),
            // Without what follows it: `a[*].[b, c][0]` is the first of all the pairs. So have it all implementations.
            Token::OpenBracket => self.list(),
            _ => self.fail("expected a field, a function, `*`, `[` or `{`"),
        }
    }

    /// A projection of `left`, with all on the right that it carries along.
    fn project(&mut self, left: Node, of: Of, when: Option<Box<Node>>, power: u8) -> Node {
        let then = match self.token {
            Token::Dot => {
                self.advance();
                self.after_dot(power)
            }
            Token::OpenBracket | Token::Filter => self.operators(Some(Node::Current), power),
            _ => Node::Current,
        };
        chain(left, Node::Each { of, when, then: Box::new(then) })
    }

    /// `[a, b]`
    fn list(&mut self) -> Node {
        self.advance();
        Node::List(self.nodes(Token::CloseBracket, "expected `,` or `]`"))
    }

    fn nodes(&mut self, close: Token<'t>, message: &'static str) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            nodes.push(self.expression(0));
            if self.token != Token::Comma {
                self.pass(close, message);
                return nodes;
            }
            self.advance();
        }
    }

    /// `{key: a, "other key": b}`
    fn hash(&mut self) -> Node {
        let mut entries = Vec::new();
        loop {
            self.advance();
            let key = match self.token {
                Token::Name(name) => name.to_string(),
                Token::QuotedName(quoted) => self.quoted(quoted),
                _ => return self.fail("expected a key"),
            };
            if key == "__proto__" {
                return self.fail("`__proto__` cannot be a key");
            }
            self.advance();
            self.pass(Token::Colon, "expected `:`");
            entries.push((Text::new(&key), self.expression(0)));
            if self.token != Token::Comma {
                self.pass(Token::CloseBrace, "expected `,` or `}`");
                return Node::Hash(entries);
            }
        }
    }

    /// What a quoted name says; it is a JSON string.
    fn quoted(&mut self, quoted: &str) -> String {
        let name = Val::from_text(quoted).parse_json().and_then(|name| name.as_text());
        name.unwrap_or_else(|| {
            self.fail("not a JSON string: it has an escape or a character that JSON does not allow");
            String::new()
        })
    }
}

fn field(name: &str) -> Node {
    // A host's object may have it, own or not; no one's data means it.
    if name == "__proto__" { Node::Literal(Constant::default()) } else { Node::Field(Text::new(name)) }
}

/// `next` on the value of `left`.
fn chain(left: Node, next: Node) -> Node {
    match left {
        Node::Current => next,
        Node::Chain(mut nodes) => {
            nodes.push(next);
            Node::Chain(nodes)
        }
        left => Node::Chain(vec![left, next]),
    }
}

/// How often, at most, a value made on the way holds the same part of the input. Lists of lists of `@` would double it
/// with every pipe: shared in memory, but not in the JSON that is made of it.
fn copies(node: &Node) -> usize {
    let sum = |nodes: &[Node]| nodes.iter().fold(0, |sum: usize, node| sum.saturating_add(copies(node)));
    let product =
        |nodes: &[Node]| nodes.iter().fold(1, |product: usize, node| product.saturating_mul(copies(node)));
    match node {
        Node::Chain(nodes) => product(nodes),
        Node::Not(node) | Node::Reference(node) => copies(node),
        Node::Compare(_, sides) => copies(&sides.0).max(copies(&sides.1)),
        Node::Each { when, then, .. } => copies(then).max(when.as_deref().map_or(1, copies)),
        Node::Hash(entries) => {
            entries.iter().fold(0, |sum: usize, (_, node)| sum.saturating_add(copies(node)))
        }
        // JSON within JSON has its quotes escaped, and the escapes again.
        Node::Call(function, nodes) if function.is_to_string() => sum(nodes).saturating_mul(2),
        // An expression for each element repeats what is in the element.
        Node::Call(_, nodes) if nodes.iter().any(|node| matches!(node, Node::Reference(_))) => product(nodes),
        Node::Either { nodes, .. } | Node::List(nodes) | Node::Call(_, nodes) => sum(nodes),
        _ => 1,
    }
}
