//! What the native tests share: a stage on which logins are played against scripted systems, on a clock of its own.
//!
//! A script answers each request as it is sent; the stage brings the answers, timeouts and ended waits back to the
//! engine in the order of its clock, until every login has its verdict. What must hold for any login whatever
//! (budget, log line, headers, no command after a deny) is checked here, so each test that plays one checks it too.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod config;
pub mod form;
pub mod functions;
pub mod oracle;
pub mod seam;

use base64ct::{Base64UrlUnpadded, Encoding};
use login_sync::{
    Answer, Command, Effect, EffectId, Engine, Native, Now, Request, Step, TIMEOUT, Trigger, Verdict,
};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::collections::HashMap;

pub use login_sync::Trigger::{
    CredentialsExchange, EventStream, PostChangePassword, PostLogin, PostUserRegistration,
    PreUserRegistration,
};

/// The wall clock at tick 0, in milliseconds since 1970: 2026-11-01T00:00:00Z.
pub const START: f64 = 1_793_491_200_000.0;

/// A request as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub login: u32,
    /// The tick.
    pub at: f64,
    pub request: Request,
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub fn url(&self) -> String {
        let url = &self.request.url;
        let port = if url.port == 443 { String::new() } else { format!(":{}", url.port) };
        format!("https://{}{port}{}", url.host, url.path)
    }

    pub fn body(&self) -> Json {
        serde_json::from_str(self.request.body.as_deref().unwrap()).unwrap()
    }
}

/// How a system answers: at once unless it says otherwise.
#[derive(Clone)]
pub struct Reply {
    ms: f64,
    answer: Answer,
}

pub fn status(status: u16) -> Reply {
    text(status, "")
}

pub fn text(status: u16, body: &str) -> Reply {
    Reply { ms: 0.0, answer: Answer { status, body: Native(body.into()), ..Answer::default() } }
}

pub fn ok(body: Json) -> Reply {
    text(200, &body.to_string())
}

/// No answer, with the host's code.
pub fn error(code: &str) -> Reply {
    Reply { ms: 0.0, answer: Answer { error: Some(code.to_string()), ..Answer::default() } }
}

/// An answer whose body cannot be read, and the host's word for it.
pub fn unreadable(code: u16, word: &str) -> Reply {
    let mut reply = status(code);
    reply.answer = Answer { body: Native::default(), error: Some(word.to_string()), ..reply.answer };
    reply
}

/// No answer at all: the try ends by its timeout.
pub fn silence() -> Reply {
    error("never seen").after(f64::INFINITY)
}

impl Reply {
    pub fn after(mut self, ms: f64) -> Self {
        self.ms = ms;
        self
    }

    pub fn ms(&self) -> f64 {
        self.ms
    }

    pub fn retry_after(mut self, text: &str) -> Self {
        self.answer.retry_after = Some(text.to_string());
        self
    }
}

/// How a login ended.
#[derive(Debug)]
pub struct End {
    /// Each command as a list: `["idToken", name, value]`, `["deny", reason]`, …
    pub commands: Json,
    pub log: String,
    /// What is counted of its systems.
    pub counted: String,
    pub sent: Vec<Sent>,
    /// How long it took.
    pub ms: f64,
    /// Whether the Action throws.
    pub again: bool,
}

impl End {
    /// What the log says of a system or under another key.
    pub fn logged(&self, key: &str) -> &str {
        let start = format!("{key}=");
        self.log.split(' ').find_map(|field| field.strip_prefix(&start)).unwrap_or("")
    }

    /// The outcome of a system, as the log names it.
    pub fn outcome(&self, system: &str) -> &str {
        self.logged(system).split(':').next().unwrap_or("")
    }

    /// The outcome and, if there is one, what is known of it; without times and counts.
    pub fn why(&self, system: &str) -> String {
        let parts = self.logged(system).split(':').take_while(|part| !part.ends_with("ms"));
        parts.collect::<Vec<_>>().join(":")
    }

    /// When each request was sent, from the start of the stage.
    pub fn sent_at(&self) -> Vec<f64> {
        self.sent.iter().map(|sent| sent.at).collect()
    }
}

