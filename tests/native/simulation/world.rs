//! One world, made up from a seed: its people, its systems, its engine, and what happens in it.

use super::guard::ShadowGuard;
use super::people::{Person, is_interactive};
use super::plan::{Plan, denied_by_rule};
use super::report::{Broken, Report, enter_world, how_to_replay};
use super::shim::{Flight, Running};
use super::story::Story;
use super::systems::{FakeSystem, Reply, Weather};
use super::tokens::Tokens;
use crate::clock::Clock;
use fastrand::Rng;
use login_sync::{EffectId, Engine, Native, Trigger};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

/// What kind of world it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Anything: the one that the soak runs.
    Any,
    /// All systems are down for this many logins.
    Outage(u32),
    /// This many different people, each with a token to keep; a large one under an odd seed.
    Crowd(u32),
}

/// A world made up from one seed.
pub struct World {
    /// The config, and what it means.
    pub plan: Plan,
    /// The people.
    pub people: Vec<Person>,
    /// Whether there may be no randomness to be had.
    pub entropy_fails: bool,
    /// The tokens that have arrived.
    pub issued: HashMap<String, Issued>,
    /// The access tokens that are kept.
    pub(super) tokens: Tokens,
    /// When a system has last refused a person.
    pub refused_at: HashMap<(usize, usize), f64>,
    seed: u64,
    kind: Kind,
    pub(super) rng: Rng,
    pub(super) engine: Engine,
    pub(super) clock: Clock<Event>,
    pub(super) systems: Vec<FakeSystem>,
    pub(super) guards: Vec<ShadowGuard>,
    pub(super) running: BTreeMap<u32, Running>,
    /// Calls under way that may be shared, and the logins that make them.
    pub(super) flights: HashMap<Flight, u32>,
    pub(super) idempotency_keys: HashMap<String, (u32, usize)>,
    pub(super) signed_tokens: HashMap<String, u32>,
    logins: u32,
    to_start: u32,
    pub(super) report: Report,
    pub(super) tell: bool,
}

/// A token in an answer.
pub struct Issued {
    /// By which system.
    pub system: usize,
    /// For whom.
    pub id: String,
    /// For which request.
    pub plan: Option<String>,
    /// When it expires, if it says so.
    pub expires: Option<f64>,
    /// When it arrived.
    pub tick: f64,
    /// What the engine's wall clock said then.
    pub wall: f64,
}

/// Something that happens.
pub enum Event {
    /// Somebody logs in.
    Starts,
    /// An answer, or the end of a wait.
    Comes {
        /// Whose.
        login: u32,
        /// Under which number it was asked for.
        id: EffectId,
        /// The answer; none for a wait.
        reply: Option<Box<Reply>>,
    },
    /// What comes of a try on a system's line, and for whom it was made.
    Overheard(usize, usize, Box<Reply>),
    /// The wall clock is set.
    ClockJumps(f64),
    /// A system gets better or worse.
    WeatherTurns(usize),
}

thread_local! {
    /// The engine's randomness is a function without state; this is its state.
    static ENTROPY: RefCell<Rng> = const { RefCell::new(Rng::with_seed(0)) };
    static ENTROPY_FAILS: Cell<bool> = const { Cell::new(false) };
}

fn entropy(to: &mut [u8]) -> bool {
    ENTROPY.with_borrow_mut(|rng| {
        rng.fill(to);
        !(ENTROPY_FAILS.get() && rng.u8(0..8) == 0)
    })
}

/// Runs the world of this seed to its end. With `tell`, every login's story is in the report.
pub fn run(seed: u64, kind: Kind, tell: bool) -> Result<Report, Broken> {
    enter_world(Some(seed));
    let mut world = World::new(seed, kind, tell);
    let end = world.run();
    enter_world(None);
    match end {
        Ok(()) => Ok(world.report),
        Err(broken) => Err(Broken { before: world.report.stories, ..broken }),
    }
}

impl World {
    fn new(seed: u64, kind: Kind, tell: bool) -> Self {
        let mut rng = Rng::with_seed(seed);
        ENTROPY.set(rng.fork());
        let entropy_fails = kind == Kind::Any && rng.u8(0..40) == 0;
        ENTROPY_FAILS.set(entropy_fails);
        let mut plan = match kind {
            Kind::Crowd(_) => Plan::reusing(&mut rng),
            _ => Plan::any(&mut rng),
        };
        while kind != Kind::Any && plan.wrong {
            plan = Plan::any(&mut rng);
        }
        let (people, to_start) = match kind {
            Kind::Any => (rng.usize(1..12), rng.u32(1..40)),
            Kind::Outage(logins) => (rng.usize(1..12), logins),
            Kind::Crowd(logins) => (logins as usize, logins),
        };
        let people = (0..people).map(|number| Person::any(&mut rng, number)).collect();
        let mut systems: Vec<_> =
            plan.systems.iter().map(|system| FakeSystem::any(&mut rng, system)).collect();
        for system in &mut systems {
            match kind {
                Kind::Any => system.turn(&mut rng),
                Kind::Outage(_) => system.weather = Weather::Down,
                Kind::Crowd(_) => {
                    system.accepts.clone_from(&plan.systems[0].keys);
                    system.padding = if seed.is_multiple_of(2) { 0 } else { 3_000 };
                }
            }
        }
        let (document, secrets) = (Native(plan.document.clone()), Native(plan.secrets.clone()));
        Self {
            people,
            entropy_fails,
            issued: HashMap::new(),
            tokens: Tokens::default(),
            refused_at: HashMap::new(),
            seed,
            kind,
            engine: Engine::new(&document, Some(&secrets), entropy),
            clock: Clock::new(rng.u64(0..10_000_000_000)),
            systems,
            guards: plan.systems.iter().map(|_| ShadowGuard::default()).collect(),
            running: BTreeMap::new(),
            flights: HashMap::new(),
            idempotency_keys: HashMap::new(),
            signed_tokens: HashMap::new(),
            logins: 0,
            to_start,
            report: Report::default(),
            tell,
            plan,
            rng,
        }
    }

