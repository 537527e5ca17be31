//! What an expression gives for a value. Reads through the seam, and as seldom as it can: each question is a call
//! into the host.
//!
//! **The first error spends all the steps that are left.** So everything that is still to do gives null at once, every
//! loop ends, and no function here needs a `Result`, which a third of the wasm went into.

use super::functions::{self, Function};
use super::{Compare, Node, Of};
use crate::host::value::{Kind, Val, Value};
use std::fmt;

/// The steps that one evaluation may take: a node or an element is one, and so is each of the following amounts. A step takes
/// half a microsecond at most on the machine of docs/performance.md, so all of them take 10 ms.
const MAX_STEPS: usize = 20_000;
/// So many keys of an object, listed.
const KEYS_PER_STEP: usize = 4;
/// So many bytes of a string, copied into the wasm.
const BYTES_PER_STEP: usize = 256;
/// So many bytes of JSON, written or read.
const JSON_PER_STEP: usize = 16;

/// Why an expression has no value for a scope: a function was given what it does not take, or there was too much work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluateError(Why);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    TooMuchWork,
    Unwritable,
    WrongKind { function: Function, argument: u8, found: Kind, in_list: bool },
}

impl EvaluateError {
    /// What it gives cannot be sent or set.
    pub const UNWRITABLE: Self = Self(Why::Unwritable);
}

impl fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (function, argument, found, in_list) = match self.0 {
            Why::TooMuchWork => return f.write_str("too much work: narrow the lists it goes over"),
            Why::Unwritable => {
                return f.write_str("the result is too deep, too large or no JSON: take a part of it");
            }
            Why::WrongKind { function, argument, found, in_list } => (function, argument, found, in_list),
        };
        let found = match found {
            Kind::Null => "null",
            Kind::Bool => "a boolean",
            Kind::Number => "a number",
            Kind::Text => "a string",
            Kind::List => "a list",
            Kind::Object => "an object",
        };
        for part in [
            "`",
            function.name(),
            "` takes ",
            function.takes(argument),
            if argument == 0 { " as its first argument, not " } else { " as its second argument, not " },
            if in_list { "a list with " } else { "" },
            found,
            if in_list { " in it" } else { "" },
        ] {
            f.write_str(part)?;
        }
        Ok(())
    }
}

impl std::error::Error for EvaluateError {}

/// Evaluates `root` on `scope`.
pub(super) fn evaluate(root: &Node, scope: &Val) -> Result<Val, EvaluateError> {
    let mut evaluation = Evaluation { left: MAX_STEPS, error: None };
    let value = evaluation.node(root, scope);
    match evaluation.error {
        None => Ok(value),
        Some(why) => Err(EvaluateError(why)),
    }
}

/// One evaluation: the steps it has left, and the first error.
pub(super) struct Evaluation {
    left: usize,
    error: Option<Why>,
}

