//! An event stream over an outage of ten minutes: 10,000 events, some of them twice and all of them in no order, through a
//! stand-in with Auth0's four attempts, its redelivery by hand, and its end of a stream that fails too often.
//!
//! The system behind it knows a key when it sees it again, and writes no state that is older than what it has. The config
//! is that of `examples/users-by-event-stream`.

use crate::clock::Clock;
use crate::flows::message;
use fastrand::Rng;
use login_sync::{Answer, Effect, EffectId, Engine, Native, Request, Step, TIMEOUT, Trigger};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

const EVENTS: usize = 10_000;
const USERS: usize = 2_000;
const INSTANCES: usize = 3;
/// Milliseconds.
const MINUTE: f64 = 60_000.0;
const ALL_OF_IT: f64 = 20.0 * MINUTE;
const OUTAGE: Range<f64> = 4.0 * MINUTE..14.0 * MINUTE;
/// Auth0's: how long after each attempt the next one comes, and how many failures in a row end a stream.
const AGAIN_AFTER: [f64; 3] = [1_000.0, 2_000.0, 4_000.0];
const MOST_FAILURES: usize = 500;

thread_local! {
    static ENTROPY: RefCell<Rng> = const { RefCell::new(Rng::with_seed(0)) };
}

fn entropy(to: &mut [u8]) -> bool {
    ENTROPY.with_borrow_mut(|rng| rng.fill(to));
    true
}

enum Happening {
    /// This delivery of this event is attempted for the so-many-th time.
    Attempt { event: usize, attempt: usize },
    /// An answer, or an ended wait, of an execution in this instance.
    Comes(usize, u32, EffectId, Answer),
}

struct Execution {
    event: usize,
    attempt: usize,
}

/// What the other system has.
#[derive(Default)]
struct Crm {
    /// The keys that it has seen.
    keys: HashMap<String, u16>,
    /// How often each key had an effect.
    effects: HashMap<String, u32>,
    /// Of each user the time of the newest state.
    users: HashMap<String, String>,
}

impl Crm {
    fn put(&mut self, request: &Request) -> u16 {
        let key = request.headers.iter().find(|(name, _)| *name == "idempotency-key").unwrap().1.to_string();
        if let Some(status) = self.keys.get(&key) {
            return *status;
        }
        let body: Json = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        let time = body["ifNewer"].as_str().unwrap().to_string();
        let newer = self.users.get(&*request.url.path).is_none_or(|known| *known < time);
        if newer {
            self.users.insert(request.url.path.to_string(), time);
        }
        *self.effects.entry(key.clone()).or_default() += 1;
        let status = if newer { 200 } else { 409 };
        self.keys.insert(key, status);
        status
    }
}

struct World {
    rng: Rng,
    clock: Clock<Happening>,
    engines: Vec<Engine>,
    running: HashMap<u32, Execution>,
    executions: u32,
    events: Vec<Json>,
    crm: Crm,
    /// Deliveries that failed, until someone redelivers them.
    failed: Vec<usize>,
    in_a_row: usize,
    /// When the stream was ended.
    disabled: Option<f64>,
    most_in_flight: usize,
    /// Answers that were lost on their way.
    lost: usize,
    outage: Range<f64>,
}

impl World {
    fn new(seed: u64, outage: Range<f64>) -> Self {
        let mut rng = Rng::with_seed(seed);
        ENTROPY.set(rng.fork());
        let config: Json =
            serde_json::from_str(include_str!("../../examples/users-by-event-stream/config.json")).unwrap();
        let engine =
            || Engine::new(&Native(config.clone()), Some(&Native(json!({"CRM_API_KEY": "k"}))), entropy);
        let engines: Vec<_> = (0..INSTANCES).map(|_| engine()).collect();
        assert_eq!(engines[0].problems(), []);
        let mut clock = Clock::new(0);
        let mut events = Vec::new();
        for number in 0..EVENTS {
            let at = ALL_OF_IT * number as f64 / EVENTS as f64;
            let user = if number < USERS { number } else { rng.usize(0..USERS) };
            let seconds = number as u64 / 8;
            let time = format!("2026-01-01T00:{:02}:{:02}.{:03}Z", seconds / 60, seconds % 60, number % 8);
            let kind = if number < USERS { "user.created" } else { "user.updated" };
            // A social user, whom no registration flow sees.
            let user =
                json!({"user_id": format!("google-oauth2|{user}"), "email": format!("{number}@example.com")});
            let event = message(
                &format!("evt_{number}"),
                json!({"type": kind, "time": time, "data": {"object": user}}),
            );
            events.push(event);
            // In no order: up to five seconds late, and one in ten comes twice.
            for _ in 0..if rng.u8(0..10) == 0 { 2 } else { 1 } {
                clock.order(at + 5_000.0 * rng.f64(), Happening::Attempt { event: number, attempt: 0 });
            }
        }
        Self {
            rng,
            clock,
            engines,
            running: HashMap::new(),
            executions: 0,
            events,
            crm: Crm::default(),
            failed: Vec::new(),
            in_a_row: 0,
            disabled: None,
            most_in_flight: 0,
            lost: 0,
            outage,
        }
    }

    fn run(&mut self) {
        while let Some((_, happening)) = self.clock.next() {
            match happening {
                // What is not delivered by a stream that has ended waits with what failed.
                Happening::Attempt { event, .. } if self.disabled.is_some() => self.failed.push(event),
                Happening::Attempt { event, attempt } => self.attempt(event, attempt),
                Happening::Comes(instance, execution, id, answer) => {
                    let step = self.engines[instance].resume(execution, id, answer, self.clock.now());
                    self.act(instance, execution, step);
                }
            }
        }
        assert!(self.running.is_empty());
    }