/// One instance of the Action, and its clock.
pub struct Stage {
    pub engine: Engine,
    /// What the event has for secrets.
    pub secrets: Json,
    /// The tick; the wall clock goes with it.
    pub tick: f64,
    /// How far the wall clock is off.
    pub skew: f64,
    /// Claims and keys of metadata that Auth0 refuses.
    pub refused: Vec<&'static str>,
    budget: f64,
    logins: u32,
    /// The batches of metrics that were sent.
    pub batches: Vec<Sent>,
    /// What is on a line: until when, of which system, what will come of it.
    lines: Vec<(f64, usize, Answer)>,
}

enum Happening {
    Start(usize),
    Answer(u32, EffectId, Answer),
}

impl Stage {
    /// An instance with this config and these secrets. The config must be good.
    pub fn new(config: Json, secrets: Json) -> Self {
        let budget = config["budgetMs"].as_f64().unwrap_or(8_000.0);
        let stage = Self::any(config, secrets, budget);
        assert_eq!(stage.engine.problems(), [], "the config of the test is refused");
        stage
    }

    /// An instance with whatever config.
    pub fn any(config: Json, secrets: Json, budget: f64) -> Self {
        RANDOM.with_borrow_mut(|random| random.seed(7));
        let engine = Engine::new(&Native(config), Some(&Native(secrets.clone())), entropy);
        let (refused, batches, lines) = (Vec::new(), Vec::new(), Vec::new());
        Self { engine, secrets, tick: 0.0, skew: 0.0, refused, budget, logins: 0, batches, lines }
    }

    /// Time goes by between logins.
    pub fn pass(&mut self, ms: f64) {
        self.reach(self.tick + ms);
    }

    /// How many requests that no login waits for are under way.
    pub fn on_the_line(&self) -> usize {
        self.lines.len()
    }

    /// It is so late now; what comes of those on a line by then, has come.
    fn reach(&mut self, tick: f64) {
        while let Some(next) = (0..self.lines.len())
            .filter(|line| self.lines[*line].0 <= tick)
            .min_by(|a, b| self.lines[*a].0.total_cmp(&self.lines[*b].0))
        {
            let (at, system, answer) = self.lines.remove(next);
            self.tick = self.tick.max(at);
            self.engine.overhear(system, &answer, Now { wall: self.wall(), tick: self.tick });
        }
        self.tick = tick;
    }

    pub fn wall(&self) -> f64 {
        START + self.tick + self.skew
    }

    /// One login against one system that gives these replies, in this order.
    pub fn login(&mut self, event: &Json, replies: &[Reply]) -> End {
        let mut left = replies.iter().cloned();
        let end = self.play(event, |sent| left.next().unwrap_or_else(|| panic!("unexpected: {sent:?}")));
        assert_eq!(left.count(), 0, "replies that no one asked for; {}", end.log);
        end
    }

    /// One login against a script.
    pub fn play(&mut self, event: &Json, script: impl FnMut(&Sent) -> Reply) -> End {
        self.together(&[(0.0, PostLogin, event.clone())], script).pop().unwrap()
    }

    /// One registration against a script.
    pub fn register(&mut self, event: &Json, script: impl FnMut(&Sent) -> Reply) -> End {
        self.together(&[(0.0, PostUserRegistration, event.clone())], script).pop().unwrap()
    }

    /// One execution of any flow against a script.
    pub fn run(&mut self, trigger: Trigger, event: &Json, script: impl FnMut(&Sent) -> Reply) -> End {
        self.together(&[(0.0, trigger, event.clone())], script).pop().unwrap()
    }

