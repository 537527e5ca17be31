//! The engine as the shim drives it: what the wasm exports. Values of JavaScript are in `host/js.rs`.
//!
//! Commands go to Auth0's `api` through the shim, which may throw there. Exports take `&self`: after a trap a `&mut self`
//! would stay locked. Every call is synchronous, so a panic is a plain exception in the caller's own `try`.

use crate::document::trigger::Trigger;
use crate::engine::{Engine, OUT_OF_ORDER, Step};
use crate::host::js::{Js, host_command, host_set, host_stringify};
use crate::host::value::{Kind, Value};
use crate::login::command::Command;
use crate::login::config::{Draft, documents};
use crate::login::log::{denied_after_all, warn_api};
use crate::system::step::{Answer, Effect, EffectId, Now};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// The shim's side of one login (`js-shim/action.js`): it does what is asked for and comes back with `resume`.
#[wasm_bindgen]
extern "C" {
    /// One login's host.
    #[derive(Clone)]
    pub type Host;
    /// A request's `head` as the shim's `sendRequest` reads it, and its body, to be waited for `ms` and to take `longest`
    /// at most; without a head, time is asked for. With null the request that was just given up under this number stays
    /// on the line of the system `longest`. All in one, since each further shape of a call costs time at the start.
    #[wasm_bindgen(method)]
    fn ask(this: &Host, id: u32, ms: u32, head: &JsValue, body: &JsValue, longest: u32);
}

thread_local! {
    /// The config that was read last, and its JSON: for the next engine that is made.
    static READ: Cell<Option<Box<(String, Draft)>>> = const { Cell::new(None) };
}

/// What is wrong with every config but the one that a paste was sealed with.
const EDITED: &str = "was edited in a sealed file: run `bundle` again, or use `--editable`";

/// What was read last, if it was this config.
fn read_before(config: &JsValue) -> Option<Box<(String, Draft)>> {
    READ.take().filter(|read| host_stringify(config) == JsValue::from_str(&read.0))
}

/// The engine of one instance.
#[wasm_bindgen(js_name = Engine)]
pub struct WasmEngine {
    engine: Engine,
    config: JsValue,
    /// The logins under way, each with Auth0's `api` and its host.
    running: RefCell<Vec<(u32, JsValue, Host)>>,
}

#[wasm_bindgen(js_class = Engine)]
impl WasmEngine {
    /// An engine of the config that was read last, which this is. With the Action's secrets, those it needs must be set.
    #[wasm_bindgen(constructor)]
    pub fn new(config: JsValue, secrets: JsValue) -> Self {
        let secrets = Js(secrets);
        let secrets = (secrets.kind() == Kind::Object).then_some(&secrets);
        let engine = Engine::with(READ.take().map(|read| read.1), secrets, |to| getrandom::fill(to).is_ok());
        Self { engine, config, running: RefCell::default() }
    }

    /// Reads a config, unless it has been read. What is read holds no value of the host, so the memory may be kept and
    /// given to another instance, which then need not read: `tools/paste/ahead.mjs` does so.
    pub fn read(config: JsValue) {
        console_error_panic_hook::set_once();
        // What is another's makes room first.
        READ.set(Some(read_before(&config).unwrap_or_else(|| {
            let config = Js(config);
            Box::new((config.to_json(), Draft::read(&config)))
        })));
    }

    /// What `read` is in a sealed paste (`tools/paste/seal.mjs`), which has nothing that reads.
    #[wasm_bindgen(js_name = readSealed)]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "as `read` takes it, whose name this has in a sealed paste"
    )]
    pub fn read_sealed(config: JsValue) {
        console_error_panic_hook::set_once();
        let refused = || Box::new((String::new(), Draft::refused(EDITED)));
        READ.set(Some(read_before(&config).unwrap_or_else(refused)));
    }

    /// What is wrong with the config: `[{path, message, caret}]`.
    pub fn problems(&self) -> JsValue {
        self.engine.problems().serialize(&Serializer::json_compatible()).unwrap_or_default()
    }

    /// The entries of a config without problems as they are, each laid over its preset: documents of the config's own
    /// schema.
    pub fn syncs(&self) -> JsValue {
        Js::from_list(documents(&Js(self.config.clone()))).0
    }

    /// The bits of the flows that must be denied, or come again, when the engine itself breaks down.
    pub fn guards(&self) -> u8 {
        self.engine.guards()
    }

    /// Begins an execution of this flow, by its place in `Trigger`: its log line once it is over, until then nothing.
    #[expect(clippy::too_many_arguments, reason = "a call across the boundary is cheaper than an object")]
    pub fn start(
        &self,
        login: u32,
        flow: usize,
        event: JsValue,
        api: JsValue,
        host: Host,
        wall: f64,
        tick: f64,
    ) -> JsValue {
        let trigger = Trigger::ALL.get(flow).copied().unwrap_or(Trigger::PostLogin);
        self.running.borrow_mut().push((login, api, host));
        self.act(login, self.engine.start(login, trigger, &Js(event), Now { wall, tick }))
    }

    /// Brings what was asked for.
    #[expect(clippy::too_many_arguments, reason = "a call across the boundary is cheaper than an object")]
    pub fn resume(
        &self,
        login: u32,
        id: EffectId,
        status: u16,
        body: JsValue,
        retry_after: JsValue,
        error: JsValue,
        wall: f64,
        tick: f64,
    ) -> JsValue {
        // Read here: the glue would need half as much again as it has, for a text that may be left out.
        let (retry_after, error) = (Js(retry_after).as_text(), Js(error).as_text());
        let answer = Answer { status, body: Js(body), retry_after, error };
        self.act(login, self.engine.resume(login, id, answer, Now { wall, tick }))
    }

    /// What came of the try that stayed on a system's line, though nothing. It belongs to no login any more.
    pub fn overhear(&self, system: u32, status: u16, body: JsValue, error: JsValue, wall: f64, tick: f64) {
        let answer = Answer { status, body: Js(body), retry_after: None, error: Js(error).as_text() };
        self.engine.overhear(system as usize, &answer, Now { wall, tick });
    }
}