    fn attempt(&mut self, event: usize, attempt: usize) {
        self.executions += 1;
        let (execution, instance) = (self.executions, self.rng.usize(0..INSTANCES));
        self.running.insert(execution, Execution { event, attempt });
        self.most_in_flight = self.most_in_flight.max(self.running.len());
        let mut whole = self.events[event].clone();
        whole["secrets"] = json!({"CRM_API_KEY": "k"});
        let step =
            self.engines[instance].start(execution, Trigger::EventStream, &Native(whole), self.clock.now());
        self.act(instance, execution, step);
    }

    fn act(&mut self, instance: usize, execution: u32, step: Step) {
        for (of, id, effect) in step.effects {
            let (ms, answer) = match effect {
                Effect::Wait(ms) => (f64::from(ms), Answer::default()),
                Effect::Stay(_) => continue,
                Effect::Send(request) => self.answer(&request),
            };
            self.clock.order(ms, Happening::Comes(instance, of, id, answer));
        }
        let Some(verdict) = step.verdict else { return };
        let Execution { event, attempt } = self.running.remove(&execution).unwrap();
        assert!(verdict.commands.is_empty());
        if !verdict.again {
            assert!(verdict.log.contains("result=done"), "{}", verdict.log);
            self.in_a_row = 0;
        } else if let Some(after) = AGAIN_AFTER.get(attempt) {
            self.clock.order(*after, Happening::Attempt { event, attempt: attempt + 1 });
        } else {
            self.failed.push(event);
            self.in_a_row += 1;
            if self.in_a_row == MOST_FAILURES {
                self.disabled.get_or_insert(self.clock.tick());
            }
        }
    }

    fn answer(&mut self, request: &Request) -> (f64, Answer) {
        let ms = 20.0 + 100.0 * self.rng.f64();
        let status = |status: u16| Answer { status, body: Native("{}".into()), ..Answer::default() };
        if self.outage.contains(&self.clock.tick()) {
            // One half of it hangs, the other half says so at once.
            let hangs = self.clock.tick() < f64::midpoint(self.outage.start, self.outage.end);
            let nothing = Answer { error: Some(TIMEOUT.to_string()), ..Answer::default() };
            return if hangs { (f64::from(request.timeout_ms), nothing) } else { (ms, status(503)) };
        }
        let came = self.crm.put(request);
        // One answer in a hundred is lost after its effect.
        if self.rng.u8(0..100) == 0 {
            self.lost += 1;
            return (ms, Answer { error: Some("ECONNRESET".to_string()), ..Answer::default() });
        }
        (ms, status(came))
    }

    /// Everything that failed is sent again by hand, and the stream goes on.
    fn redeliver(&mut self) {
        self.in_a_row = 0;
        self.disabled = None;
        for (number, event) in std::mem::take(&mut self.failed).into_iter().enumerate() {
            self.clock.order(20.0 * number as f64, Happening::Attempt { event, attempt: 0 });
        }
        self.run();
    }
}

#[test]
fn every_event_arrives_once_and_the_newest_state_wins() {
    for seed in [1, 2] {
        let mut world = World::new(seed, OUTAGE);
        world.run();
        let ended = world.disabled.expect("ten minutes are more than a stream survives");
        assert!(OUTAGE.contains(&ended), "{ended}");
        let by_itself = world.crm.keys.len();
        println!(
            "seed {seed}: {by_itself} of {EVENTS} events by themselves, {} deliveries by hand; the stream ended after {:.0} s of \
             the outage; {} in flight at most; {} answers lost",
            world.failed.len(),
            (ended - OUTAGE.start) / 1_000.0,
            world.most_in_flight,
            world.lost
        );
        let mut rounds = 0;
        while !world.failed.is_empty() {
            rounds += 1;
            assert!(rounds < 4, "{} are left", world.failed.len());
            world.redeliver();
        }
        assert_eq!(world.crm.keys.len(), EVENTS, "each event has arrived");
        assert!(world.crm.effects.values().all(|times| *times == 1), "each effect is there once");
        let mut newest: HashMap<String, String> = HashMap::new();
        for event in &world.events {
            let object = &event["message"]["data"]["object"];
            let path = format!("/users/{}", object["user_id"].as_str().unwrap().replace('|', "%7C"));
            newest.insert(path, event["message"]["time"].as_str().unwrap().to_string());
        }
        assert_eq!(world.crm.users, newest);
        assert!(world.lost > 50, "{} answers were lost after their effect", world.lost);
        assert!(world.most_in_flight < 100, "{} executions in flight", world.most_in_flight);
    }
}

/// Four attempts, and the time that an event waits for its turn, bridge a hiccup: no one needs to do anything.
#[test]
fn a_hiccup_is_bridged() {
    let mut world = World::new(4, 60_000.0..65_000.0);
    world.run();
    assert_eq!((world.failed.len(), world.disabled), (0, None));
    assert_eq!(world.crm.keys.len(), EVENTS);
}

/// What the registration flows do not see: a social user reaches the CRM when they are created.
#[test]
fn a_social_sign_up_reaches_the_crm() {
    let mut world = World::new(3, 0.0..0.0);
    world.events.truncate(1);
    world.clock = Clock::new(0);
    world.clock.order(0.0, Happening::Attempt { event: 0, attempt: 0 });
    world.run();
    let users: HashSet<_> = world.crm.users.keys().collect();
    assert_eq!(users, HashSet::from([&"/users/google-oauth2%7C0".to_string()]));
}
