//! The shim's part: what the engine asks for is done as `js-shim/action.js` and `js-shim/transport.js` do it, and what
//! each login did is written down.

use super::answers::arrive;
use super::invariants::{INVARIANTS, LATE_MS};
use super::plan::{Auth, SystemPlan};
use super::report::Broken;
use super::story::{Call, End, Story, Wait};
use super::systems::{Fault, Reply, header};
use super::world::{Event, Issued, World};
use fastrand::Rng;
use login_sync::{Answer, Effect, EffectId, Request, Step, TIMEOUT, Verdict};
use std::collections::HashMap;

/// What makes calls the same: the system, the person, and what they chose.
pub type Flight = (usize, usize, Option<String>);

/// What of this system a login may share, if anything.
fn flight(plan: &SystemPlan, number: usize, story: &Story) -> Option<Flight> {
    let choice = story.plan.clone().filter(|_| !plan.is_source());
    plan.reuse.then(|| (number, plan.user(story.person), choice))
}

/// A login under way.
pub struct Running {
    /// Its story so far.
    pub story: Story,
    /// What it has asked for and not got: the order that counts, and for what.
    pub open: HashMap<EffectId, (u64, Open)>,
    /// The first number under which it has not asked yet.
    pub next: EffectId,
    /// The request that it has just given up: its number, and its call.
    pub lost: Option<(EffectId, usize)>,
}

/// What a login may be waiting for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// The call of this number.
    Call(usize),
    /// The time before the call of this number is tried again.
    Retry(usize),
    /// Another login's call, to this system if that can be told.
    Follow(Option<usize>),
    /// That call has ended.
    Wake,
}

impl World {
    /// What was asked for has come, if it is still wanted.
    pub(super) fn come(
        &mut self,
        login: u32,
        id: EffectId,
        order: u64,
        reply: Option<Box<Reply>>,
    ) -> Result<(), Broken> {
        let now = self.clock.now();
        let Some(running) = self.running.get_mut(&login) else { return Ok(()) };
        let Some((_, open)) = running.open.get(&id).copied().filter(|(latest, _)| *latest == order) else {
            return Ok(());
        };
        running.open.remove(&id);
        running.lost = None;
        let mut answer = Answer::default();
        let after = match (open, reply) {
            (Open::Call(number), Some(reply)) => {
                let story = &mut running.story;
                let system = story.calls[number].system;
                let stale_before = story.last_run(system).any(|call| call.means() == Some("stale"));
                let plan = &self.plan.systems[system];
                let user = plan.user(story.person);
                let left = story.started + f64::from(self.plan.budget_ms) - now.tick;
                let mut arrived = arrive(plan, stale_before, &reply, now);
                match arrived.means {
                    "stale" => {}
                    // This login's budget has ended. That says nothing of the source, which is for all.
                    "unavailable" if plan.is_source() && left < 20.0 => {}
                    "unavailable" => arrived.known = self.guards[system].failed(now.tick, login, user),
                    _ => self.guards[system].answered(user),
                }
                if let (Auth::Token(source), 401) = (plan.auth, arrived.status) {
                    let of = |call: &&Call| call.reply.as_ref().is_some_and(|reply| reply.status == 401);
                    let before = story.calls_to(system).filter(of).count();
                    arrived.in_vain = self.tokens.refused(source, &story.calls[number], before, now.tick);
                }
                if plan.is_source() && arrived.means == "ok" {
                    let (token, issued) = self.tokens.came(system, &arrived.body, now);
                    self.issued.insert(token, issued);
                } else if let Some(token) = plan.token.and_then(|field| arrived.body[field].as_str()) {
                    let id = self.people[story.person].id.clone();
                    let issued = Issued {
                        system,
                        id,
                        plan: story.plan.clone(),
                        expires: reply.expires,
                        tick: now.tick,
                        wall: now.wall,
                    };
                    self.issued.insert(token.to_string(), issued);
                }
                if arrived.fault == Fault::Huge {
                    self.tokens.lose_sight();
                }
                self.report.count(&format!("{:?}", arrived.fault));
                if reply.answer.error.as_deref() == Some(TIMEOUT) {
                    running.lost = Some((id, number));
                }
                story.calls[number].reply = Some(arrived);
                answer = reply.answer;
                Some(number)
            }
            (Open::Retry(number), _) => Some(number),
            _ => None,
        };
        let step = self.engine.resume(login, id, answer, now);
        self.act(login, after, step)
    }

