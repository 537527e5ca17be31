//! The JavaScript boundary, all of it: the one file that names wasm-bindgen and js-sys.
//!
//! [`Js`] is the seam over a value of the host; [`Engine`](WasmEngine) is the engine as the shim drives it; commands go
//! to Auth0's `api` through the shim, which may throw there; and getrandom is filled from the shim. Exports take `&self`:
//! after a trap a `&mut self` would stay locked. Every call is synchronous, so a panic is a plain exception in the
//! caller's own `try`.

use crate::claims::Command;
use crate::config::{Draft, documents};
use crate::document::joined;
use crate::engine::{Engine, OUT_OF_ORDER, Step};
use crate::log::{denied_after_all, warn_api};
use crate::scope::Trigger;
use crate::step::{Answer, Ask, AskId, Now};
use crate::text::Text;
use crate::value::{Kind, Value};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use std::cell::RefCell;
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

/// Helpers of the shim (`js-shim/host.js`). One call of ours where js-sys would need four; and few shapes of them, since
/// V8 compiles a wrapper for each combination of parameters and result before the first login can begin.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = hostKind)]
    fn host_kind(value: &JsValue) -> u8;
    #[wasm_bindgen(js_name = hostTruth)]
    fn host_truth(value: &JsValue) -> usize;
    #[wasm_bindgen(js_name = hostField)]
    fn host_field(value: &JsValue, key: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSet)]
    fn host_set(object: &JsValue, key: &JsValue, value: &JsValue);
    #[wasm_bindgen(js_name = hostSetHidden)]
    fn host_set_hidden(object: &JsValue, key: &JsValue, value: &JsValue);
    #[wasm_bindgen(js_name = hostSetPresent)]
    fn host_set_present(object: &JsValue, key: &JsValue, value: &JsValue);
    #[wasm_bindgen(js_name = hostOthers)]
    fn host_others(value: &JsValue, keys: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostWithout)]
    fn host_without(value: &JsValue, keys: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostOpened)]
    fn host_opened(event: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSecret)]
    fn host_secret(secrets: &JsValue, name: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostNames)]
    fn host_names(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostValues)]
    fn host_values(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSame)]
    fn host_same(one: &JsValue, other: &JsValue, most: usize) -> i32;
    #[wasm_bindgen(js_name = hostWeight)]
    fn host_weight(value: &JsValue, most: usize) -> i32;
    #[wasm_bindgen(js_name = hostWritable)]
    fn host_writable(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostRandom)]
    fn host_random(to: &mut [u8]);
    #[wasm_bindgen(js_name = hostStringify)]
    fn host_stringify(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSize)]
    fn host_size(value: &JsValue) -> usize;
    #[wasm_bindgen(js_name = hostParse)]
    fn host_parse(text: &JsValue, levels: u32) -> JsValue;
    #[wasm_bindgen(js_name = hostUncheckedClaims)]
    fn host_unchecked_claims(token: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSha256)]
    fn host_sha256(text: &JsValue, key: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostDate)]
    fn host_date(text: &JsValue) -> JsValue;
    /// Carries out a command on Auth0's `api`; false when Auth0 refuses it.
    #[wasm_bindgen(js_name = hostCommand)]
    fn host_command(api: &JsValue, command: i32, first: &JsValue, second: &JsValue) -> bool;
}

/// A value of the host behind the seam.
#[derive(Clone, Debug)]
pub struct Js(pub JsValue);

impl Default for Js {
    fn default() -> Self {
        Self(JsValue::NULL)
    }
}

impl Js {
    fn array(&self) -> Option<&js_sys::Array> {
        (self.kind() == Kind::List).then(|| self.0.unchecked_ref())
    }
}

impl Value for Js {
    fn from_bool(b: bool) -> Self {
        Self(JsValue::from_bool(b))
    }

    fn from_f64(n: f64) -> Self {
        Self(JsValue::from_f64(n))
    }

    fn from_text(s: &str) -> Self {
        Self(JsValue::from_str(s))
    }

    fn from_list(items: Vec<Self>) -> Self {
        let list = js_sys::Array::new();
        for item in &items {
            list.push(&item.0);
        }
        Self(list.into())
    }

    fn from_object(entries: Vec<(&str, Self)>) -> Self {
        let object = js_sys::Object::new();
        for (key, value) in &entries {
            host_set(&object, &JsValue::from_str(key), &value.0);
        }
        Self(object.into())
    }

    fn from_fields(fields: Vec<(&Text, Self)>) -> Self {
        let object = js_sys::Object::new();
        for (name, value) in &fields {
            host_set(&object, &name.value().0, &value.0);
        }
        Self(object.into())
    }

    fn from_present(fields: Vec<(&Text, Self)>) -> Self {
        let object = js_sys::Object::new();
        for (name, value) in &fields {
            host_set_present(&object, &name.value().0, &value.0);
        }
        Self(object.into())
    }

