//! A login inside WebAssembly, end to end, against an `api` and a host made of plain objects.

use crate::{field, js, shim, text};
use js_sys::{Array, Function, JSON};
use login_sync::WasmEngine;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// An instance, and what it asks of Auth0 and of the shim.
pub struct Stage {
    engine: WasmEngine,
    api: JsValue,
    pub host: JsValue,
    logins: u32,
}

impl Stage {
    pub fn new(config: &str, secrets: &str) -> Self {
        shim();
        let api = js("(() => {
            const calls = [];
            const call = (name) => (...given) => {
              calls.push([name, ...given]);
              if (['throws', 'duo', 'otp', 'phone'].includes(given[0].type || given[0])) throw new Error('ada@example.com is refused');
              return {};
            };
            return {
              calls,
              idToken: { setCustomClaim: call('idToken') },
              accessToken: { setCustomClaim: call('accessToken') },
              access: { deny: call('deny') },
              user: { setAppMetadata: call('appMetadata') },
              multifactor: { enable: call('enable') },
              authentication: { challengeWith: call('challengeWith'), enrollWith: call('enrollWith') },
            };
          })()");
        let host = js("{
            asked: [],
            ask(id, ms, head, body) { this.asked.push(head ? ['send', id, ms, head, body] : ['wait', id, ms]); },
          }");
        WasmEngine::read(js(config));
        Self { engine: WasmEngine::new(js(config), js(secrets)), api, host, logins: 0 }
    }

    /// The same with what is read by now.
    fn unread(config: &str) -> Self {
        let other = Self::new("{}", "{}");
        Self { engine: WasmEngine::new(js(config), js("{}")), ..other }
    }

    pub fn start(&mut self, registration: bool, event: &JsValue) -> Option<String> {
        self.logins += 1;
        let (api, host) = (self.api.clone(), self.host.clone().unchecked_into());
        let wall = 1_793_491_200_000.0;
        self.engine
            .start(self.logins, usize::from(registration), event.clone(), api, host, wall, 0.0)
            .as_string()
    }

    fn answer(&self, id: u32, status: u16, body: &str) -> Option<String> {
        self.resume(self.logins, id, status, body, 10.0)
    }

    fn resume(&self, login: u32, id: u32, status: u16, body: &str, tick: f64) -> Option<String> {
        let wall = 1_793_491_200_000.0 + tick;
        self.engine
            .resume(login, id, status, body.into(), JsValue::UNDEFINED, JsValue::UNDEFINED, wall, tick)
            .as_string()
    }

    pub fn calls(&self) -> String {
        text(&field(&self.api, "calls"))
    }

    /// The number under which something was asked for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a `u32`")]
    fn id(&self, index: u32) -> u32 {
        self.asked(index).get(1).as_f64().unwrap() as u32
    }

    fn asked(&self, index: u32) -> Array {
        field(&self.host, "asked").unchecked_into::<Array>().get(index).unchecked_into()
    }
}

const EVENT: &str = "{
    user: { user_id: 'auth0|ada', email: 'ada@example.com', app_metadata: { old: { a: [1] } } },
    request: { ip: '192.0.2.7', body: { password: 'hunter2' }, query: {} },
    transaction: { id: 'tx_1' },
    secrets: { KEY: 'k3y' },
  }";

const CRM: &str = "{ syncs: [{ name: 'crm', onFailure: 'deny', retries: 1,
    request: { url: 'https://crm.example.com/u/{id}', params: { id: 'user.user_id' }, headers: { 'x-key': { secret: 'KEY' } },
      body: { email: 'user.email', all: '@' } },
    response: { idToken: { 'https://crm.example.com/': '@' }, appMetadata: { crm: 'deep' } } }],
  claims: { accessToken: { old: 'user.app_metadata.old' } },
  mfa: [{ when: 'user', provider: 'any', options: { allowRememberBrowser: false } }] }";

