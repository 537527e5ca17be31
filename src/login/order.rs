//! The order of entries, which follows from what they read.
//!
//! **An entry begins when all that it reads have ended**, and those that read nothing of each other run side by side. So
//! there is an order for any config but one in which entries read each other in a circle, and that is refused.
//!
//! **What reads an entry in shadow is in shadow too**: an entry, a rule, a claim. An entry in shadow sends, is judged and
//! is logged, and touches nothing. So a new check can be tried on a whole tenant: the log says what it would have done,
//! and taking the word away makes it count.

use crate::document::problem::{Problem, refusal};
use crate::document::root::Reads;
use crate::host::value::{Val, Value};
use crate::system::context::Context;
use crate::system::entry::Entry;
use crate::system::finished::End;
use crate::system::outcome::Outcome;
use crate::system::step::{Task, poll};
use crate::system::sync::{for_want_of, run};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// An entry of one login.
struct Place<'a> {
    sync: &'a Entry,
    task: Option<Task<'a, End<'a>>>,
    end: Option<End<'a>>,
}

/// How far the entries of a login are, a bit for each.
#[derive(Default)]
struct State {
    /// Read by anything.
    read: u64,
    /// Not ended yet.
    left: u64,
    failed: u64,
    /// There is an answer to read.
    good: u64,
}

/// Runs those of these entries that have something to do; how they ended, in their order. `read` are the bits of those
/// that anything reads.
pub(super) async fn run_all<'a>(login: &'a Context, syncs: &'a [Entry], read: u64) -> Vec<End<'a>> {
    let (mut places, mut state) = (Vec::new(), State { read, ..State::default() });
    for sync in syncs.iter().filter(|sync| sync.runs_on(login.scope.trigger)) {
        state.left |= sync.bit;
        places.push(Place { sync, task: None, end: None });
    }
    poll_fn(|_| turn(login, syncs, &mut places, &mut state)).await;
    let mut ends = Vec::with_capacity(places.len());
    for place in places {
        ends.extend(place.end);
    }
    ends
}

/// Goes on with all that can go on, as long as one that has ended lets another one begin.
fn turn<'a>(login: &'a Context, syncs: &[Entry], places: &mut [Place<'a>], state: &mut State) -> Poll<()> {
    loop {
        let (mut pending, left) = (false, state.left);
        for place in places.iter_mut().filter(|place| place.end.is_none()) {
            let sync = place.sync;
            if sync.reads & state.left != 0 {
                pending = true;
                continue;
            }
            // In its first turn, for what it reads has ended by then.
            let missing = sync.reads & !sync.decides & !state.good;
            let end = if missing != 0 {
                // One that failed counts for more: what is guarded must not open because its source is down.
                let failed = missing & state.failed;
                let (outcome, of) =
                    if failed != 0 { (Outcome::Unavailable, failed) } else { (Outcome::Skipped, missing) };
                let source = syncs.iter().find(|sync| sync.bit & of != 0).map_or("", |sync| &sync.name);
                Poll::Ready((sync, for_want_of(login, sync, outcome, source)))
            } else {
                poll(place.task.get_or_insert_with(|| Box::pin(run(login, sync))))
            };
            let Poll::Ready(mut end) = end else {
                pending = true;
                continue;
            };
            state.left &= !sync.bit;
            let outcome = end.1.outcome;
            if outcome.is_failure() {
                state.failed |= sync.bit;
            } else if outcome != Outcome::Skipped {
                state.good |= sync.bit;
            }
            if sync.bit & state.read != 0 {
                tell(login, &end);
            }
            if sync.shadow {
                end.1.taken = Rc::default();
            }
            place.end = Some(end);
        }
        match pending {
            false => return Poll::Ready(()),
            true if state.left == left => return Poll::Pending,
            true => {}
        }
    }
}

/// What others read of an entry that has ended.
#[cold]
#[inline(never)]
fn tell(login: &Context, (sync, end): &End) {
    let status = if end.status == 0 { Val::default() } else { Val::from_f64(f64::from(end.status)) };
    let fields = vec![
        ("answer", end.taken.answer.clone().unwrap_or_default()),
        ("outcome", Val::from_text(end.outcome.name())),
        ("status", status),
    ];
    login.scope.learn(&sync.name, Val::from_object(fields));
}

/// Tells each entry whether its whole answer is read, takes into shadow what reads an entry in shadow, and says what is
/// wrong with all that. The bits of the entries in shadow.
pub(super) fn follow(syncs: &mut [Entry], all: Reads, problems: &mut Vec<Problem>) -> u64 {
    let mut refuse = |before: &str, text: &str, after: &str| {
        problems.push(refusal("config.syncs".to_string(), before, text, after));
    };
    let (mut left, mut shadow, mut before) = (0, 0, 1);
    for sync in &mut *syncs {
        left |= sync.bit;
        sync.response.gives_whole = all.answer & sync.bit != 0 && !sync.response.gives_kept();
        if sync.response.gives_whole && (sync.reuse || sync.fresh_ms.is_some()) {
            refuse(
                "",
                &sync.name,
                " is kept (`reuse`, `freshForSeconds`) and read by others: say in its `response.keep` what they read",
            );
        }
    }
    while shadow != before {
        before = shadow;
        for sync in &mut *syncs {
            sync.shadow |= sync.reads & shadow != 0;
            if sync.shadow {
                shadow |= sync.bit;
            }
        }
    }
    // Those that are left read one of those that are left, so going from one to the next comes round.
    let mut before = 0;
    while left != before {
        before = left;
        for sync in &*syncs {
            if sync.reads & left == 0 {
                left &= !sync.bit;
            }
        }
    }
    let of = |bits: u64| syncs.iter().find(|sync| sync.bit & bits != 0);
    let Some(mut sync) = of(left) else { return shadow };
    for _ in &*syncs {
        sync = of(sync.reads & left).unwrap_or(sync);
    }
    let start = sync.bit;
    let mut circle = sync.name.clone();
    loop {
        sync = of(sync.reads & left).unwrap_or(sync);
        circle.push_str(" -> ");
        circle.push_str(&sync.name);
        if sync.bit == start {
            refuse("entries read each other in a circle: take out one read of ", &circle, "");
            return shadow;
        }
    }
}