    fn kind(&self) -> Kind {
        match host_kind(&self.0) {
            1 => Kind::Bool,
            2 => Kind::Number,
            3 => Kind::Text,
            4 => Kind::List,
            5 => Kind::Object,
            _ => Kind::Null,
        }
    }

    fn get(&self, key: &str) -> Self {
        Self(host_field(&self.0, &JsValue::from_str(key)))
    }

    fn field(&self, name: &Text) -> Self {
        Self(host_field(&self.0, &name.value().0))
    }

    fn with(self, key: &str, value: Self) -> Self {
        host_set(&self.0, &JsValue::from_str(key), &value.0);
        self
    }

    fn with_hidden(self, key: &str, value: Self) -> Self {
        host_set_hidden(&self.0, &JsValue::from_str(key), &value.0);
        self
    }

    fn without(&self, keys: &[&str]) -> Self {
        Self(host_without(&self.0, &joined(keys, " ").into()))
    }

    fn opened(&self) -> Self {
        Self(host_opened(&self.0))
    }

    fn secret(&self, name: &Text) -> Self {
        Self(host_secret(&self.0, &name.value().0))
    }

    fn names(&self) -> Self {
        Self(host_names(&self.0))
    }

    fn values(&self) -> Self {
        Self(host_values(&self.0))
    }

    fn truth(&self) -> usize {
        host_truth(&self.0)
    }

    fn same(&self, other: &Self, most: usize) -> (bool, usize) {
        let work = host_same(&self.0, &other.0, most);
        let equal = work >= 0;
        (equal, (if equal { work } else { !work }).unsigned_abs() as usize)
    }

    fn weight(&self, most: usize) -> Option<usize> {
        usize::try_from(host_weight(&self.0, most)).ok()
    }

    fn writable(self) -> Option<Self> {
        let value = host_writable(&self.0);
        (!value.is_undefined()).then_some(Self(value))
    }

    fn at(&self, index: usize) -> Self {
        match (self.array(), u32::try_from(index)) {
            (Some(list), Ok(index)) => Self(list.get(index)),
            _ => Self::default(),
        }
    }

    fn len(&self) -> usize {
        self.array().map_or(0, |list| list.length() as usize)
    }

    fn items(&self) -> Vec<Self> {
        let mut items = Vec::new();
        if let Some(list) = self.array() {
            for index in 0..list.length() {
                items.push(Self(list.get(index)));
            }
        }
        items
    }

    fn keys(&self) -> Vec<String> {
        self.others(&[])
    }

    fn others(&self, keys: &[&str]) -> Vec<String> {
        let others = Js(host_others(&self.0, &joined(keys, " ").into()));
        others.items().iter().filter_map(Value::as_text).collect()
    }

    fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn stringify(&self) -> Self {
        Self(host_stringify(&self.0))
    }

    fn size(&self) -> usize {
        host_size(&self.0)
    }

    fn parse_within(&self, levels: u32) -> Option<Self> {
        let value = host_parse(&self.0, levels);
        (!value.is_undefined()).then_some(Self(value))
    }

    fn unchecked_claims(&self) -> Option<Self> {
        let claims = host_unchecked_claims(&self.0);
        (!claims.is_undefined()).then_some(Self(claims))
    }

    fn sha256(&self, key: Option<&Self>) -> [u8; 32] {
        let text = host_sha256(&self.0, key.map_or(&JsValue::UNDEFINED, |key| &key.0)).as_string();
        let mut bytes = [0; 32];
        for (byte, c) in bytes.iter_mut().zip(text.unwrap_or_default().chars()) {
            *byte = u8::try_from(c).unwrap_or_default();
        }
        bytes
    }

    fn parse_date(text: &str) -> Option<f64> {
        host_date(&JsValue::from_str(text)).as_f64()
    }
}

