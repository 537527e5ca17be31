//! How one system ended in one login.

use crate::system::entry::Entry;
use crate::system::outcome::Outcome;
use crate::system::response::AnswerFields;
use std::rc::Rc;

/// How a sync ended.
#[derive(Clone)]
pub struct Finished {
    /// Its outcome.
    pub outcome: Outcome,
    /// A word on why, for the log: never an outside text.
    pub detail: String,
    /// The last status, 0 without one.
    pub status: u16,
    /// How many requests were sent.
    pub tries: u32,
    /// From the start of the login.
    pub ms: f64,
    /// From when it began itself.
    pub took: f64,
    /// What was taken from the answer, which others may share.
    pub taken: Rc<AnswerFields>,
    /// Something an admin should know although the login goes on.
    pub warning: String,
}

/// An entry of the config, and how it ended in this login.
pub(crate) type End<'a> = (&'a Entry, Box<Finished>);
