//! A run of a scene: arrivals, instances, the shim's part, and what happened.

use super::scenes::Scene;
use super::upstream::{Upstream, nothing};
use crate::clock::Clock;
use fastrand::Rng;
use login_sync::{Answer, Effect, EffectId, Engine, Native, Request, Step, Trigger};
use serde_json::json;
use std::cell::RefCell;
use std::collections::HashMap;

/// A login that has ended. Times in seconds from the beginning.
pub struct Ended {
    /// When it began.
    pub at: f64,
    /// How long it took.
    pub took: f64,
    /// Whether the user got in.
    pub good: bool,
    /// Why not: `timeout`, `503`, `breaker`, `busy`, …
    pub why: String,
    /// Whether it is of a user whom the system always fails.
    pub bad: bool,
}

/// What happened in a run.
#[derive(Default)]
pub struct Happened {
    /// The logins, by their end.
    pub logins: Vec<Ended>,
    /// How many executions were in flight, from when on.
    pub in_flight: Vec<(f64, u32)>,
    /// How many requests were open at the system, from when on.
    pub open: Vec<(f64, u32)>,
    /// When each request was sent, and whether for a bad user.
    pub sent: Vec<(f64, bool)>,
}

/// What is due.
enum Event {
    Arrives(u32),
    ArrivesBad(u32),
    /// For this instance's login, under this number; whether it is the end of a request.
    Comes(usize, u32, EffectId, Answer, bool),
    Overheard(usize, usize, Answer),
}

struct Instance {
    engine: Engine,
    ends: f64,
    last: f64,
    on_the_line: u32,
}

struct Login {
    at: f64,
    bad: bool,
}

struct World<'a> {
    scene: &'a Scene,
    rng: Rng,
    clock: Clock<Event>,
    upstream: Upstream,
    /// All that have been; logins end where they began.
    all: Vec<Instance>,
    /// Those that take logins now.
    fleet: Vec<usize>,
    under_way: HashMap<u32, Login>,
    /// Requests of logins: what comes of them after their login's patience, and when.
    late: HashMap<(u32, EffectId), (f64, Answer)>,
    logins: u32,
    open: u32,
    happened: Happened,
}

thread_local! {
    static ENTROPY: RefCell<Rng> = const { RefCell::new(Rng::with_seed(0)) };
}

fn entropy(to: &mut [u8]) -> bool {
    ENTROPY.with_borrow_mut(|rng| rng.fill(to));
    true
}

/// The budget of a login, in seconds.
const BUDGET: f64 = 8.0;

/// Runs a scene to its end, and sees to what must hold in each.
pub fn run(scene: &Scene, seed: u64) -> Happened {
    let mut rng = Rng::with_seed(seed);
    ENTROPY.set(rng.fork());
    let mut world = World {
        scene,
        rng,
        clock: Clock::new(0),
        upstream: Upstream::default(),
        all: Vec::new(),
        fleet: Vec::new(),
        under_way: HashMap::new(),
        late: HashMap::new(),
        logins: 0,
        open: 0,
        happened: Happened::default(),
    };
    for _ in 0..scene.instances {
        // In the midst of their lives.
        let share = world.rng.f64();
        let instance = world.instance(share);
        world.fleet.push(instance);
    }
    world.order_arrivals();
    while let Some((_, event)) = world.clock.next() {
        world.happen(event);
    }
    assert!(world.under_way.is_empty(), "a login has not ended");
    assert_eq!(world.open, 0, "requests are open for ever");
    for instance in &world.all {
        assert_eq!((instance.on_the_line, instance.engine.load().0), (0, 0), "left in an instance");
    }
    world.happened
}