    /// Does what the engine asks for. `after` is the call that was answered just now, or whose wait is over.
    pub(super) fn act(&mut self, actor: u32, after: Option<usize>, step: Step) -> Result<(), Broken> {
        let (mut follows, for_no_one) = self.likely_follows(actor, &step);
        let mut goes_on = false;
        let tick = self.clock.tick();
        let story = &mut self.running.get_mut(&actor).expect("it is under way").story;
        for (may, (guard, system)) in
            story.may_be_refused.iter_mut().zip(self.guards.iter().zip(&self.plan.systems))
        {
            *may |= guard.may_refuse(system.user(story.person), tick);
        }
        let left = story.started + f64::from(self.plan.budget_ms) - tick;
        for (login, id, effect) in step.effects {
            // As in the shim: a login that has ended has no host any more.
            if !self.running.contains_key(&login) {
                continue;
            }
            // One that reads the system whose call has ended may begin in the same step.
            let after = after.filter(|call| match &effect {
                Effect::Send(request) => {
                    let call = &self.running[&actor].story.calls[*call];
                    let plan = &self.plan.systems[call.system];
                    *plan.host == *request.url.host && !(plan.is_source() && call.is_final())
                }
                // A retry leaves time for a try. Who waits for another's call waits to the end.
                Effect::Wait(ms) => f64::from(*ms) <= left - 20.0 && !self.is_woken(login, id),
                Effect::Stay(_) => true,
            });
            goes_on |= login == actor && after.is_some() && !matches!(effect, Effect::Stay(_));
            match effect {
                Effect::Send(request) => self.send(login, id, after, request)?,
                Effect::Stay(index) => self.stay(login, id, self.plan.system_of(index))?,
                Effect::Wait(ms) if login != actor || self.is_woken(login, id) => {
                    self.wait(login, id, Open::Wake, ms, false);
                }
                Effect::Wait(ms) => {
                    let why = after.map_or_else(|| Open::Follow(follows.pop()), Open::Retry);
                    self.wait(login, id, why, ms, for_no_one);
                }
            }
        }
        if let (Some(call), false) = (after, goes_on) {
            self.land(actor, call);
        }
        step.verdict.map_or(Ok(()), |verdict| self.end(actor, verdict))
    }

    /// Whether it has asked under this number: the call that it waited for has ended, maybe one of its own.
    fn is_woken(&self, login: u32, id: EffectId) -> bool {
        id < self.running[&login].next
    }

    /// The systems whose calls a login that has just started waits for, the first one last, as far as that is clear; and
    /// whether it waits for more than there are.
    fn likely_follows(&self, login: u32, step: &Step) -> (Vec<usize>, bool) {
        // Which token it waits for, and since when that is asked for, cannot be told.
        if self.plan.sources > 0 {
            return (Vec::new(), false);
        }
        let story = &self.running[&login].story;
        let shared = |number: &usize| {
            let system = &self.plan.systems[*number];
            let leader = self.flights.get(&(*number, story.person, story.plan.clone()));
            leader.is_some_and(|leader| *leader != login)
                && system.runs(story.registration)
                && system.when.applies(story) == Some(true)
        };
        let likely: Vec<_> = (0..self.plan.systems.len()).rev().filter(shared).collect();
        let waits = step
            .effects
            .iter()
            .filter(|(of, _, effect)| *of == login && matches!(effect, Effect::Wait(_)))
            .count();
        if likely.len() == waits { (likely, false) } else { (Vec::new(), waits > likely.len()) }
    }