impl WasmEngine {
    /// Does what is to be done: the log line once the login is over.
    #[inline(never)]
    fn act(&self, login: u32, step: Step) -> JsValue {
        self.line(login, step).map_or(JsValue::UNDEFINED, |line| JsValue::from_str(&line))
    }

    fn line(&self, login: u32, step: Step) -> Option<String> {
        for (login, id, effect) in step.effects {
            let host =
                self.running.borrow().iter().find(|(of, ..)| *of == login).map(|(.., host)| host.clone());
            if let Some(host) = host {
                perform(&host, id, effect);
            }
        }
        let mut verdict = step.verdict?;
        let at = self.running.borrow().iter().position(|(of, ..)| *of == login)?;
        let (_, api, host) = self.running.borrow_mut().swap_remove(at);
        let mut refused = false;
        let mut unwritten = Vec::new();
        for command in &verdict.commands {
            if verdict.vouched.carry_out(command, &mut unwritten, |command| apply(&api, command)) {
                continue;
            }
            refused = true;
            // Of claims and metadata the rest still counts. But a login that did not get its denial or its second
            // factor must not pass, and gets nothing else.
            if command.holds_back() {
                Self::keep_out(&api, &host, command, &mut verdict.log);
                break;
            }
        }
        if refused {
            warn_api(&mut verdict.log);
        }
        if verdict.again {
            throw_after(&host);
        }
        verdict.log.push_str(&verdict.ends);
        Some(verdict.log)
    }

    /// Denies a login whose second factor Auth0 refused. Where not even a denial is to be had, the shim throws.
    #[cold]
    #[inline(never)]
    fn keep_out(api: &JsValue, host: &Host, refused: &Command, log: &mut String) {
        let deny = Command::Deny(Trigger::PostLogin.apology(OUT_OF_ORDER), None);
        if refused.asks_for_second_factor() {
            denied_after_all(log);
        }
        if !refused.asks_for_second_factor() || !apply(api, &deny) {
            throw_after(host);
        }
    }
}

/// Has the shim throw once the line is logged.
#[cold]
#[inline(never)]
fn throw_after(host: &Host) {
    host_set(host.as_ref(), &"mustThrow".into(), &JsValue::TRUE);
}

#[inline(never)]
fn perform(host: &Host, id: EffectId, effect: Effect) {
    let nothing = JsValue::UNDEFINED;
    match effect {
        Effect::Wait(ms) => host.ask(id, ms, &nothing, &nothing, 0),
        Effect::Stay(system) => {
            host.ask(id, 0, &JsValue::NULL, &nothing, u32::try_from(system).unwrap_or_default());
        }
        Effect::Send(request) => {
            let mut body = request.body.as_ref().map_or(nothing, |body| body.value().0.clone());
            if let Some(refused) = &request.shared {
                body = Js::from_list(vec![Js(body), refused.value().clone()]).0;
            }
            let head = JsValue::from_str(&request.head());
            host.ask(id, request.timeout_ms, &head, &body, request.longest_ms);
        }
    }
}

/// `hostCommand` (js-shim/host.js) knows the commands by these numbers.
fn apply(api: &JsValue, command: &Command) -> bool {
    match command {
        Command::IdTokenClaim(name, value) => host_command(api, 0, &name.value().0, &value.0),
        Command::AccessTokenClaim(name, value) => host_command(api, 1, &name.value().0, &value.0),
        Command::AppMetadata(key, value) => host_command(api, 2, &key.value().0, &value.0),
        Command::Multifactor(provider, options) => host_command(api, 3, &provider.into(), &options.0),
        Command::Challenge(factor, options) => host_command(api, 4, &factor.0, &options.0),
        Command::Enroll(factor, options) => host_command(api, 5, &factor.0, &options.0),
        Command::Deny(first, second) => {
            let second = second.as_ref().map_or(JsValue::UNDEFINED, JsValue::from);
            host_command(api, 6, &first.into(), &second)
        }
        Command::UserMetadata(key, value) => host_command(api, 7, &key.value().0, &value.0),
        Command::SamlAttribute(name, value) => host_command(api, 8, &name.value().0, &value.0),
        Command::AddScope(scope) => host_command(api, 9, &scope.into(), &JsValue::UNDEFINED),
        Command::RemoveScope(scope) => host_command(api, 10, &scope.into(), &JsValue::UNDEFINED),
    }
}