#[wasm_bindgen_test]
fn a_login_end_to_end() {
    let mut stage = Stage::new(CRM, "{ KEY: 'k3y' }");
    assert_eq!(text(&stage.engine.problems()), "[]");
    assert!(stage.engine.guards() & 1 != 0);
    let event = js(EVENT);
    let before = text(&event);

    assert_eq!(stage.start(false, &event), None);
    let asked = stage.asked(0);
    assert_eq!((asked.get(0), asked.get(2)), ("send".into(), 2000.into()));
    let [head, body] = [3, 4].map(|index| asked.get(index).as_string().unwrap_or_default());
    let head: Vec<&str> = head.split('\n').collect();
    assert_eq!(head[..4], ["POST", "crm.example.com", "443", "/u/auth0%7Cada"]);
    let header = |name: &str| head[4..].chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
    assert_eq!((header("x-key"), header("content-type")), (Some("k3y"), Some("application/json")));
    assert!(header("idempotency-key").is_some_and(|key| key.len() == 32));
    assert!(body.starts_with(r#"{"email":"ada@example.com","all":{"user":{"#), "{body}");
    assert!(!body.contains("k3y") && !body.contains("hunter2"), "{body}");

    let id = stage.id(0);
    assert_eq!(stage.answer(id, 503, "down"), None);
    assert_eq!(stage.asked(1).get(0), "wait");
    let wait = stage.id(1);
    assert_eq!(stage.answer(wait, 0, ""), None);
    assert_eq!(stage.calls(), "[]", "nothing before the login is decided");
    let id = stage.id(2);
    let line = stage.answer(id, 200, r#"{"id":7,"deep":{"x":[null,"é"]}}"#);
    assert_eq!(
        line.as_deref(),
        Some("login-sync trigger=post-login result=mfa ms=10 id=tx_1 crm=ok:200:10ms:2")
    );
    assert_eq!(
        stage.calls(),
        r#"[["enable","any",{"allowRememberBrowser":false}],["accessToken","old",{"a":[1]}],["idToken","https://crm.example.com/",{"id":7,"deep":{"x":[null,"é"]}}],["appMetadata","crm",{"x":[null,"é"]}]]"#
    );
    let claim = field(&stage.api, "calls").unchecked_into::<Array>().get(1).unchecked_into::<Array>().get(2);
    let old = field(&field(&field(&event, "user"), "app_metadata"), "old");
    assert!(js_sys::Object::is(&claim, &old), "a claim that is an object passes through as it is");
    assert_eq!(text(&event), before, "the event is read, never written");
    assert_eq!(stage.answer(id, 200, "{}"), None, "an answer that comes late");
}

#[wasm_bindgen_test]
fn a_denied_login() {
    let mut stage = Stage::new(CRM, "{ KEY: 'k3y' }");
    stage.start(false, &js(EVENT));
    assert!(stage.answer(stage.id(0), 409, "").is_some());
    assert_eq!(stage.calls(), r#"[["deny","We could not complete your login (crm: conflict)."]]"#);
}

#[wasm_bindgen_test]
fn a_registration_touches_nothing() {
    let mut stage = Stage::new(
        "{ syncs: [{ name: 'a', on: ['post-user-registration'], request: { url: 'https://a.example.com/' } }] }",
        "{}",
    );
    stage.api = js("{ cache: {} }");
    stage.start(true, &js("{ user: { user_id: 'x' } }"));
    let line = stage.answer(stage.id(0), 204, "");
    assert_eq!(
        line.as_deref(),
        Some("login-sync trigger=post-user-registration result=done ms=10 a=ok:204:10ms:1")
    );
}

#[wasm_bindgen_test]
fn a_wrong_config() {
    let mut stage = Stage::new("{ syncs: [{ name: 'a', request: { url: 'http://a' }, when: 'a.' }] }", "{}");
    assert_eq!(
        text(&stage.engine.problems()),
        r#"[{"path":"config.syncs[0].when","message":"column 3: expected a field, a function, `*`, `[` or `{`","caret":"a.\n  ^"},{"path":"config.syncs[0].request.url","message":"must start with https://","caret":null}]"#
    );
    assert!(stage.engine.guards() & 1 != 0);
    let line = stage.start(false, &js(EVENT)).unwrap_or_default();
    assert!(line.contains(" result=refused ") && line.ends_with("(and 1 more)\""), "{line}");
    assert!(stage.calls().starts_with(r#"[["deny""#));
    let strange = r#"JSON.parse('{ "syncs": [], "claims": {}, "__proto__": { "syncs": [] } }')"#;
    for nothing in ["undefined", "null", "[]", "() => 1", "7", strange] {
        assert!(stage_problems(nothing) > 0, "{nothing}");
    }
}

fn stage_problems(config: &str) -> u32 {
    Stage::new(config, "{}").engine.problems().unchecked_into::<Array>().length()
}

/// What was read ahead is for one engine, and for the config that it was read of.
#[wasm_bindgen_test]
fn a_config_read_ahead() {
    let claims = |value: &str| format!("{{ claims: {{ idToken: {{ a: \"'{value}'\" }} }} }}");
    for (ahead, then) in [("x", "x"), ("x", "y"), ("x", "x")] {
        WasmEngine::read(js(&claims(ahead)));
        for _ in 0..2 {
            let mut stage = Stage::new(&claims(then), "{}");
            stage.start(false, &js(EVENT)).unwrap_or_default();
            assert_eq!(stage.calls(), format!("[[\"idToken\",\"a\",\"{then}\"]]"));
        }
    }
    WasmEngine::read(js(CRM));
    assert!(Stage::new(CRM, "{}").start(false, &js(EVENT)).unwrap_or_default().contains("`KEY` is not set"));
    for wrong in ["{ syncs: 7 }", "7", "undefined"] {
        WasmEngine::read(js(wrong));
        assert!(stage_problems(wrong) > 0, "{wrong}");
    }
}

/// Where nothing can be read, a config that was not read before is refused.
#[wasm_bindgen_test]
fn a_config_that_is_sealed() {
    let config = "{ claims: { idToken: { a: \"'x'\" } } }";
    for (then, known) in [(config, true), ("{ claims: { idToken: { a: \"'y'\" } } }", false), ("7", false)] {
        let mut stage = Stage::unread("{}");
        WasmEngine::read(js(config));
        WasmEngine::read_sealed(js(then));
        stage.engine = WasmEngine::new(js(then), js("{}"));
        let line = stage.start(false, &js(EVENT)).unwrap_or_default();
        assert_eq!(
            line.contains(" result=refused problem=\"config: was edited in a sealed file: "),
            !known,
            "{line}"
        );
        assert!(stage.calls().starts_with(if known { "[[\"idToken\"" } else { "[[\"deny\"" }));
    }
}

/// An engine that was made of nothing lets no one in.
#[wasm_bindgen_test]
fn no_config_at_all() {
    let mut stage = Stage::unread("{}");
    let line = stage.start(false, &js(EVENT)).unwrap_or_default();
    assert!(line.contains(" result=refused "), "{line}");
    assert!((stage.engine.guards() & 1 != 0) && stage.calls().starts_with("[[\"deny\""));
}

/// Auth0 throws: the rest is done all the same, and its text goes nowhere.
#[wasm_bindgen_test]
fn an_api_that_throws() {
    let claims = "claims: { idToken: { throws: \"'x'\", b: \"'y'\" } }";
    for (log, end) in [("logfmt", " warn=api"), ("json", ",\"warn\":\"api\"}")] {
        let mut stage = Stage::new(&format!("{{ {claims}, log: '{log}' }}"), "{}");
        let line = stage.start(false, &js(EVENT)).unwrap_or_default();
        assert_eq!(stage.calls(), r#"[["idToken","throws","x"],["idToken","b","y"]]"#);
        assert!(line.ends_with(end) && !line.contains("ada"), "{line}");
        assert!(log == "logfmt" || JSON::parse(&line).is_ok(), "{line}");
    }
}

/// What there is to look at is in one place of the line: of two fields of a name a parser keeps the last.
#[wasm_bindgen_test]
fn an_api_that_throws_next_to_another_note() {
    let claims = "claims: { idToken: { throws: \"'x'\", b: 'abs(user.user_id)' } }";
    for (log, end) in
        [("logfmt", " warn=api,claims-expression"), ("json", ",\"warn\":\"api,claims-expression\"}")]
    {
        let mut stage = Stage::new(&format!("{{ {claims}, log: '{log}' }}"), "{}");
        let line = stage.start(false, &js(EVENT)).unwrap_or_default();
        assert!(line.ends_with(end) && line.matches("warn").count() == 1, "{line}");
    }
}

/// A login whose second factor Auth0 refuses is denied, gets nothing else, and says so.
#[wasm_bindgen_test]
fn a_second_factor_that_throws() {
    let event = js(&EVENT.replace("user: {", "user: { enrolledFactors: [{ type: 'otp' }],"));
    let denied = r#"["deny","We could not complete your login (login-sync is out of order)."]]"#;
    let rules = [
        "provider: 'duo'",
        "challengeWith: ['otp']",
        "challengeWith: ['email'], enrollWith: ['phone', 'email']",
    ];
    for (log, said) in [("logfmt", " result=denied ms=0 id=tx_1 warn=api"), ("json", r#""result":"denied","#)]
    {
        for rule in rules {
            let claims = "claims: { idToken: { a: \"'x'\" }, accessToken: { b: 'user.email' } }";
            let config = format!("{{ {claims}, mfa: [{{ when: 'user', {rule} }}], log: '{log}' }}");
            let mut stage = Stage::new(&config, "{}");
            let line = stage.start(false, &event).unwrap_or_default();
            let calls = stage.calls();
            assert!(calls.ends_with(denied) && calls.matches("],[").count() == 1, "{calls}");
            assert!(line.contains(said) && !line.contains("mfa"), "{line}");
            assert!(!field(&stage.host, "mustThrow").is_truthy());
        }
    }
    // Where `none` is refused the login has more to answer, not less.
    let mut stage = Stage::new(
        "{ claims: { idToken: { a: \"'x'\" } }, mfa: [{ when: 'user', provider: 'none' }] }",
        "{}",
    );
    js_sys::eval("((api) => { api.multifactor = undefined; })")
        .unwrap()
        .unchecked_into::<Function>()
        .call1(&JsValue::NULL, &stage.api)
        .unwrap();
    assert!(
        stage.start(false, &event).unwrap_or_default().ends_with(" result=allowed ms=0 id=tx_1 warn=api")
    );
    assert_eq!(stage.calls(), r#"[["idToken","a","x"]]"#);
}

/// Where not even a denial is to be had the shim is told to throw, and nothing is set.
#[wasm_bindgen_test]
fn a_denial_that_throws() {
    let claims = "claims: { idToken: { a: \"'x'\" } }";
    let rules = [
        ("deny: [{ when: 'user', reason: 'throws' }]", true),
        ("deny: [{ when: '`false`', reason: 'throws' }]", false),
        ("mfa: [{ when: 'user', provider: 'any' }]", true),
        ("mfa: [{ when: '`false`', provider: 'any' }]", false),
        ("mda: []", true),
    ];
    for (rule, closed) in rules {
        for api in ["{}", "null", "undefined", "7", "{ access: null }", "{ access: { deny: 'no function' } }"]
        {
            let mut stage = Stage::new(&format!("{{ {claims}, {rule} }}"), "{}");
            stage.api = js(api);
            let line = stage.start(false, &js(EVENT)).unwrap_or_default();
            assert!(line.contains(" warn=api") && (!closed || !line.contains("result=mfa")), "{line}");
            assert_eq!(field(&stage.host, "mustThrow").is_truthy(), closed, "{rule} {api}");
        }
        let mut stage = Stage::new(&format!("{{ {claims}, {rule} }}"), "{}");
        assert!(stage.start(false, &js(EVENT)).is_some());
        assert_eq!(field(&stage.host, "mustThrow").is_truthy(), rule.starts_with("deny") && closed, "{rule}");
    }
}

#[wasm_bindgen_test]
fn two_logins_in_one_instance_share_a_call() {
    let config = "{ syncs: [{ name: 'a', reuse: true, request: { url: 'https://a.example.com/' },
        response: { token: 't', idToken: { t: 't' } } }] }";
    let mut stage = Stage::new(config, "{}");
    stage.start(false, &js(EVENT));
    stage.start(false, &js(EVENT));
    let leader = stage.id(0);
    assert_eq!((stage.asked(0).get(0), stage.asked(1).get(0)), ("send".into(), "wait".into()));
    let exp_2030 = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE4OTM0NTYwMDB9.c2ln";
    let body = format!("{{\"t\":\"{exp_2030}\"}}");
    let first = stage.resume(1, leader, 200, &body, 5.0);
    assert!(first.unwrap().contains("a=ok:200"));
    // The first one's end wakes the second: its wait is asked for again, with nothing left of it.
    let woken = stage.asked(2);
    assert_eq!((woken.get(0), woken.get(1), woken.get(2)), ("wait".into(), stage.asked(1).get(1), 0.into()));
    let second = stage.resume(2, 0, 0, "", 5.0);
    assert!(second.unwrap().contains("a=reused"));
    assert_eq!(field(&field(&stage.api, "calls"), "length"), 2);
}