    /// Several executions, each beginning so many milliseconds from now, interleaved in one instance.
    pub fn together(
        &mut self,
        starts: &[(f64, Trigger, Json)],
        mut script: impl FnMut(&Sent) -> Reply,
    ) -> Vec<End> {
        let begun = self.tick;
        let mut happenings: Vec<(f64, Happening)> = Vec::new();
        happenings.extend(starts.iter().enumerate().map(|(i, start)| (begun + start.0, Happening::Start(i))));
        let mut ends: Vec<Option<End>> = starts.iter().map(|_| None).collect();
        let mut sent: Vec<Sent> = Vec::new();
        // Until when each request is under way, and what comes of it then.
        let mut wire: HashMap<(u32, EffectId), (f64, Answer)> = HashMap::new();
        let first = self.logins;
        self.logins += u32::try_from(starts.len()).unwrap();
        while let Some(next) = earliest(&happenings) {
            let (tick, happening) = happenings.remove(next);
            assert!(tick.is_finite(), "a login waits for ever");
            self.reach(tick);
            let now = Now { wall: self.wall(), tick };
            let (index, step) = match happening {
                Happening::Start(index) => {
                    let (_, trigger, event) = &starts[index];
                    let mut event = event.clone();
                    event["secrets"] = self.secrets.clone();
                    let login = first + u32::try_from(index).unwrap();
                    (index, self.engine.start(login, *trigger, &Native(event), now))
                }
                Happening::Answer(login, id, answer) => {
                    ((login - first) as usize, self.engine.resume(login, id, answer, now))
                }
            };
            let Step { effects, verdict } = step;
            for (login, id, effect) in effects {
                let (at, answer) = match effect {
                    Effect::Stay(system) => {
                        assert!(self.lines.iter().all(|line| line.1 != system), "two are on a line");
                        let (until, answer) = wire.remove(&(login, id)).expect("a request stays");
                        self.lines.push((until, system, answer));
                        continue;
                    }
                    Effect::Wait(ms) => (tick + f64::from(ms), Answer::default()),
                    // No login waits for metrics, and nothing comes back.
                    Effect::Send(request) if request.timeout_ms == 0 => {
                        self.batches.push(Sent { login, at: tick, request });
                        continue;
                    }
                    Effect::Send(request) => {
                        let timeout = f64::from(request.timeout_ms);
                        let longest = f64::from(request.longest_ms);
                        let one = Sent { login, at: tick, request };
                        check_request(&one);
                        let reply = script(&one);
                        sent.push(one);
                        let never = Answer { error: Some(TIMEOUT.to_string()), ..Answer::default() };
                        let comes = if reply.ms < longest { reply.answer.clone() } else { never.clone() };
                        wire.insert((login, id), (tick + reply.ms.min(longest), comes));
                        if reply.ms >= timeout {
                            (tick + timeout, never)
                        } else {
                            (tick + reply.ms, reply.answer)
                        }
                    }
                };
                // Asked again under the same number, the new time counts.
                let same = |known: &(f64, Happening)| matches!(known.1, Happening::Answer(l, i, _) if l == login && i == id);
                match happenings.iter_mut().find(|known| same(known)) {
                    Some(known) => known.0 = known.0.min(at),
                    None => happenings.push((at, Happening::Answer(login, id, answer))),
                }
            }
            if let Some(verdict) = verdict {
                let login = first + u32::try_from(index).unwrap();
                happenings.retain(|(_, known)| !matches!(known, Happening::Answer(l, ..) if *l == login));
                let end = End {
                    commands: self.carry_out(&verdict),
                    again: verdict.again,
                    log: verdict.log,
                    counted: verdict.ends,
                    sent: sent.iter().filter(|one| one.login == login).cloned().collect(),
                    ms: tick - begun - starts[index].0,
                };
                check_end(starts[index].1, &end, self.budget);
                ends[index] = Some(end);
            }
        }
        assert_eq!(self.engine.load().0, 0, "a login is left behind");
        ends.into_iter().map(Option::unwrap).collect()
    }
}

impl Stage {
    /// What Auth0 takes of a verdict's commands.
    fn carry_out(&self, verdict: &Verdict) -> Json {
        let (done, mut unwritten) = (RefCell::new(Vec::new()), Vec::new());
        for command in &verdict.commands {
            verdict.vouched.carry_out(command, &mut unwritten, |command| {
                let command = readable(command);
                let takes = !self.refused.iter().any(|name| command[1] == *name);
                done.borrow_mut().extend(takes.then_some(command));
                takes
            });
        }
        Json::Array(done.into_inner())
    }
}

/// The next thing to happen; of several at one time the one that was asked for first.
fn earliest(happenings: &[(f64, Happening)]) -> Option<usize> {
    (0..happenings.len()).min_by(|a, b| happenings[*a].0.total_cmp(&happenings[*b].0))
}

fn check_request(sent: &Sent) {
    let request = &sent.request;
    let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "a header is sent twice: {names:?}");
    for (name, value) in &request.headers {
        assert_eq!(**name, name.to_ascii_lowercase());
        assert!(
            value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)),
            "{name} holds what no header may"
        );
    }
    assert!(request.url.path.starts_with('/') && request.url.path.bytes().all(|b| b.is_ascii_graphic()));
    assert!(0 < request.timeout_ms && request.timeout_ms <= request.longest_ms);
}

