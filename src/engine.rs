//! The engine: what goes in, and what comes out.
//!
//! [`Engine::start`] begins an execution, [`Engine::resume`] brings what it asked for; both return a [`Step`]: what to
//! do next, and the verdict once there is one. [`Engine::overhear`] brings what came of a request that outlived its login.
//! The engine has no clock, no sockets and no threads, so one instance runs as many interleaved logins as its driver
//! likes, in wasm under Auth0 or natively under a simulation.

use crate::document::problem::Problem;
use crate::document::trigger::{AGAIN, DENY, GUARDED, Trigger};
use crate::expression;
use crate::host::kept::Kept;
use crate::host::text::{Text, hex};
use crate::host::value::Val;
use crate::login::command::{Command, SERVER_ERROR};
use crate::login::config::{Config, Draft};
use crate::login::execution::{Login, Verdict};
use crate::login::log::refusal;
use crate::login::metadata::Vouched;
use crate::request::scope::Scope;
use crate::system::context::{Context, Entropy};
use crate::system::memory::Memory;
use crate::system::outcome::Outcome;
use crate::system::step::{Answer, Driver, Effect, EffectId, Now, Task, poll};
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;

/// One instance of the Action.
pub struct Engine {
    config: Result<Rc<Kept<Config>>, Vec<Problem>>,
    memory: Rc<RefCell<Memory>>,
    running: RefCell<Vec<Running>>,
    entropy: Entropy,
}

struct Running {
    login: u32,
    /// Its time for expressions, in milliseconds since 1970.
    began: f64,
    driver: Driver,
    task: Task<'static, Verdict>,
}

/// What is to be done after a call in.
#[derive(Default)]
pub struct Step {
    /// For which login, under which number, what.
    pub effects: Vec<(u32, EffectId, Effect)>,
    /// The end of the login that was started or resumed.
    pub verdict: Option<Verdict>,
}

/// Why, where the Action cannot do its work.
pub const OUT_OF_ORDER: &str = " (login-sync is out of order)";

impl Engine {
    /// Reads the config, once per instance. A wrong one is refused whole: every login is denied, and its log line says
    /// why.
    pub fn new(config: &Val, secrets: Option<&Val>, entropy: Entropy) -> Self {
        Self::with(Some(Draft::read(config)), secrets, entropy)
    }

    /// The same, of a config that has been read. Without one every login is denied.
    pub fn with(config: Option<Draft>, secrets: Option<&Val>, entropy: Entropy) -> Self {
        Self {
            config: config.map_or(Err(Vec::new()), |config| config.with_secrets(secrets)).map(Rc::new),
            memory: Rc::default(),
            running: RefCell::default(),
            entropy,
        }
    }

    /// What is wrong with the config.
    pub fn problems(&self) -> &[Problem] {
        self.config.as_ref().err().map_or(&[], Vec::as_slice)
    }

    /// The bits of the flows that must be denied, or come again, when the engine itself breaks down.
    pub fn guards(&self) -> u8 {
        self.config.as_ref().map_or(GUARDED, |config| config.guards())
    }

    /// Begins an execution. `login` is a number of the driver's, unlike that of any other under way.
    pub fn start(&self, login: u32, trigger: Trigger, event: &Val, now: Now) -> Step {
        let config = match &self.config {
            Ok(config) => config.clone(),
            Err(problems) => return refused(trigger, problems),
        };
        #[cfg(feature = "test-panic")]
        crate::system::step::panic_on_request(
            crate::host::value::Value::as_bool(&crate::host::value::Value::get(event, "panic")) == Some(true),
        );
        let mut scope = Scope::new(trigger, event);
        scope.open(&config.extras, now.wall);
        let driver = Driver::default();
        let mut trigger_id = [0; 16];
        // Without randomness there will be no request either.
        (self.entropy)(&mut trigger_id);
        let context = Context {
            id: login,
            trigger_id: Text::new(&hex(&trigger_id)),
            scope,
            common: config.common.clone(),
            driver: driver.clone(),
            memory: self.memory.clone(),
            entropy: self.entropy,
            started: now.tick,
            deadline: now.tick + f64::from(config.budget_ms.min(trigger.most_ms())),
        };
        let run = Login { context, config };
        self.step(Running { login, began: now.wall, driver, task: Box::pin(run.run()) }, now)
    }

    /// Brings the answer to something asked for. One that no one waits for any more is ignored.
    pub fn resume(&self, login: u32, id: EffectId, answer: Answer, now: Now) -> Step {
        let running = {
            let mut all = self.running.borrow_mut();
            match all.iter().position(|running| running.login == login) {
                Some(at) => all.swap_remove(at),
                None => return Step::default(),
            }
        };
        running.driver.arrive(id, answer);
        self.step(running, now)
    }

    /// What came of the try that stayed on this system's line, though nothing. It belongs to no login any more.
    #[cold]
    #[inline(never)]
    pub fn overhear(&self, system: usize, answer: &Answer, now: Now) {
        expression::begin(now.wall);
        let Some(sync) = self.config.as_ref().ok().and_then(|config| config.system(system)) else {
            return;
        };
        let outcome = sync.response.judge(answer, now.wall).outcome;
        let good = (outcome != Outcome::Unavailable).then_some(outcome == Outcome::Ok);
        self.memory.borrow_mut().system(system).guard.overhears(now.tick, good);
    }

    /// How many logins are under way, and how many answers and bytes are kept.
    pub fn load(&self) -> (usize, (usize, usize)) {
        (self.running.borrow().len(), self.memory.borrow().reuse.size())
    }

    fn step(&self, mut running: Running, now: Now) -> Step {
        running.driver.set_now(now);
        expression::begin(running.began);
        let verdict = match poll(&mut running.task) {
            Poll::Ready(verdict) => Some(verdict),
            Poll::Pending => None,
        };
        let login = running.login;
        let mut effects: Vec<_> =
            running.driver.take_effects().into_iter().map(|(id, effect)| (login, id, effect)).collect();
        // Logins that waited for a call of this one go on at once.
        let mut memory = self.memory.borrow_mut();
        memory.counted |= verdict.is_some();
        let wakes = std::mem::take(&mut memory.wakes);
        effects.extend(wakes.into_iter().map(|(login, id)| (login, id, Effect::Wait(0))));
        if verdict.is_none() {
            self.running.borrow_mut().push(running);
        }
        Step { effects, verdict }
    }
}

#[cold]
#[inline(never)]
fn refused(trigger: Trigger, problems: &[Problem]) -> Step {
    let first = problems.first().map(|problem| [&problem.path, ": ", &problem.message].concat());
    let log = refusal(trigger, &first.unwrap_or_default(), problems.len().saturating_sub(1));
    let mut commands = Vec::new();
    if trigger.takes(DENY) {
        commands.push(Command::deny(trigger, trigger.apology(OUT_OF_ORDER), SERVER_ERROR, None));
    }
    let verdict = Verdict {
        commands,
        vouched: Vouched::default(),
        again: trigger.takes(AGAIN),
        log,
        ends: String::new(),
    };
    Step { effects: Vec::new(), verdict: Some(verdict) }
}