impl World<'_> {
    fn instance(&mut self, share: f64) -> usize {
        let config = json!({"syncs": [{
            "name": "crm", "timeoutMs": self.scene.timeout_ms, "onFailure": "deny",
            "request": {"url": "https://crm.example.com/", "body": {"id": "user.user_id"}},
        }]});
        let engine = Engine::new(&Native(config), None, entropy);
        assert!(engine.problems().is_empty(), "{:?}", engine.problems());
        let life = self
            .scene
            .life
            .map_or(f64::INFINITY, |(least, most)| share * (least + (most - least) * self.rng.f64()));
        let now = self.seconds();
        self.all.push(Instance { engine, ends: now + life, last: now, on_the_line: 0 });
        self.all.len() - 1
    }

    fn seconds(&self) -> f64 {
        self.clock.tick() / 1_000.0
    }

    fn order_arrivals(&mut self) {
        let (scene, end) = (self.scene, self.scene.seconds());
        let (mut at, mut user) = (0.0, 0);
        loop {
            at -= (1.0 - self.rng.f64()).ln() / scene.rate;
            if at >= end {
                break;
            }
            self.clock.order(at * 1_000.0, Event::Arrives(user));
            user += 1;
        }
        if scene.crowd > 0 {
            for second in (5..end as u32).step_by(5) {
                for _ in 0..scene.crowd {
                    let after = f64::from(second) * 1_000.0 + 50.0 * self.rng.f64();
                    self.clock.order(after, Event::Arrives(user));
                    user += 1;
                }
            }
        }
        if let Some((users, _)) = scene.bad {
            for second in 5..end as u32 {
                for burst in 0..10 {
                    let after = f64::from(1_000 * second + burst);
                    self.clock.order(after, Event::ArrivesBad(burst % users));
                }
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrives(user) => self.arrive(&format!("auth0|{user}"), false),
            Event::ArrivesBad(user) => self.arrive(&format!("bad|{user}"), true),
            Event::Comes(instance, login, id, answer, of_request) => {
                if of_request && !self.late.contains_key(&(login, id)) {
                    self.opened(-1);
                }
                let step = self.all[instance].engine.resume(login, id, answer, self.clock.now());
                self.act(instance, login, step);
                // What was given up and does not stay on the line is closed.
                if self.late.remove(&(login, id)).is_some() {
                    self.opened(-1);
                }
            }
            Event::Overheard(instance, system, answer) => {
                self.opened(-1);
                self.all[instance].on_the_line -= 1;
                self.all[instance].engine.overhear(system, &answer, self.clock.now());
            }
        }
    }

    fn arrive(&mut self, user: &str, bad: bool) {
        let now = self.seconds();
        let place = self.rng.usize(0..self.fleet.len());
        let known = &self.all[self.fleet[place]];
        if now > known.ends || self.scene.idle.is_some_and(|idle| now - known.last > idle) {
            self.fleet[place] = self.instance(1.0);
        }
        let instance = self.fleet[place];
        self.all[instance].last = now;
        self.logins += 1;
        let login = self.logins;
        self.under_way.insert(login, Login { at: now, bad });
        self.count_in_flight();
        let event = Native(json!({"user": {"user_id": user}, "secrets": {}}));
        let step = self.all[instance].engine.start(login, Trigger::PostLogin, &event, self.clock.now());
        self.act(instance, login, step);
    }

    fn act(&mut self, instance: usize, login: u32, step: Step) {
        for (of, id, effect) in step.effects {
            match effect {
                Effect::Wait(ms) => {
                    let event = Event::Comes(instance, of, id, Answer::default(), false);
                    self.clock.order(f64::from(ms), event);
                }
                Effect::Send(request) => self.send(instance, of, id, &request),
                Effect::Stay(system) => {
                    let (at, answer) =
                        self.late.remove(&(of, id)).expect("what stays has just been given up");
                    self.all[instance].on_the_line += 1;
                    assert!(self.all[instance].on_the_line <= 1, "two are on the line");
                    self.clock.order(at - self.clock.tick(), Event::Overheard(instance, system, answer));
                }
            }
        }
        if let Some(verdict) = step.verdict {
            self.end(login, &verdict.log);
        }
    }

    fn send(&mut self, instance: usize, login: u32, id: EffectId, request: &Request) {
        let now = self.seconds();
        let bad = self.under_way[&login].bad;
        let state = match self.scene.bad.filter(|_| bad) {
            Some((_, state)) => state,
            None => self.scene.state(now),
        };
        let fate = self.upstream.fate(&mut self.rng, self.scene, state, now);
        self.happened.sent.push((now, bad));
        self.opened(1);
        let (patience, longest) = (f64::from(request.timeout_ms), f64::from(request.longest_ms));
        let answer = if fate.ms < longest { fate.answer } else { nothing() };
        if fate.ms < patience {
            self.clock.order(fate.ms, Event::Comes(instance, login, id, answer, true));
        } else {
            if patience < longest {
                let at = self.clock.tick() + fate.ms.min(longest);
                self.late.insert((login, id), (at, answer));
            }
            self.clock.order(patience, Event::Comes(instance, login, id, nothing(), true));
        }
    }

    fn end(&mut self, login: u32, log: &str) {
        let Login { at, bad } = self.under_way.remove(&login).expect("it ends once");
        let now = self.seconds();
        let took = now - at;
        assert!(took < BUDGET + 0.01, "a login took {took} s");
        let crm = log.split(' ').find_map(|field| field.strip_prefix("crm=")).unwrap_or_default();
        let mut words = crm.split(':');
        let good = words.next() == Some("ok");
        // The last word that is one: after the status there may be a reason why nothing more was sent.
        let why = words.take_while(|word| !word.ends_with("ms")).last().unwrap_or_default().to_string();
        self.happened.logins.push(Ended { at, took, good, why, bad });
        self.count_in_flight();
    }

    fn count_in_flight(&mut self) {
        self.happened.in_flight.push((self.seconds(), self.under_way.len() as u32));
    }

    fn opened(&mut self, more: i32) {
        self.open = self.open.checked_add_signed(more).expect("no request ends twice");
        self.happened.open.push((self.seconds(), self.open));
    }
}