    fn send(
        &mut self,
        login: u32,
        id: EffectId,
        after: Option<usize>,
        request: Request,
    ) -> Result<(), Broken> {
        let now = self.clock.now();
        let Some(system) = self.plan.systems.iter().position(|system| *system.host == *request.url.host)
        else {
            let message = format!("a request went to {}", request.url.host);
            return Err(self.broken("requests go where the config says", &message));
        };
        let plan = &self.plan.systems[system];
        let mut reply = self.systems[system].reply(&mut self.rng, plan, &request, self.clock.true_time());
        let (timeout, longest) = (f64::from(request.timeout_ms), f64::from(request.longest_ms));
        let mut late = None;
        if reply.after_ms >= timeout {
            // As the shim does: at the deadline it answers itself. What comes later is heard only on the line.
            let never = Answer { error: Some(TIMEOUT.to_string()), ..Answer::default() };
            let answer = std::mem::replace(&mut reply.answer, never.clone());
            let answer = if reply.after_ms < longest { answer } else { never };
            let after_ms = reply.after_ms.min(longest);
            reply.after_ms = timeout + lateness(&mut self.rng);
            late = Some((now.tick + after_ms, answer));
        }
        self.report.requests += 1;
        let key = header(&request, "idempotency-key").to_string();
        self.report.record(&key);
        let key_of = *self.idempotency_keys.entry(key.clone()).or_insert((login, system));
        let signed = header(&request, "authorization").to_string();
        let token_seen = plan.auth == Auth::Jwt && self.signed_tokens.insert(signed, login).is_some();

        let running = self.running.get_mut(&login).expect("looked up by the caller");
        let story = &mut running.story;
        let begins = if plan.is_source() { after.is_none() } else { story.calls_to(system).next().is_none() };
        let mut rival = None;
        if let Some(flight) = flight(plan, system, story) {
            // Its own may have landed in this step, and another entry begins again.
            let landed = story.calls_to(system).last().is_some_and(Call::is_final);
            let own = |leader: &u32| *leader == login && (!begins || landed);
            rival = self.flights.get(&flight).copied().filter(|leader| !own(leader));
            self.flights.entry(flight).or_insert(login);
        }
        let user = plan.user(story.person);
        let before = after.and_then(|number| story.calls.get(number)).and_then(|call| call.reply.as_ref());
        let after_stale = before.is_some_and(|reply| reply.means == "stale");
        let rotated = before.is_some_and(|reply| plan.rotates_on(reply));
        let refused_until = self.guards[system].must_refuse(user, now.tick);
        self.guards[system].sent(now.tick, timeout, (login, user), after_stale);
        let number = story.calls.len();
        story.calls.push(Call {
            system,
            tick: now.tick,
            wall: now.wall,
            left: story.started + f64::from(self.plan.budget_ms) - now.tick,
            request,
            begins,
            needless: begins && plan.is_source() && self.tokens.has(system, &self.issued, now.wall),
            after_stale,
            rotated,
            refused_until,
            rival,
            key_of: Some(key_of).filter(|of| *of != (login, system) && !key.is_empty()),
            token_seen,
            late,
            reply: None,
        });
        let order =
            self.clock.order(reply.after_ms, Event::Comes { login, id, reply: Some(Box::new(reply)) });
        running.open.insert(id, (order, Open::Call(number)));
        running.next = id + 1;
        Ok(())
    }

    /// What a login has just given up stays on the line.
    fn stay(&mut self, login: u32, id: EffectId, system: usize) -> Result<(), Broken> {
        let running = self.running.get_mut(&login).expect("looked up by the caller");
        let person = self.plan.systems[system].user(running.story.person);
        let call = running.lost.take().filter(|(lost, _)| *lost == id);
        let call = call.map(|(_, number)| &mut running.story.calls[number]);
        let late = call.filter(|call| call.system == system).and_then(|call| {
            let early = call.request.timeout_ms < self.plan.systems[system].timeout_ms;
            call.late.take().filter(|_| early)
        });
        let Some((at, answer)) = late.filter(|_| !self.guards[system].line) else {
            let message =
                format!("login {login} leaves #{id} on the line of {}", self.plan.systems[system].name);
            return Err(self.broken("one is on the line, and only one that was given up early", &message));
        };
        self.guards[system].line = true;
        self.guards[system].stayed.0 += 1;
        let reply = Reply { after_ms: 0.0, answer, fault: Fault::Slow, expires: None };
        let after = at - self.clock.tick();
        self.clock.order(after, Event::Overheard(system, person, Box::new(reply)));
        Ok(())
    }

