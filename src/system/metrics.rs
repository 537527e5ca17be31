//! Metrics: what an instance counts, and when it tells a collector. Auth0's logs and log streams hold no console line, so
//! no one can be woken by one.
//!
//! **They cost a login nothing.** A batch goes next to a request that a login makes anyway, so that its connection has that
//! long to be made; no one waits for it, and nothing hangs on what comes of it. One goes in each period at most.
//!
//! **No personal data**: the names of the config, outcomes, counts and times. No header reads an event.
//!
//! `collector.rs` reads where they go. Here is when a batch goes, and with what headers; the host adds up and writes
//! (`js-shim/metrics.js`). Of a login it needs the log line, and for each system the [`ends`], since the line has no room
//! for all of them.

use crate::host::text::{Text, decimal, joined};
use crate::request::attempt::Variables;
use crate::system::collector::Collector;
use crate::system::context::Context;
use crate::system::finished::End;
use crate::system::patience::whole;
use crate::system::step::Effect;

/// After so long a collector is given up, well before the next batch.
const LONGEST_MS: u32 = 5_000;

/// What is to be counted of systems at the end of a login, a line each: name, outcome, milliseconds, requests.
#[cold]
#[inline(never)]
pub(crate) fn ends(ends: &[End]) -> String {
    let mut lines = String::new();
    for (sync, end) in ends {
        let (ms, tries) = (decimal(whole(end.took)), decimal(end.tries));
        lines.push('\n');
        lines.push_str(&joined(&[&sync.name, end.outcome.name(), &ms, &tries], " "));
    }
    lines
}

/// Has a batch go next to what this login sends, if there is one to go.
pub(crate) fn go_along(login: &Context) {
    if let Some(collector) = &login.common.collector {
        send(login, collector);
    }
}

// Apart, and so not compiled where a config has no metrics.
#[cold]
#[inline(never)]
fn send(login: &Context, collector: &Collector) {
    let (now, mut memory) = (login.driver.now(), login.memory.borrow_mut());
    if !memory.counted || now.tick < memory.next_batch {
        return;
    }
    memory.next_batch = now.tick + collector.every_ms;
    let nothing = Text::default();
    let vars = Variables {
        rotation: 0,
        idempotency_key: &nothing,
        trigger_id: &nothing,
        now: now.wall,
        entropy: login.entropy,
        token: None,
        timeout_ms: 0,
        longest_ms: LONGEST_MS,
    };
    if let Ok(mut request) = collector.request.build(&login.scope, None, &vars) {
        // The last one would say which login it went with.
        request.headers.retain(|(name, _)| **name != *"login-sync-trigger-id");
        login.driver.ask_as(login.driver.number(), Effect::Send(request));
    }
}