    fn run(&mut self) -> Result<(), Broken> {
        let problems = self.engine.problems();
        if problems.is_empty() == self.plan.wrong {
            let message = format!("a config was judged wrongly: {problems:?}\n{}", self.plan.document);
            return Err(self.broken("right configs are taken, wrong ones refused", &message));
        }
        self.clock.order(0.0, Event::Starts);
        if self.kind == Kind::Any {
            for _ in 0..self.rng.usize(0..3) {
                let (after, by) = (self.rng.f64() * 60_000.0, self.any_jump());
                self.clock.order(after, Event::ClockJumps(by));
            }
            for system in 0..self.systems.len() {
                self.clock.order(5_000.0, Event::WeatherTurns(system));
            }
        }
        while self.to_start > 0 || !self.running.is_empty() {
            let Some((order, event)) = self.clock.next() else { break };
            match event {
                Event::Starts => self.start()?,
                Event::Comes { login, id, reply } => self.come(login, id, order, reply)?,
                Event::Overheard(system, person, reply) => self.overhear(system, person, &reply),
                Event::ClockJumps(by) => {
                    self.clock.jump(by);
                    self.tokens.lose_sight();
                    self.report.count("clock jumped");
                }
                Event::WeatherTurns(system) => {
                    self.systems[system].turn(&mut self.rng);
                    let after = self.rng.f64() * 30_000.0;
                    self.clock.order(after, Event::WeatherTurns(system));
                }
            }
        }
        for guard in &self.guards {
            self.report.add("breaker opened", u64::from(guard.opened));
            self.report.add("breaker probed", u64::from(guard.probes));
            self.report.add("stayed on the line", u64::from(guard.stayed.0));
            self.report.add("answered on the line", u64::from(guard.stayed.1));
        }
        Ok(())
    }

    fn any_jump(&mut self) -> f64 {
        let by = match self.rng.u8(0..6) {
            0 => 1e12,
            1 => self.rng.f64() * 86_400_000.0 * 400.0,
            2 | 3 => self.rng.f64() * 3_600_000.0,
            _ => self.rng.f64() * 10_000.0,
        };
        (if self.rng.bool() { by } else { -by }).floor()
    }

    /// Until the next login: none, a moment, or long enough for tokens to expire.
    fn until_next(&mut self) -> f64 {
        match self.kind {
            Kind::Crowd(_) => 3.0,
            Kind::Outage(_) => self.rng.f64() * [20.0, 500.0, 20_000.0][self.seed as usize % 3],
            Kind::Any => match self.rng.u8(0..16) {
                0..5 => 0.0,
                5..10 => self.rng.f64() * 300.0,
                10..14 => self.rng.f64() * 5_000.0,
                14 => self.rng.f64() * 120_000.0,
                _ => self.rng.f64() * 7_200_000.0,
            },
        }
    }

    /// Somebody logs in, has registered, or has another password. A wrong config meets all flows.
    fn start(&mut self) -> Result<(), Broken> {
        self.logins += 1;
        self.to_start -= 1;
        if self.to_start > 0 {
            let after = self.until_next();
            self.clock.order(after, Event::Starts);
        }
        let login = self.logins;
        let person = match self.kind {
            Kind::Crowd(_) => login as usize - 1,
            _ => self.rng.usize(0..self.people.len()),
        };
        let registration = self.kind == Kind::Any && self.rng.u8(0..10) == 0;
        let trigger = match login as usize {
            login if self.plan.wrong => Trigger::ALL[login % Trigger::ALL.len()],
            _ if !registration => Trigger::PostLogin,
            login => [Trigger::PostUserRegistration, Trigger::PostChangePassword][login % 2],
        };
        let plan = [Some("héllo /?&%"), None].get(self.rng.usize(0..12)).copied().unwrap_or(Some("gold"));
        let who = &self.people[person];
        let event = who.event(&mut self.rng, login, plan, &self.plan.secrets);
        let now = self.clock.now();
        let story = Story {
            login,
            person,
            trigger,
            registration,
            plan: plan.map(str::to_string),
            phone: who.phone,
            europe: who.continent == Some("EU"),
            interactive: is_interactive(&event),
            factor: who.factor,
            denied_by_rule: denied_by_rule(&self.plan, who).filter(|_| !registration),
            metadata: who.metadata.clone(),
            started: now.tick,
            wall: now.wall,
            may_be_refused: vec![false; self.guards.len()],
            calls: Vec::new(),
            waits: Vec::new(),
            unheard: None,
            end: None,
        };
        self.running.insert(login, Running { story, open: HashMap::new(), next: 0, lost: None });
        let step = self.engine.start(login, trigger, &Native(event), now);
        self.act(login, None, step)
    }

    /// What the engine's wall clock says.
    pub fn wall(&self) -> f64 {
        self.clock.now().wall
    }

    /// What to say when an invariant does not hold.
    pub(super) fn broken(&self, invariant: &'static str, what: &str) -> Broken {
        let message = format!(
            "the invariant `{invariant}` does not hold in the world of seed {} ({:?}): {what}\nconfig: {}\nreplay: {}\n",
            self.seed,
            self.kind,
            self.plan.document,
            if self.kind == Kind::Any {
                how_to_replay(self.seed)
            } else {
                "the same test, once more".to_string()
            }
        );
        Broken { invariant, seed: self.seed, logins: self.report.logins, before: Vec::new(), message }
    }
}