    /// What comes of it, is for no login.
    pub(super) fn overhear(&mut self, system: usize, person: usize, reply: &Reply) {
        let now = self.clock.now();
        let arrived = arrive(&self.plan.systems[system], true, reply, now);
        let guard = &mut self.guards[system];
        guard.line = false;
        if arrived.means != "unavailable" {
            guard.stayed.1 += 1;
            guard.answered(person);
        }
        self.engine.overhear(self.plan.index_of(system), &reply.answer, now);
    }

    /// Asked again under the same number, the new time counts.
    fn wait(&mut self, login: u32, id: EffectId, why: Open, ms: u32, for_no_one: bool) {
        let tick = self.clock.tick();
        let late = lateness(&mut self.rng);
        let order = self.clock.order(f64::from(ms) + late, Event::Comes { login, id, reply: None });
        let running = self.running.get_mut(&login).expect("looked up by the caller");
        running.open.insert(id, (order, why));
        running.next = running.next.max(id + 1);
        let story = &mut running.story;
        let left = story.started + f64::from(self.plan.budget_ms) - tick;
        match why {
            Open::Retry(call) => {
                let system = story.calls[call].system;
                let guard = &mut self.guards[system];
                let while_open = guard.is_open();
                guard.retries(self.plan.systems[system].user(story.person));
                story.waits.push(Wait { after: Some(call), tick, ms, left, for_no_one: false, while_open });
            }
            Open::Follow(_) => {
                story.waits.push(Wait { after: None, tick, ms, left, for_no_one, while_open: false });
            }
            Open::Call(_) | Open::Wake => {}
        }
    }

    /// A sync has ended: nothing more comes of its call. Those who waited for it must have been told.
    fn land(&mut self, login: u32, call: usize) {
        let story = &self.running[&login].story;
        let (system, person) = (story.calls[call].system, story.person);
        let plan = &self.plan.systems[system];
        let secrets_refused = |call: &&Call| call.reply.as_ref().is_some_and(|reply| plan.rotates_on(reply));
        // With another secret left to try, it was not the user who was refused; there was no time to ask.
        let of_the_user = !secrets_refused(&&story.calls[call])
            || story.last_run(system).filter(secrets_refused).count() >= plan.most_keys();
        let means = story.calls[call].means();
        if of_the_user && matches!(means, Some("unauthorized" | "rejected" | "conflict")) {
            self.refused_at.insert((system, person), self.clock.tick());
        }
        let Some(flight) = flight(plan, system, story) else { return };
        if self.flights.get(&flight) != Some(&login) {
            return;
        }
        self.flights.remove(&flight);
        for other in self.running.values_mut() {
            let same = other.story.person == flight.1 && other.story.plan == flight.2;
            if same && other.open.values().any(|(_, open)| *open == Open::Follow(Some(flight.0))) {
                other.story.unheard = Some(login);
            }
        }
    }

    fn end(&mut self, login: u32, verdict: Verdict) -> Result<(), Broken> {
        let Running { mut story, open, .. } =
            self.running.remove(&login).expect("only a login under way is stepped");
        let (held, kept) = self.engine.load();
        story.end = Some(End {
            tick: self.clock.tick(),
            commands: verdict.commands,
            vouched: verdict.vouched,
            refused_key: (self.rng.u8(0..8) == 0).then(|| self.rng.usize(0..4)),
            log: verdict.log,
            left_over: open.values().filter(|(_, open)| *open != Open::Wake).count(),
            held: (held, self.running.len()),
            kept,
        });
        self.report.logins += 1;
        for invariant in &INVARIANTS {
            if let Err(what) = (invariant.holds)(self, &story) {
                let message = format!("{}\nwhat happened: {what}\n{}", invariant.says, story.tell());
                return Err(self.broken(invariant.name, &message));
            }
        }
        self.report.tally(&self.plan, &story);
        if self.tell {
            self.report.stories.push(story.tell());
        }
        self.apply(story);
        Ok(())
    }
}

/// How late a timer is. Node's are sometimes a little early.
fn lateness(rng: &mut Rng) -> f64 {
    match rng.u8(0..10) {
        0 => rng.f64() * LATE_MS,
        1 => -0.9,
        _ => 0.0,
    }
}
