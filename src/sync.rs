//! One entry of the config in one login: fresh? reused? may it send? judge, send again.
//!
//! Plain functions decide what comes next, the `async fn` only goes from one to the next: a fat state machine would
//! weigh ten times as much.

use crate::claims::METADATA_KEY;
use crate::config::Sync;
use crate::guard::{Ended, Failure, Guard};
use crate::login::{End, Login};
use crate::patience::whole;
use crate::policy::Outcome;
use crate::request::{Request, Variables};
use crate::response::Taken;
use crate::retry::{asked_wait, backoff, may_pass, retry_after};
use crate::reuse::{Key, Shared, hash};
use crate::scope::Scope;
use crate::step::{Answer, Ask, AskId, STALE, TIMEOUT, TOO_LARGE};
use crate::text::Text;
use crate::token::{hex, unchecked_expiry};
use crate::value::{Val, Value};
use std::cell::OnceCell;
use std::rc::Rc;

/// What the instance remembers of one system.
#[derive(Default)]
pub struct System {
    /// What keeps its outages from the tenant.
    pub guard: Guard,
    /// Which of several secrets worked last.
    rotation: usize,
    /// The secret at a rotation: its name, and when it expires.
    secret: Option<(usize, Text, f64)>,
}

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
    /// What was taken from the answer.
    pub taken: Taken,
    /// Something an admin should know although the login goes on.
    pub warning: String,
}

/// A try needs at least this much of the budget, in milliseconds, to be worth beginning.
const LEAST_MS: f64 = 20.0;

/// One sync of one login, between its steps.
struct Run<'a> {
    login: &'a Login,
    sync: &'a Sync,
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
}

/// A try.
#[derive(Clone, Copy)]
struct Call {
    id: AskId,
    begun: f64,
    /// It is given up before `timeoutMs` is over.
    early: bool,
}

enum Next {
    Send(AskId, Request),
    Wait(u32),
    Follow(Rc<Shared>, u32),
    End(Box<Finished>),
}

/// Runs the entry for this login.
pub async fn run<'a>(login: &'a Login, sync: &'a Sync) -> End<'a> {
    let mut run = Run::new(login, sync);
    let mut next = run.begin();
    loop {
        next = match next {
            Next::End(finished) => return (sync, finished),
            Next::Send(id, request) => {
                login.outside.ask_as(id, Ask::Send(request));
                let answer = login.outside.answer_to(id).await;
                run.after(&answer)
            }
            Next::Wait(ms) => {
                login.outside.ask(Ask::Wait(ms)).await;
                run.send(false)
            }
            Next::Follow(shared, ms) => {
                let id = login.outside.number();
                login.outside.ask_as(id, Ask::Wait(ms));
                shared.follow((login.id, id));
                login.outside.answer_to(id).await;
                run.followed(&shared)
            }
        }
    }
}

impl<'a> Run<'a> {
    fn new(login: &'a Login, sync: &'a Sync) -> Self {
        Self {
            login,
            sync,
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
        }
    }

