//! What an expression gives for a value. Reads through the seam, and as seldom as it can: each question is a call
//! into the host.
//!
//! **The first error spends all the steps that are left.** So everything that is still to do gives null at once, every
//! loop ends, and no function here needs a `Result`, which a third of the wasm went into.

use super::functions::{self, Function, JSON_PER_STEP, KEYS_PER_STEP};
use super::{Compare, Node, Of};
use crate::host::value::{Kind, Val, Value};
use std::cell::Cell;
use std::fmt;

/// The steps that one evaluation may take: a node or an element is one, and so is what functions.rs says. A step takes half a
/// microsecond at most on the machine of docs/performance.md, so all of them take 10 ms.
const MAX_STEPS: usize = 20_000;
/// The steps of all evaluations in one step of the engine, but for the decision of a login.
const MAX_STEPS_OF_ALL: usize = 40_000;
/// The steps of that one, and what was left before it.
const MAX_STEPS_OF_DECISION: usize = 20_000;

thread_local! {
    /// What is left of those, and the login's time in milliseconds since 1970. Nothing bounds all evaluations outside the engine.
    static TURN: Cell<(usize, f64)> = const { Cell::new((usize::MAX, 0.0)) };
}

/// Begins a step of the engine, of a login that began at this time. From now on all evaluations together may do so much and no
/// more.
pub fn begin(now: f64) {
    TURN.set((MAX_STEPS_OF_ALL, now));
}

/// Begins the decision of a login. What the last answer took must not fail the rules: another system's answer would deny.
pub(crate) fn decide() {
    let (left, now) = TURN.get();
    TURN.set((left.saturating_add(MAX_STEPS_OF_DECISION), now));
}

/// Why an expression has no value for a scope: a function was given what it does not take, or there was too much work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluateError(Why);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    TooMuchWork,
    Refused(Function),
    WrongKind { function: Function, argument: usize, found: &'static str, in_list: bool },
}

impl fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = match self.0 {
            Why::TooMuchWork => ["too much work: narrow the lists it goes over", "", "", "", "", "", "", ""],
            Why::Refused(function) => {
                let why = "` was given a value that it does not take, or its result would be too long";
                ["`", function.name(), why, "", "", "", "", ""]
            }
            Why::WrongKind { function, argument, found, in_list } => [
                "`",
                function.name(),
                "` takes ",
                function.takes(argument),
                [" as its first", " as its second", " as its third"].get(argument).unwrap_or(&" as its last"),
                if in_list { " argument, not an array with " } else { " argument, not " },
                found,
                if in_list { " in it" } else { "" },
            ],
        };
        parts.iter().try_for_each(|part| f.write_str(part))
    }
}

impl std::error::Error for EvaluateError {}

/// Evaluates `root` on `scope`.
pub(super) fn evaluate(root: &Node, scope: &Val) -> Result<Val, EvaluateError> {
    let (all, now) = TURN.get();
    let given = MAX_STEPS.min(all);
    let mut evaluation = Evaluation { left: given, unspent: 0, error: None, now };
    let value = evaluation.node(root, scope);
    TURN.set((all - given + evaluation.left + evaluation.unspent, now));
    match evaluation.error {
        None => Ok(value),
        Some(why) => Err(EvaluateError(why)),
    }
}

/// One evaluation: the steps it has left, and the first error.
pub(super) struct Evaluation {
    left: usize,
    /// What was left at the first error.
    unspent: usize,
    error: Option<Why>,
    /// Milliseconds since 1970.
    pub now: f64,
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

    /// Whether there has been an error.
    pub(super) fn is_over(&self) -> bool {
        self.error.is_some()
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
    pub(super) fn wrong_kind(
        &mut self,
        function: Function,
        argument: usize,
        found: &'static str,
        in_list: bool,
    ) {
        self.fail(Why::WrongKind { function, argument, found, in_list });
    }

    /// The host has nothing to give for these arguments.
    #[cold]
    pub(super) fn refused(&mut self, function: Function) -> Val {
        self.fail(Why::Refused(function));
        Val::default()
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, why: Why) {
        if self.error.is_none() {
            self.error = Some(why);
            self.unspent = if why == Why::TooMuchWork { 0 } else { self.left };
        }
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
            Node::Slice(parts) => self.slice(current, **parts),
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
            Node::List(_) | Node::Hash(_) | Node::Reference(_) => Val::default(),
            Node::Call(function, nodes) => {
                let mut arguments = self.nodes(nodes, current);
                for (i, node) in nodes.iter().enumerate() {
                    if let Node::Reference(node) = node {
                        // The other one of two is the array.
                        let list = arguments.get(1 - i.min(1)).cloned().unwrap_or_default();
                        let results = self.each_of(node, &list);
                        if let Some(place) = arguments.get_mut(i) {
                            *place = results;
                        }
                    }
                }
                functions::call(*function, arguments, self)
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

    /// What an expression gives for each element of a list.
    fn each_of(&mut self, node: &Node, list: &Val) -> Val {
        let mut results = Vec::new();
        let len = list.len();
        let mut i = 0;
        while i < len && self.spend(1) {
            results.push(self.node(node, &list.at(i)));
            i += 1;
        }
        Val::from_list(results)
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
        let flatten = of == Of::Flattened;
        self.elements(values.as_ref().unwrap_or(current), flatten, when, then, &mut results);
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

    /// A slice of a list; of anything else null.
    #[expect(
        clippy::cast_possible_wrap,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no host's list has 2^32 elements, and the place is never beyond either end"
    )]
    fn slice(&mut self, list: &Val, [start, end, by]: [Option<i32>; 3]) -> Val {
        if list.kind() != Kind::List {
            return Val::default();
        }
        let len = list.len() as i64;
        let by = i64::from(by.unwrap_or(1));
        // How far it may reach: before the first, and after the last.
        let (low, high) = if by > 0 { (0, len) } else { (-1, len - 1) };
        let within = |place: Option<i32>, default: i64| match place.map(i64::from) {
            None => default,
            Some(place) => (if place < 0 { place + len } else { place }).max(low).min(high),
        };
        let (from, to) = if by > 0 { (low, high) } else { (high, low) };
        let (mut at, end) = (within(start, from), within(end, to));
        let mut items = Vec::new();
        while (if by > 0 { at < end } else { at > end }) && self.spend(1) {
            items.push(list.at(at as usize));
            at += by;
        }
        Val::from_list(items)
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
