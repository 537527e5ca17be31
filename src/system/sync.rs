//! One entry of the config in one login: fresh? reused? may it send? judge, send again.
//!
//! Plain functions decide what comes next, the `async fn` only goes from one to the next: a fat state machine would
//! weigh ten times as much.

mod guarded;
mod kept;
mod rotation;
mod token;

use crate::host::text::Text;
use crate::host::value::Value;
use crate::request::attempt::{Unbuildable, Variables};
use crate::request::scope::Scope;
use crate::request::template::Request;
use crate::system::context::Context;
use crate::system::entry::Entry;
use crate::system::finished::{End, Finished};
use crate::system::metrics;
use crate::system::outcome::Outcome;
use crate::system::patience::whole;
use crate::system::response::AnswerFields;
use crate::system::retry::may_pass;
use crate::system::reuse::{Key, SharedCall};
use crate::system::step::{Answer, Effect, EffectId, STALE};
use std::cell::OnceCell;
use std::rc::Rc;

/// A try needs at least this much of the budget, in milliseconds, to be worth beginning.
const LEAST_MS: f64 = 20.0;

/// One sync of one login, between its steps.
struct Run<'a> {
    login: &'a Context,
    sync: &'a Entry,
    /// The tick at which it began.
    began: f64,
    body: Option<Text>,
    /// The key of what may be shared and reused; none when nothing may.
    key: Option<Key>,
    /// Others may be waiting for the end of this call.
    leads: bool,
    idempotency_key: Text,
    rotation: usize,
    rotated: usize,
    /// Counted against `retries`.
    tries: u32,
    /// Requests sent, whatever for.
    sent: u32,
    stale: bool,
    status: u16,
    detail: String,
    /// When its first try began that got no answer in time.
    silent_since: Option<f64>,
    /// Who logs in, once that has mattered.
    user: OnceCell<String>,
    /// The try that is waited for, if there is one.
    call: Option<Call>,
    /// The token of another system that it sends, and the one that was refused before.
    token: Option<Text>,
    refused: Option<Text>,
    /// A warning that came with a token.
    note: String,
    /// An event that waits for its turn has this.
    turn: Option<Rc<()>>,
}

/// A try.
#[derive(Clone, Copy)]
struct Call {
    id: EffectId,
    begun: f64,
    /// It is given up before `timeoutMs` is over.
    early: bool,
}

enum Next<'a> {
    Send(EffectId, Request),
    Wait(u32),
    Follow(Rc<SharedCall>, u32),
    Token(&'a Entry),
    End(Box<Finished>),
}

/// Runs the entry for this login.
pub(crate) async fn run<'a>(login: &'a Context, sync: &'a Entry) -> End<'a> {
    (sync, Run::new(login, sync).go().await)
}

/// The end of an entry that begins nothing, since `source` has nothing for it to read.
#[cold]
#[inline(never)]
pub(crate) fn for_want_of(login: &Context, sync: &Entry, outcome: Outcome, source: &str) -> Box<Finished> {
    let mut run = Run::new(login, sync);
    run.detail = ["needs-", source].concat();
    run.finish(outcome, Rc::default())
}

impl<'a> Run<'a> {
    #[inline(never)]
    fn new(login: &'a Context, sync: &'a Entry) -> Self {
        Self {
            login,
            sync,
            began: login.driver.now().tick,
            body: None,
            key: None,
            leads: false,
            idempotency_key: Text::default(),
            rotation: 0,
            rotated: 0,
            tries: 0,
            sent: 0,
            stale: false,
            status: 0,
            detail: String::new(),
            silent_since: None,
            user: OnceCell::new(),
            call: None,
            token: None,
            refused: None,
            note: String::new(),
            turn: None,
        }
    }

    async fn go(mut self) -> Box<Finished> {
        let login = self.login;
        let mut next = self.begin();
        loop {
            next = match next {
                Next::End(finished) => return finished,
                Next::Send(id, request) => {
                    login.driver.ask_as(id, Effect::Send(request));
                    metrics::go_along(login);
                    let answer = login.driver.answer_to(id).await;
                    self.after(&answer)
                }
                Next::Wait(ms) => {
                    login.driver.ask(Effect::Wait(ms)).await;
                    self.send(false)
                }
                Next::Follow(shared, ms) => {
                    let id = login.driver.number();
                    login.driver.ask_as(id, Effect::Wait(ms));
                    shared.follow((login.id, id));
                    login.driver.answer_to(id).await;
                    self.followed(&shared)
                }
                Next::Token(source) => {
                    let end = token::fetch(login, source, self.refused.clone()).await;
                    self.granted(*end)
                }
            }
        }
    }