    fn scope(&self) -> &'a Scope {
        &self.login.scope
    }

    /// What can be said without a call; else the first one.
    #[inline(never)]
    fn begin(&mut self) -> Next {
        let sync = self.sync;
        let event = &self.scope().event;
        match sync.when.as_ref().map(|when| when.evaluate(event)) {
            None => {}
            Some(Ok(value)) if value.is_truthy() => {}
            Some(Ok(_)) => return self.end(Outcome::Skipped, Taken::default()),
            Some(Err(_)) => return self.fail(Outcome::Invalid, "when-expression"),
        }
        let now = self.login.outside.now().wall;
        if let Some(taken) = sync.fresh_ms.and_then(|fresh_ms| self.record(fresh_ms, now)) {
            return self.end(Outcome::Fresh, taken);
        }
        match sync.request.body(self.scope()) {
            Ok(body) => self.body = body,
            Err((outcome, detail)) => return self.fail(outcome, detail),
        }
        self.rotation = self.login.shared.borrow_mut().system(sync.index).rotation;
        let reused = if sync.reuse { self.reuse(now) } else { None };
        reused.unwrap_or_else(|| self.send(false))
    }

    /// What this user's metadata keep of the system, when it is fresh. Freshness ends up to a tenth early, for each user
    /// at another time: users whose answers came together do not come back together.
    #[inline(never)]
    fn record(&self, fresh_ms: f64, now: f64) -> Option<Taken> {
        let record = self.scope().app_metadata().get(METADATA_KEY).get(&self.sync.name);
        if record.is_null() {
            return None;
        }
        let spread = f64::from(hash(&self.scope().user_key())) / f64::from(u32::MAX);
        self.restore(&record, fresh_ms * (1.0 - spread / 10.0), now)
    }

    fn restore(&self, record: &Val, younger_than: f64, now: f64) -> Option<Taken> {
        self.sync.response.from_record(record, &self.sync.fingerprint, now, younger_than)
    }

    /// The same, when the system is unavailable and the entry says that it may be older then.
    #[cold]
    #[inline(never)]
    fn stale_record(&self) -> Option<Taken> {
        let fresh_ms = self.sync.fresh_ms.filter(|_| self.sync.stale_ms > 0.0)?;
        let record = self.scope().app_metadata().get(METADATA_KEY).get(&self.sync.name);
        self.restore(&record, fresh_ms + self.sync.stale_ms, self.login.outside.now().wall)
    }

    /// What another login has got, or is about to get, for the same request of the same user.
    #[inline(never)]
    fn reuse(&mut self, now: f64) -> Option<Next> {
        let user = self.scope().user_key();
        if user.is_empty() {
            return None;
        }
        let body = self.body.as_deref().unwrap_or_default();
        let key = Key::new(&self.sync.name, &user, &self.sync.request.target(self.scope()), body);
        let mut shared = self.login.shared.borrow_mut();
        let kept = shared.reuse.get(&key, now).map(Val::from_text);
        if let Some(taken) = kept.and_then(|text| self.sync.response.restore(&text)) {
            drop(shared);
            return Some(self.end(Outcome::Reused, taken));
        }
        // Someone else's call: its end is theirs to report.
        let flight = shared.reuse.flight(&key);
        if flight.is_none() {
            self.leads = true;
            shared.reuse.take_off(key.clone());
        }
        self.key = Some(key);
        flight.map(|flight| Next::Follow(flight, self.left()))
    }

    /// The shared call has ended, or this login has waited long enough.
    #[inline(never)]
    fn followed(&mut self, shared: &Shared) -> Next {
        match shared.end.borrow().clone() {
            Some(mut end) => {
                if end.outcome == Outcome::Ok {
                    end.outcome = Outcome::Reused;
                }
                (self.status, self.detail) = (end.status, end.detail);
                self.end(end.outcome, end.taken)
            }
            None => self.send(false),
        }
    }

    /// Milliseconds of the budget that are left.
    fn left(&self) -> u32 {
        whole(self.login.deadline - self.login.outside.now().tick)
    }

    /// The next try, as far as the budget and the guard let it. The `same_call` goes on over a new connection: the
    /// guard, whose one probe it may be, has let it already.
    #[inline(never)]
    fn send(&mut self, same_call: bool) -> Next {
        let tick = self.login.outside.now().tick;
        let left = self.login.deadline - tick;
        if left < LEAST_MS {
            return self.fail(Outcome::Unavailable, "budget");
        }
        let longest_ms = self.sync.timeout_ms;
        let patience = {
            let mut shared = self.login.shared.borrow_mut();
            shared.system(self.sync.index).guard.patience(longest_ms, self.silent_since)
        };
        let timeout_ms = patience.min(whole(left));
        let mut random = [0; 32];
        if !(self.login.entropy)(&mut random) {
            return self.fail(Outcome::Invalid, "no-randomness");
        }
        let (key, token_id) = random.split_at(16);
        if self.idempotency_key.is_empty() {
            self.idempotency_key = Text::new(&hex(key));
        }
        let vars = Variables {
            rotation: self.rotation,
            idempotency_key: &self.idempotency_key,
            trigger_id: &self.login.trigger_id,
            now: self.login.outside.now().wall,
            token_id: &hex(token_id),
            timeout_ms,
            longest_ms,
        };
        let request = match self.sync.request.build(self.scope(), &self.body, &vars) {
            Ok(request) => request,
            Err((outcome, detail)) => return self.fail(outcome, detail),
        };
        // Asked last: who is let through to probe must have something to send.
        if !same_call && let Err(word) = self.admitted(tick, timeout_ms) {
            return self.fail(Outcome::Unavailable, word);
        }
        self.sent += 1;
        let id = self.login.outside.number();
        self.call = Some(Call { id, begun: tick, early: timeout_ms < longest_ms });
        Next::Send(id, request)
    }

    /// Whether the guard lets a try begin; else its word for the log.
    fn admitted(&self, tick: f64, timeout_ms: u32) -> Result<(), &'static str> {
        let mut shared = self.login.shared.borrow_mut();
        let guard = &mut shared.system(self.sync.index).guard;
        if !guard.is_calm() {
            guard.admit(self.user(), self.login.id, tick, f64::from(timeout_ms))?;
        }
        guard.began();
        Ok(())
    }

    /// Who logs in, as the guard tells users apart.
    fn user(&self) -> &str {
        self.user.get_or_init(|| self.login.user())
    }

    /// An answer, or none: what next?
    #[inline(never)]
    fn after(&mut self, answer: &Answer) -> Next {
        let now = self.login.outside.now();
        self.status = answer.status;
        if answer.error.as_deref() == Some(STALE) && !self.stale {
            self.stale = true;
            return self.send(true);
        }
        if let (0, Some(error)) = (answer.status, &answer.error) {
            return self.no_answer(answer, error);
        }
        #[cfg(feature = "test-panic")]
        {
            // While the instance's shared state is borrowed, so that it stays so.
            let _held = self.login.shared.borrow_mut();
            crate::engine::panic_on_request(answer.status == 599);
        }
        let judged = self.sync.response.judge(answer, now.wall);
        self.detail = judged.detail.to_string();
        if judged.outcome == Outcome::Unavailable {
            return self.unavailable(answer, may_pass(answer.status));
        }
        self.answered(judged.outcome == Outcome::Ok);
        match judged.outcome {
            Outcome::Ok => {
                let mut shared = self.login.shared.borrow_mut();
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
    fn refused(&mut self, outcome: Outcome, status: u16) -> Next {
        match outcome {
            Outcome::Unauthorized if self.rotate(status) => return self.send(false),
            Outcome::Rejected if self.detail.is_empty() => {
                self.detail = self.sync.request.empty_fields(self.scope());
            }
            _ => {}
        }
        if let (true, Some(key)) = (outcome.is_refusal(), &self.key) {
            self.login.shared.borrow_mut().reuse.forget(key);
        }
        self.end(outcome, Taken::default())
    }

    /// Nothing came back, or too much.
    #[cold]
    #[inline(never)]
    fn no_answer(&mut self, answer: &Answer, error: &str) -> Next {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        self.detail = error.chars().filter(plain).take(32).collect();
        if error == TOO_LARGE {
            self.answered(false);
            return self.end(Outcome::Invalid, Taken::default());
        }
        self.unavailable(answer, true)
    }

    /// Tells the guard that the system answered; whether well.
    fn answered(&mut self, good: bool) {
        let Some(call) = self.call.take() else { return };
        let mut shared = self.login.shared.borrow_mut();
        let guard = &mut shared.system(self.sync.index).guard;
        guard.ended();
        guard.answered(call.begun, self.login.outside.now().tick, good);
        if !guard.is_calm() {
            guard.forget(self.user());
        }
    }

    /// Tells the guard that the system did not answer. Then a retry, where the failure may pass and the entry, the
    /// budget and the guard allow one.
    #[cold]
    #[inline(never)]
    fn unavailable(&mut self, answer: &Answer, may_pass: bool) -> Next {
        let Some(call) = self.call.take() else { return self.end(Outcome::Unavailable, Taken::default()) };
        self.tries += 1;
        let now = self.login.outside.now();
        let silent = answer.error.as_deref() == Some(TIMEOUT);
        if silent {
            self.silent_since.get_or_insert(call.begun);
        }
        let end = Ended { user: self.user(), login: self.login.id, begun: call.begun, tick: now.tick };
        let mut random = [0; 8];
        let known = (self.login.entropy)(&mut random);
        let random = if known { u64::from_le_bytes(random) } else { u64::MAX };
        let asked = answer.retry_after.as_deref().and_then(|text| retry_after(text, now.wall));
        let asked = asked_wait(answer.status, asked);
        let wait = asked.map(|asked| asked + backoff(self.tries, low(random))).filter(|wait| {
            let fits = f64::from(*wait) + LEAST_MS <= f64::from(self.left());
            may_pass && fits && self.tries <= self.sync.retries
        });
        let why = match asked {
            _ if silent => Failure::Silent,
            Some(1..) => Failure::AskedToWait,
            _ => Failure::Quick,
        };

        let mut shared = self.login.shared.borrow_mut();
        let guard = &mut shared.system(self.sync.index).guard;
        guard.ended();
        // Give or take a fifth.
        let known = guard.failed(&end, 0.8 + 0.4 * f64::from(low(random >> 32)) / f64::from(u32::MAX));
        if silent && call.early && guard.keeps(&end) {
            self.login.outside.ask_as(call.id, Ask::Stay(self.sync.index));
        }
        if let Some(wait) = wait.filter(|_| guard.retries(&end, known, why, self.tries > 1)) {
            return Next::Wait(wait);
        }
        drop(shared);
        self.end(Outcome::Unavailable, Taken::default())
    }

    /// On to the next secret, if this status may mean the secret and there is one that has not been tried in this login.
    fn rotate(&mut self, status: u16) -> bool {
        let (request, scope) = (&self.sync.request, self.scope());
        self.rotated += 1;
        let more = self.rotated < request.rotations(scope, status);
        if more {
            self.rotation = (self.rotation + 1) % request.rotations(scope, 401).max(1);
        }
        more
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, outcome: Outcome, detail: &str) -> Next {
        self.detail = detail.to_string();
        self.end(outcome, Taken::default())
    }

    #[inline(never)]
    fn end(&mut self, mut outcome: Outcome, mut taken: Taken) -> Next {
        if outcome == Outcome::Unavailable
            && let Some(stale) = self.stale_record()
        {
            (outcome, taken) = (Outcome::Stale, stale);
        }
        let finished = Box::new(Finished {
            outcome,
            detail: std::mem::take(&mut self.detail),
            status: self.status,
            tries: self.sent,
            ms: self.login.outside.now().tick - self.login.started,
            taken,
            warning: self.warning(outcome),
        });
        let mut shared = self.login.shared.borrow_mut();
        if self.call.take().is_some() {
            // Its connection was stale, and it could not be made again.
            shared.system(self.sync.index).guard.ended();
        }
        if let (true, Some(key)) = (self.leads, &self.key) {
            let followers = shared.reuse.land(key, &finished);
            shared.wakes.extend(followers);
        }
        Next::End(finished)
    }

    /// An expired secret is said, by its name: the one that was sent last, and where all were refused the first of them.
    fn warning(&self, outcome: Outcome) -> String {
        if self.sent == 0 {
            return String::new();
        }
        if outcome == Outcome::Unauthorized && self.rotated > 1 {
            let all = self.sync.request.rotations(self.scope(), 401).max(1);
            let sent = (0..self.rotated).rev().map(|back| (self.rotation + all).saturating_sub(back) % all);
            return sent
                .map(|rotation| self.expired(rotation))
                .find(|word| !word.is_empty())
                .unwrap_or_default();
        }
        self.expired(self.rotation)
    }

    /// The word for the secret at this rotation, if it has expired. Its expiry is read once per instance: a secret does
    /// not change in one.
    fn expired(&self, rotation: usize) -> String {
        let mut shared = self.login.shared.borrow_mut();
        let system = shared.system(self.sync.index);
        if system.secret.as_ref().is_none_or(|(known, ..)| *known != rotation) {
            let secret = self.sync.request.secret(self.scope(), rotation);
            let (name, secret) = secret.map(|(name, secret)| (name.clone(), secret)).unwrap_or_default();
            let expires = unchecked_expiry(&secret).unwrap_or(f64::INFINITY);
            system.secret = Some((rotation, name, expires));
        }
        match &system.secret {
            Some((_, name, expires)) if *expires <= self.login.outside.now().wall => {
                [name, "-expired"].concat()
            }
            _ => String::new(),
        }
    }
}

/// The lower half.
#[expect(clippy::cast_possible_truncation, reason = "as said")]
fn low(random: u64) -> u32 {
    random as u32
}