fn check_end(trigger: Trigger, end: &End, budget: f64) {
    assert!(end.ms <= budget, "{} ms of {budget}", end.ms);
    assert!(end.log.len() <= 256 && end.log.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", end.log);
    let commands = end.commands.as_array().unwrap();
    let is_asked = matches!(trigger, PostLogin | PreUserRegistration | CredentialsExchange);
    assert!(is_asked || commands.is_empty(), "a command where nothing waits");
    if commands.iter().any(|command| command[0] == "deny") {
        assert_eq!(commands.len(), 1, "something besides a denial: {commands:?}");
    }
}

fn readable(command: &Command) -> Json {
    match command {
        Command::IdTokenClaim(name, value) => json!(["idToken", name.as_str(), plain(value)]),
        Command::AccessTokenClaim(name, value) => json!(["accessToken", name.as_str(), plain(value)]),
        Command::AppMetadata(key, value) => json!(["appMetadata", key.as_str(), plain(value)]),
        Command::UserMetadata(key, value) => json!(["userMetadata", key.as_str(), plain(value)]),
        Command::SamlAttribute(name, value) => json!(["saml", name.as_str(), plain(value)]),
        Command::AddScope(scope) => json!(["addScope", scope]),
        Command::RemoveScope(scope) => json!(["removeScope", scope]),
        Command::Multifactor(provider, options) => json!(["multifactor", provider, options.0]),
        Command::Challenge(factor, options) => json!(["challenge", factor.0, options.0]),
        Command::Enroll(factor, options) => json!(["enroll", factor.0, options.0]),
        Command::Deny(first, None) => json!(["deny", first]),
        Command::Deny(first, Some(second)) => json!(["deny", first, second]),
    }
}

/// What Auth0 would keep of it.
fn plain(value: &Native) -> Json {
    serde_json::from_str(&login_sync::Value::to_json(value)).unwrap()
}

thread_local! {
    static RANDOM: RefCell<fastrand::Rng> = const { RefCell::new(fastrand::Rng::with_seed(7)) };
}

/// Randomness that is the same in each run.
fn entropy(to: &mut [u8]) -> bool {
    RANDOM.with_borrow_mut(|random| random.fill(to));
    true
}

/// A user at a login, with what else Auth0 gives.
pub fn event() -> Json {
    json!({
        "user": {
            "user_id": "auth0|ada", "email": "ada@example.com", "email_verified": true, "given_name": "Ada",
            "family_name": "Lovelace", "name": "Ada Lovelace", "phone_number": "+4420", "app_metadata": {},
            "user_metadata": {},
            "identities": [{"provider": "auth0", "isSocial": false}, {"provider": "google-oauth2", "isSocial": true}]
        },
        "request": {
            "ip": "192.0.2.7", "method": "POST", "body": {"password": "hunter2"}, "query": {"code": "c0de"},
            "geoip": {"countryCode": "GB", "continentCode": "EU"}
        },
        "client": {"client_id": "web", "name": "Web"},
        "connection": {"id": "con_1", "name": "customers", "strategy": "auth0"},
        "transaction": {"id": "tx_1", "protocol": "oidc-basic-profile"},
        "stats": {"logins_count": 3},
        "tenant": {"id": "example"}
    })
}

/// Somebody else at a login, for each number another.
pub fn somebody(number: usize) -> Json {
    with(event(), json!({"user": {"user_id": format!("auth0|{number}")}}))
}

/// `base` with the fields of `over` laid over it, objects in objects.
pub fn with(mut base: Json, over: Json) -> Json {
    match (&mut base, over) {
        (Json::Object(fields), Json::Object(over)) => {
            for (key, value) in over {
                let under = fields.get(&key).cloned().unwrap_or_default();
                fields.insert(key, with(under, value));
            }
            base
        }
        (_, over) => over,
    }
}

/// A small entry of a config, with these fields added or replaced.
pub fn entry(over: Json) -> Json {
    with(json!({"name": "crm", "request": {"url": "https://crm.example.com/user"}}), over)
}

/// A config with one such entry.
pub fn one(over: Json) -> Json {
    json!({"syncs": [entry(over)]})
}

/// A token with these claims, signed by no one.
pub fn token(claims: &Json) -> String {
    let part = |json: &Json| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims))
}

/// A token that expires so many seconds after the stage's start.
pub fn token_until(seconds: f64) -> String {
    token(&json!({"exp": START / 1000.0 + seconds}))
}