thread_local! {
    /// A config that has been read ahead, and its JSON.
    static AHEAD: RefCell<Option<(String, Draft)>> = const { RefCell::new(None) };
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
    /// Reads the config; with the Action's secrets, those it needs must be set.
    #[wasm_bindgen(constructor)]
    pub fn new(config: JsValue, secrets: JsValue) -> Self {
        console_error_panic_hook::set_once();
        let secrets = Js(secrets);
        let secrets = (secrets.kind() == Kind::Object).then_some(&secrets);
        let draft = match AHEAD.take() {
            Some((json, draft)) if host_stringify(&config) == JsValue::from_str(&json) => draft,
            _ => Draft::read(&Js(config.clone())),
        };
        let engine = Engine::with(draft, secrets, |to| getrandom::fill(to).is_ok());
        Self { engine, config, running: RefCell::default() }
    }

    /// Reads a config for the next engine that is made with the same. What is read holds no value of the host, so the
    /// memory may be kept and given to another instance, which then need not read: `tools/paste/ahead.mjs` does so.
    #[wasm_bindgen(js_name = readAhead)]
    pub fn read_ahead(config: JsValue) {
        // What was read before makes room first.
        AHEAD.take();
        let config = Js(config);
        AHEAD.set(Some((config.to_json(), Draft::read(&config))));
    }

    /// What is wrong with the config: `[{path, message, caret}]`.
    pub fn problems(&self) -> JsValue {
        self.engine.problems().serialize(&Serializer::json_compatible()).unwrap_or_default()
    }

    /// The entries of a config without problems as they stand, laid over their presets: documents of the config's own
    /// schema.
    pub fn syncs(&self) -> JsValue {
        Js::from_list(documents(&Js(self.config.clone()))).0
    }

    /// Whether a login must be denied when the engine itself breaks down.
    pub fn guards(&self) -> bool {
        self.engine.guards()
    }

    /// Begins an execution: its log line once it is over, until then nothing.
    #[expect(clippy::too_many_arguments, reason = "a call across the boundary is cheaper than an object")]
    pub fn start(
        &self,
        login: u32,
        registration: bool,
        event: JsValue,
        api: JsValue,
        host: Host,
        wall: f64,
        tick: f64,
    ) -> JsValue {
        let trigger = if registration { Trigger::PostUserRegistration } else { Trigger::PostLogin };
        self.running.borrow_mut().push((login, api, host));
        let step = self.engine.start(login, trigger, &Js(event), Now { wall, tick });
        self.act(login, step).map_or(JsValue::UNDEFINED, |line| JsValue::from_str(&line))
    }

    /// Brings what was asked for.
    #[expect(clippy::too_many_arguments, reason = "a call across the boundary is cheaper than an object")]
    pub fn resume(
        &self,
        login: u32,
        id: AskId,
        status: u16,
        body: JsValue,
        retry_after: Option<String>,
        error: Option<String>,
        wall: f64,
        tick: f64,
    ) -> JsValue {
        let answer = Answer { status, body: Js(body), retry_after, error };
        let step = self.engine.resume(login, id, answer, Now { wall, tick });
        self.act(login, step).map_or(JsValue::UNDEFINED, |line| JsValue::from_str(&line))
    }

    /// What came of the try that stayed on a system's line, though nothing. It belongs to no login any more.
    pub fn overhear(
        &self,
        system: u32,
        status: u16,
        body: JsValue,
        error: Option<String>,
        wall: f64,
        tick: f64,
    ) {
        let answer = Answer { status, body: Js(body), retry_after: None, error };
        self.engine.overhear(system as usize, &answer, Now { wall, tick });
    }
}

impl WasmEngine {
    #[inline(never)]
    fn act(&self, login: u32, step: Step) -> Option<String> {
        for (login, id, ask) in step.asks {
            let host =
                self.running.borrow().iter().find(|(of, ..)| *of == login).map(|(.., host)| host.clone());
            if let Some(host) = host {
                perform(&host, id, ask);
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
        Some(verdict.log)
    }

    /// Denies a login whose second factor Auth0 refused. Where not even a denial is to be had, the shim throws.
    #[cold]
    #[inline(never)]
    fn keep_out(api: &JsValue, host: &Host, refused: &Command, log: &mut String) {
        let deny = Command::Deny(OUT_OF_ORDER.to_string());
        if refused.asks_for_second_factor() {
            denied_after_all(log);
        }
        if !refused.asks_for_second_factor() || !apply(api, &deny) {
            host_set(host.as_ref(), &"mustThrow".into(), &JsValue::TRUE);
        }
    }
}

#[inline(never)]
fn perform(host: &Host, id: AskId, ask: Ask) {
    let nothing = JsValue::UNDEFINED;
    match ask {
        Ask::Wait(ms) => host.ask(id, ms, &nothing, &nothing, 0),
        Ask::Stay(system) => {
            host.ask(id, 0, &JsValue::NULL, &nothing, u32::try_from(system).unwrap_or_default());
        }
        Ask::Send(request) => {
            let body = request.body.as_ref().map_or(&nothing, |body| &body.value().0);
            let head = JsValue::from_str(&request.head());
            host.ask(id, request.timeout_ms, &head, body, request.longest_ms);
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
        Command::Deny(reason) => host_command(api, 6, &reason.into(), &JsValue::UNDEFINED),
    }
}

/// getrandom's source: the shim's pool of bytes from `node:crypto`.
///
/// # Safety
/// getrandom calls this with a buffer of `len` bytes that it owns.
#[unsafe(no_mangle)]
#[expect(clippy::unnecessary_wraps, reason = "getrandom says what it returns")]
unsafe extern "Rust" fn __getrandom_v03_custom(to: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    // SAFETY: see above; the bytes are written before a reference to them is made.
    let to = unsafe {
        std::ptr::write_bytes(to, 0, len);
        std::slice::from_raw_parts_mut(to, len)
    };
    host_random(to);
    Ok(())
}

/// Smaller than the default one (2,500 bytes of the paste), and as fast.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