    fn scope(&self) -> &'a Scope {
        &self.login.scope
    }

    /// What can be said without a call; else the first one.
    #[inline(never)]
    fn begin(&mut self) -> Next<'a> {
        let sync = self.sync;
        let event = &self.scope().event;
        match sync.when.as_ref().map(|when| when.evaluate(event)) {
            None => {}
            Some(Ok(value)) if value.is_truthy() => {}
            Some(Ok(_)) => return self.end(Outcome::Skipped, AnswerFields::default()),
            Some(Err(_)) => return self.fail(Outcome::Invalid, "when-expression"),
        }
        let now = self.login.driver.now().wall;
        if let Some(taken) = sync.fresh_ms.and_then(|fresh_ms| self.record(fresh_ms, now)) {
            return self.end(Outcome::Fresh, taken);
        }
        match sync.request.body(self.scope()) {
            Ok(body) => self.body = body,
            Err(why) => return self.unbuildable(&why),
        }
        self.rotation = self.login.memory.borrow_mut().system(sync.index).rotation;
        let reused = if sync.reuse { self.reuse(now) } else { None };
        reused.unwrap_or_else(|| self.send(false))
    }

    /// Milliseconds of the budget that are left.
    fn left(&self) -> u32 {
        whole(self.login.deadline - self.login.driver.now().tick)
    }

    /// The next try, as far as the budget and the guard let it. The `same_call` goes on over a new connection: the
    /// guard, whose one probe it may be, has let it already.
    #[inline(never)]
    fn send(&mut self, same_call: bool) -> Next<'a> {
        let tick = self.login.driver.now().tick;
        let left = self.login.deadline - tick;
        self.turn = None;
        if left < LEAST_MS {
            return self.fail(Outcome::Unavailable, "budget");
        }
        if let (Some(at), None) = (self.sync.token, &self.token)
            && let Some(source) = self.login.common.tokens.get(at)
        {
            return Next::Token(source);
        }
        let longest_ms = self.sync.timeout_ms;
        let patience = {
            let mut shared = self.login.memory.borrow_mut();
            shared.system(self.sync.index).guard.patience(longest_ms, self.silent_since)
        };
        let timeout_ms = patience.min(whole(left));
        if self.idempotency_key.is_empty() {
            let mut random = [0; 16];
            if !(self.login.entropy)(&mut random) {
                return self.fail(Outcome::Invalid, "no-randomness");
            }
            let (sync, scope) = (self.sync, self.scope());
            self.idempotency_key =
                sync.request.idempotency_key(&sync.name, scope, self.body.as_ref(), &random);
        }
        let vars = Variables {
            rotation: self.rotation,
            idempotency_key: &self.idempotency_key,
            trigger_id: &self.login.trigger_id,
            now: self.login.driver.now().wall,
            entropy: self.login.entropy,
            token: self.token.as_ref(),
            timeout_ms,
            longest_ms,
        };
        let request = match self.sync.request.build(self.scope(), self.body.as_ref(), &vars) {
            Ok(mut request) => {
                let shared = self.sync.grant.as_ref().is_some_and(|grant| grant.shared);
                request.shared = shared.then(|| self.refused.clone().unwrap_or_default());
                request
            }
            Err(why) => return self.unbuildable(&why),
        };
        // Asked last: who is let through to probe must have something to send.
        if !same_call && let Err(word) = self.admitted(tick, timeout_ms) {
            return self.held_back(left, word);
        }
        self.sent += 1;
        let id = self.login.driver.number();
        self.call = Some(Call { id, begun: tick, early: timeout_ms < longest_ms });
        Next::Send(id, request)
    }

    /// An answer, or none: what next?
    #[inline(never)]
    fn after(&mut self, answer: &Answer) -> Next<'a> {
        let now = self.login.driver.now();
        self.status = answer.status;
        if answer.error.as_deref() == Some(STALE) && !self.stale {
            self.stale = true;
            return self.send(true);
        }
        #[cfg(feature = "test-panic")]
        {
            // While the instance's shared state is borrowed, so that it stays so.
            let _held = self.login.memory.borrow_mut();
            crate::system::step::panic_on_request(answer.status == 599);
        }
        let judged = self.sync.response.judge(answer, now.wall);
        self.detail = judged.detail.to_string();
        if judged.outcome == Outcome::Unavailable {
            return self.no_answer(answer);
        }
        self.answered(judged.outcome == Outcome::Ok);
        match judged.outcome {
            Outcome::Ok if self.sync.grant.is_some() => self.take_token(judged),
            Outcome::Ok => {
                let mut shared = self.login.memory.borrow_mut();
                let system = shared.system(self.sync.index);
                system.rotation = self.rotation;
                if let (true, Some(key), Some(expires)) = (self.leads, &self.key, judged.expires) {
                    shared.reuse.keep(key.clone(), judged.taken.to_text(), now.wall, expires);
                }
                drop(shared);
                self.end(Outcome::Ok, judged.taken)
            }
            outcome => self.refused(outcome, answer.status),
        }
    }

    /// An answer that is not what it must be.
    // Apart, and so not compiled for a good one: docs/performance.md.
    #[cold]
    #[inline(never)]
    fn refused(&mut self, outcome: Outcome, status: u16) -> Next<'a> {
        // There a 400 is about the client, too.
        let outcome =
            if status == 400 && self.sync.grant.is_some() { Outcome::Unauthorized } else { outcome };
        match outcome {
            Outcome::Unauthorized if self.renews_token(status) => return self.send(false),
            Outcome::Unauthorized if self.rotate(status) => return self.send(false),
            Outcome::Rejected if self.detail.is_empty() => {
                self.detail = self.sync.request.empty_fields(self.scope());
            }
            _ => {}
        }
        if let (true, Some(key)) = (outcome.is_refusal(), &self.key) {
            self.login.memory.borrow_mut().reuse.forget(key);
        }
        self.end(outcome, AnswerFields::default())
    }

    /// Nothing came back, or a status that says that there will be no answer.
    #[cold]
    #[inline(never)]
    fn no_answer(&mut self, answer: &Answer) -> Next<'a> {
        if let (0, Some(error)) = (answer.status, &answer.error) {
            let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            self.detail = error.chars().filter(plain).take(32).collect();
        }
        if self.sync.grant.is_some() && f64::from(self.left()) < LEAST_MS {
            return self.out_of_time();
        }
        self.unavailable(answer, answer.status == 0 || may_pass(answer.status))
    }

    #[cold]
    #[inline(never)]
    fn unbuildable(&mut self, why: &Unbuildable) -> Next<'a> {
        match why {
            Unbuildable::NoSecret => self.fail(Outcome::Unauthorized, "no-secret"),
            Unbuildable::Invalid(detail) => self.fail(Outcome::Invalid, detail),
        }
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, outcome: Outcome, detail: &str) -> Next<'a> {
        self.detail = detail.to_string();
        self.end(outcome, AnswerFields::default())
    }

    fn end(&mut self, outcome: Outcome, taken: AnswerFields) -> Next<'a> {
        Next::End(self.finish(outcome, Rc::new(taken)))
    }

    #[inline(never)]
    fn finish(&mut self, mut outcome: Outcome, mut taken: Rc<AnswerFields>) -> Box<Finished> {
        if outcome == Outcome::Unavailable
            && let Some(stale) = self.stale_record()
        {
            (outcome, taken) = (Outcome::Stale, Rc::new(stale));
        }
        let finished = Box::new(Finished {
            outcome,
            detail: std::mem::take(&mut self.detail),
            status: self.status,
            tries: self.sent,
            ms: self.login.driver.now().tick - self.login.started,
            took: self.login.driver.now().tick - self.began,
            taken,
            warning: self.warning(outcome),
        });
        let mut shared = self.login.memory.borrow_mut();
        if self.call.take().is_some() {
            // Its connection was stale, and it could not be made again.
            shared.system(self.sync.index).guard.ended();
        }
        if let (true, Some(key)) = (self.leads, &self.key) {
            let followers = shared.reuse.land(key, &finished);
            shared.wakes.extend(followers);
        }
        finished
    }
}
