//! What an expression reads at the root of its scope: by these names a config is checked, and from them follows the
//! order of its entries.
//!
//! Names are followed as they lead on from the root, through `@` and pipes, into arguments, both sides of operators,
//! `[..]` and `{..}`. In a projection, a filter and a reference the root is another one.

use super::{Expression, Node};
use std::slice;

impl Expression {
    /// Calls `each` with every chain of names that leads from the root: `["user", "email"]`. The empty one is the whole
    /// scope.
    pub fn reads(&self, each: &mut dyn FnMut(&[&str])) {
        used(&self.root, &mut Vec::new(), each);
    }
}

/// Adds to `path`, which leads to the current value, the names that lead on to the value of this node. False where that
/// cannot be said any more, and what the value was made of has been told.
fn walk<'e>(node: &'e Node, path: &mut Vec<&'e str>, each: &mut dyn FnMut(&[&str])) -> bool {
    let nodes = match node {
        Node::Current => return true,
        Node::Literal(_) => return false,
        Node::Field(name) => {
            path.push(name);
            return true;
        }
        Node::Chain(nodes) => return nodes.iter().all(|node| walk(node, path, each)),
        Node::Either { nodes, .. } | Node::List(nodes) | Node::Call(_, nodes) => nodes,
        Node::Not(node) => slice::from_ref(&**node),
        Node::Compare(_, sides) => {
            used(&sides.0, path, each);
            slice::from_ref(&sides.1)
        }
        Node::Hash(entries) => {
            for (_, node) in entries {
                used(node, path, each);
            }
            return false;
        }
        // Elements have no name, and what follows starts from them.
        _ => {
            each(path);
            return false;
        }
    };
    for node in nodes {
        used(node, path, each);
    }
    false
}

#[inline(never)]
fn used<'e>(node: &'e Node, path: &mut Vec<&'e str>, each: &mut dyn FnMut(&[&str])) {
    let before = path.len();
    if walk(node, path, each) {
        each(path);
    }
    path.truncate(before);
}