impl Evaluation {
    /// Takes steps; false where not as many are left.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        if self.left < steps {
            self.too_much();
            return false;
        }
        self.left -= steps;
        true
    }

    pub(super) fn too_much(&mut self) {
        self.fail(Why::TooMuchWork);
    }

    /// The text of a string.
    pub(super) fn text(&mut self, value: &Val) -> Option<String> {
        let text = value.as_text()?;
        self.spend(text.len() / BYTES_PER_STEP);
        Some(text)
    }

    /// The keys of an object, as a list.
    pub(super) fn names(&mut self, object: &Val) -> Val {
        let names = object.names();
        self.spend(names.len() / KEYS_PER_STEP);
        names
    }

    /// As JSON: a string.
    pub(super) fn json(&mut self, value: &Val) -> Val {
        match value.weight(self.left.saturating_mul(JSON_PER_STEP)) {
            Some(weight) if self.spend(weight / JSON_PER_STEP) => value.stringify(),
            _ => {
                self.too_much();
                Val::default()
            }
        }
    }

    fn truth(&mut self, value: &Val) -> bool {
        let truth = value.truth();
        self.spend(truth / KEYS_PER_STEP);
        truth > 0
    }

    /// Whether two values are equal as JSON.
    pub(super) fn same(&mut self, left: &Val, right: &Val) -> bool {
        let (same, work) = left.same(right, self.left);
        self.spend(work) && same
    }

    /// The function does not take this as an argument, or as an element of one.
    #[cold]
    #[inline(never)]
    pub(super) fn wrong_kind(&mut self, function: Function, argument: u8, found: &Val, in_list: bool) -> Val {
        self.fail(Why::WrongKind { function, argument, found: found.kind(), in_list });
        Val::default()
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, why: Why) {
        self.error.get_or_insert(why);
        self.left = 0;
    }

    // No question is asked before a field or an index is read: of what has none, the seam gives null.
    fn node(&mut self, node: &Node, current: &Val) -> Val {
        if !self.spend(1) {
            return Val::default();
        }
        match node {
            Node::Current => current.clone(),
            Node::Literal(constant) => constant.value().clone(),
            Node::Field(name) => current.field(name),
            Node::Index(index) => element(current, *index),
            Node::Chain(nodes) => {
                let mut value = None;
                for node in nodes {
                    value = Some(self.node(node, value.as_ref().unwrap_or(current)));
                }
                value.unwrap_or_default()
            }
            Node::Either { wanted, nodes } => {
                let mut value = Val::default();
                for (i, node) in nodes.iter().enumerate() {
                    value = self.node(node, current);
                    // The last one is not asked: it is the value, true or false.
                    if i + 1 < nodes.len() && self.truth(&value) == *wanted {
                        break;
                    }
                }
                value
            }
            Node::Not(node) => {
                let value = self.node(node, current);
                Val::from_bool(!self.truth(&value))
            }
            Node::Compare(compare, sides) => {
                let left = self.node(&sides.0, current);
                let right = self.node(&sides.1, current);
                self.compare(*compare, &left, &right)
            }
            Node::Each { of, when, then } => self.each(*of, when.as_deref(), then, current),
            Node::List(nodes) if !current.is_null() => Val::from_list(self.nodes(nodes, current)),
            Node::Hash(entries) if !current.is_null() => {
                let mut values = Vec::with_capacity(entries.len());
                for (key, node) in entries {
                    values.push((key, self.node(node, current)));
                }
                Val::from_fields(values)
            }
            Node::List(_) | Node::Hash(_) => Val::default(),
            Node::Call(function, nodes) => {
                let arguments = self.nodes(nodes, current);
                functions::call(*function, &arguments, self)
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node], current: &Val) -> Vec<Val> {
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            values.push(self.node(node, current));
        }
        values
    }

    fn compare(&mut self, compare: Compare, left: &Val, right: &Val) -> Val {
        if matches!(compare, Compare::Equal | Compare::NotEqual) {
            return Val::from_bool(self.same(left, right) == (compare == Compare::Equal));
        }
        // Only numbers have an order.
        let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) else {
            return Val::default();
        };
        Val::from_bool(match compare {
            Compare::Less => left < right,
            Compare::AtMost => left <= right,
            Compare::Greater => left > right,
            _ => left >= right,
        })
    }

    /// A projection. What it does not go over gives null, not an empty list.
    fn each(&mut self, of: Of, when: Option<&Node>, then: &Node, current: &Val) -> Val {
        let over = if of == Of::Values { Kind::Object } else { Kind::List };
        if current.kind() != over {
            return Val::default();
        }
        let mut results = Vec::new();
        // Its keys are counted first: there may be too many.
        let listed = of == Of::Values && self.truth(current) && self.error.is_none();
        let values = listed.then(|| current.values());
        self.elements(values.as_ref().unwrap_or(current), of == Of::Flattened, when, then, &mut results);
        Val::from_list(results)
    }

    /// The elements of a list; with `flatten`, those of an element that is a list in its place.
    fn elements(
        &mut self,
        list: &Val,
        flatten: bool,
        when: Option<&Node>,
        then: &Node,
        results: &mut Vec<Val>,
    ) {
        let len = list.len();
        let mut i = 0;
        while i < len && self.spend(1) {
            let item = list.at(i);
            if flatten && item.kind() == Kind::List {
                self.elements(&item, false, when, then, results);
            } else {
                self.element(item, when, then, results);
            }
            i += 1;
        }
    }

    fn element(&mut self, item: Val, when: Option<&Node>, then: &Node, results: &mut Vec<Val>) {
        if let Some(when) = when {
            let value = self.node(when, &item);
            if !self.truth(&value) {
                return;
            }
        }
        let result = if matches!(then, Node::Current) { item } else { self.node(then, &item) };
        if !result.is_null() {
            results.push(result);
        }
    }
}

/// The element of a list; a negative index counts from its end.
fn element(list: &Val, index: i32) -> Val {
    let distance = index.unsigned_abs() as usize;
    let index = if index < 0 { list.len().checked_sub(distance) } else { Some(distance) };
    index.map_or_else(Val::default, |index| list.at(index))
}
