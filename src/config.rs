//! What the admin writes: one document, read once per instance, refused whole when anything in it is wrong.

use crate::document::place::{Place, Problem, Problems, joined, refusal, shown};
use crate::expression::Expression;
use crate::host::value::{Kind, Val, Value};
use crate::login::claims::{Named, claim_name};
use crate::login::log::Format;
use crate::login::policy::OnFailure;
use crate::login::rules::{DenyRule, MfaRule};
use crate::presets;
use crate::request::scope::Trigger;
use crate::request::secrets::{Need, Secrets};
use crate::request::template::RequestTemplate;
use crate::request::token::digest;
use crate::system::response::Response;

/// A config that is whole.
pub struct Config {
    /// The systems, in the order of the document.
    pub syncs: Vec<Sync>,
    /// Claims from the event.
    pub claims: EventClaims,
    /// Who is asked for a second factor.
    pub mfa: Vec<MfaRule>,
    /// Who may not log in.
    pub deny: Vec<DenyRule>,
    /// What the whole execution may take, in milliseconds.
    pub budget_ms: u32,
    /// How the log line is written.
    pub log: Format,
}

/// Claims whose mappings read the event.
#[derive(Default)]
pub struct EventClaims {
    /// Of the ID token.
    pub id_token: Named,
    /// Of the access token.
    pub access_token: Named,
}

impl EventClaims {
    fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.access_token.is_empty()
    }
}

/// One system: what is sent to it, what is taken from its answer, what a failure means.
pub struct Sync {
    /// Its place in the config.
    pub index: usize,
    /// Its name, in the log and in the metadata.
    pub name: String,
    on_login: bool,
    on_registration: bool,
    /// Only when this is true of the event.
    pub when: Option<Expression>,
    /// What is sent.
    pub request: RequestTemplate,
    /// What is taken.
    pub response: Response,
    /// How long what was taken is kept in `app_metadata`, in milliseconds.
    pub fresh_ms: Option<f64>,
    /// How much longer it may still be used when the system is unavailable, in milliseconds.
    pub stale_ms: f64,
    /// Whether an answer with a token is kept in memory.
    pub reuse: bool,
    /// One try, from connect to the last byte.
    pub timeout_ms: u32,
    /// How many more tries.
    pub retries: u32,
    /// What a failure means.
    pub on_failure: OnFailure,
    /// A digest of the entry as it stands, so that what was kept under another one is not taken for its own.
    pub fingerprint: String,
    /// The secrets it cannot do without.
    needs: Vec<Need>,
}

const SYNC_FIELDS: [&str; 12] = [
    "use",
    "name",
    "on",
    "when",
    "request",
    "response",
    "freshForSeconds",
    "staleForSeconds",
    "reuse",
    "timeoutMs",
    "retries",
    "onFailure",
];

/// Auth0 gives all Actions of a trigger 20 seconds together.
pub const MOST_BUDGET_MS: u32 = 15_000;

/// A year.
const MOST_SECONDS: u32 = 31_536_000;

/// So many systems are more than anyone has.
const MOST_SYNCS: usize = 64;

/// A document that has been read, before the Action's secrets are known. It holds no value of the host.
pub struct Draft {
    config: Config,
    /// Whether the syncs are the presets, for the secrets to switch on.
    presets: bool,
    problems: Vec<Problem>,
}

impl Draft {
    /// Reads a document.
    pub fn read(document: &Val) -> Self {
        let problems = Problems::default();
        let place = Place::root(document.clone(), ROOT, &problems);
        let config = Config::read_place(&place);
        let presets = place.field("syncs").is_none();
        let mut problems = problems.into_vec();
        // Of presets it is not known yet which are on.
        if !presets {
            problems.extend(config.set_twice());
        }
        Self { config, presets, problems }
    }

    /// The config, if nothing is wrong with it. With the Action's secrets, those that are needed must be set; without
    /// them (a config that is checked on a desk) that is left open, and no preset is switched on.
    pub fn with_secrets(self, secrets: Option<&Val>) -> Result<Config, Vec<Problem>> {
        let Self { mut config, presets, mut problems } = self;
        match secrets {
            None if presets => config.syncs.clear(),
            None => {}
            Some(secrets) if presets => {
                problems.extend(config.switch_on(secrets));
                problems.extend(config.set_twice());
            }
            Some(secrets) => {
                for need in config.syncs.iter().flat_map(|sync| &sync.needs) {
                    if !need.is_filled(secrets) {
                        problems.push(need.problem());
                    }
                }
            }
        }
        for (index, sync) in config.syncs.iter_mut().enumerate() {
            sync.index = index;
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

/// Says which secrets would switch a preset on.
#[cold]
#[inline(never)]
fn nothing_on(presets: &[Sync]) -> Problem {
    let mut message = String::from("nothing to do: write `syncs`, or set the secrets of a preset:");
    for sync in presets {
        let names: Vec<&str> = sync.needs.iter().map(Need::name).collect();
        message.push_str(&[" ", &joined(&names, " and "), " (", &sync.name, ")"].concat());
    }
    Problem { path: ROOT.to_string(), message, caret: None }
}

/// Where every path begins.
const ROOT: &str = "config";

impl Config {
    /// Reads a document, and says all that is wrong with it.
    pub fn read(document: &Val, secrets: Option<&Val>) -> Result<Self, Vec<Problem>> {
        Draft::read(document).with_secrets(secrets)
    }

    fn read_place(place: &Place) -> Self {
        // `$schema` tells editors where the schema is.
        place.knows_only(&["$schema", "syncs", "claims", "mfa", "deny", "budgetMs", "log"]);
        let budget_ms = place.whole_of("budgetMs", 8_000, 100, MOST_BUDGET_MS, " of milliseconds");
        let claims = place.field("claims").map(|claims| {
            claims.knows_only(&["idToken", "accessToken"]);
            EventClaims {
                id_token: Named::read(&claims, "idToken", claim_name),
                access_token: Named::read(&claims, "accessToken", claim_name),
            }
        });
        let mut mfa = Vec::new();
        place.items_of("mfa", &mut |item| mfa.push(MfaRule::read(&item)));
        let mut deny = Vec::new();
        place.items_of("deny", &mut |item| deny.push(DenyRule::read(&item)));
        let json = place.field("log").is_some_and(|log| log.word(&["logfmt", "json"]) == 1);
        Self {
            syncs: match place.field("syncs") {
                Some(list) => read_syncs(&list.items(), budget_ms),
                None => presets::all(place),
            },
            claims: claims.unwrap_or_default(),
            mfa,
            deny,
            budget_ms,
            log: if json { Format::Json } else { Format::Logfmt },
        }
    }

    /// Keeps those of its presets for which all secrets are set.
    // Apart, and so not compiled where the config has `syncs`.
    #[inline(never)]
    fn switch_on(&mut self, secrets: &Val) -> Option<Problem> {
        let presets = std::mem::take(&mut self.syncs).into_iter();
        let (on, off): (_, Vec<_>) =
            presets.partition(|sync| sync.needs.iter().all(|need| need.is_filled(secrets)));
        self.syncs = on;
        self.does_nothing().then(|| nothing_on(&off))
    }

    fn does_nothing(&self) -> bool {
        self.syncs.is_empty() && self.claims.is_empty() && self.mfa.is_empty() && self.deny.is_empty()
    }

    /// Two sources of one claim or metadata key: which would win depends on which answers.
    fn set_twice(&self) -> Vec<Problem> {
        // One source alone sets nothing twice.
        let several = self.syncs.len() > 1 || !self.claims.is_empty();
        if several { self.each_set_twice() } else { Vec::new() }
    }

    // Apart, and so not compiled where there is one source: docs/performance.md.
    #[inline(never)]
    fn each_set_twice(&self) -> Vec<Problem> {
        let claims = &self.claims;
        let mut sources =
            vec![("claims", "idToken", &claims.id_token), ("claims", "accessToken", &claims.access_token)];
        for sync in &self.syncs {
            for (of, named) in sync.response.sets() {
                sources.push((&sync.name, of, named));
            }
        }
        let mut seen: Vec<(&str, &str, &str)> = Vec::new();
        let mut problems = Vec::new();
        for (by, of, named) in sources {
            for (name, _) in &named.0 {
                if let Some((other, ..)) = seen.iter().find(|(_, o, n)| *o == of && *n == &**name) {
                    problems.push(twice(name, of, other, by));
                }
                seen.push((by, of, name));
            }
        }
        problems
    }

    /// Whether this Action guards logins, so that it must not let one pass when it breaks down itself.
    pub fn guards(&self) -> bool {
        let closes = |sync: &Sync| sync.on_login && sync.on_failure.closes();
        !self.mfa.is_empty() || !self.deny.is_empty() || self.syncs.iter().any(closes)
    }
}

#[cold]
#[inline(never)]
fn twice(name: &str, of: &str, by: &str, and_by: &str) -> Problem {
    let twice = [" of `", of, "` twice: in ", &shown(by), " and in ", &shown(and_by)].concat();
    refusal(ROOT.to_string(), "sets ", name, &twice)
}

// Apart, and so not compiled where the config has no `syncs`.
#[inline(never)]
fn read_syncs(items: &[Place], budget_ms: u32) -> Vec<Sync> {
    if let Some(beyond) = items.get(MOST_SYNCS) {
        beyond.refuse("is one too many: at most 64 syncs");
    }
    let mut syncs: Vec<Sync> = Vec::new();
    for item in items.iter().take(MOST_SYNCS) {
        let Some(sync) = Sync::read(item, "", budget_ms) else {
            continue;
        };
        if syncs.iter().any(|other| other.name == sync.name) {
            item.refuse_text("has the name ", &sync.name, " a second time: give it another `name`");
        }
        syncs.push(sync);
    }
    syncs
}

impl Sync {
    /// Reads the entry here, laid over its preset when it uses one. Its secrets' names must begin with the prefix.
    pub fn read(entry: &Place, prefix: &str, budget_ms: u32) -> Option<Self> {
        if !entry.knows_only(&SYNC_FIELDS) {
            return None;
        }
        let place = entry.replaced_by(document(entry));
        let secrets = Secrets::under(prefix);
        let (on_login, on_registration) = read_triggers(&place);
        // What a preset says is cut to the budget; what an admin writes beyond it is a slip.
        let most = if entry.value.get("timeoutMs").is_null() { MOST_BUDGET_MS } else { budget_ms };
        let timeout_ms = place.whole_of("timeoutMs", 2_000.min(budget_ms), 50, most, " of milliseconds");
        let fresh = place.field("freshForSeconds").map(|field| field.whole(60, MOST_SECONDS, " of seconds"));
        let stale = place.whole_of("staleForSeconds", 0, 60, MOST_SECONDS, " of seconds");
        let mut fingerprint = String::new();
        if fresh.is_some() {
            fingerprint = digest(&place.value.stringify());
        }
        let sync = Self {
            index: 0,
            name: read_name(&place.needed("name")),
            on_login,
            on_registration,
            when: place.field("when").map(|when| when.expression()),
            request: RequestTemplate::read(&place.needed("request"), &secrets),
            response: place.field("response").map(|field| Response::read(&field)).unwrap_or_default(),
            fresh_ms: fresh.map(|seconds| f64::from(seconds) * 1000.0),
            stale_ms: f64::from(stale) * 1000.0,
            reuse: place.flag("reuse"),
            timeout_ms,
            retries: place.whole_of("retries", 1, 0, 5, ""),
            on_failure: place.field("onFailure").map(|field| OnFailure::read(&field)).unwrap_or_default(),
            fingerprint,
            needs: secrets.into_needs(),
        };
        sync.refuse_contradictions(&place);
        Some(sync)
    }

    /// Whether it has something to do in this flow.
    pub fn runs_on(&self, trigger: Trigger) -> bool {
        match trigger {
            Trigger::PostLogin => self.on_login,
            Trigger::PostUserRegistration => self.on_registration,
        }
    }

    fn refuse_contradictions(&self, place: &Place) {
        if self.reuse && self.response.token.is_none() {
            place.refuse("`reuse` needs `response.token`: it says until when an answer is good");
        }
        if self.fresh_ms.is_some() && self.response.token.is_some() {
            place.refuse("`freshForSeconds` would write a token to app_metadata: use `reuse` for it");
        }
        if self.fresh_ms.is_none() && self.stale_ms > 0.0 {
            place.refuse("`staleForSeconds` needs `freshForSeconds`: without it nothing is kept");
        }
        if !self.on_login {
            if self.response.takes_anything() {
                place.refuse("a registration has no tokens and no metadata to write: add post-login to `on`, or leave out `response`'s fields");
            }
            if self.on_failure.closes() {
                place.refuse("`onFailure` cannot undo a registration: add post-login to `on`, or allow");
            }
            if self.fresh_ms.is_some() {
                place.refuse(
                    "`freshForSeconds` needs post-login in `on`: a registration cannot write metadata",
                );
            }
        }
    }
}

/// The entries of a config without problems as they stand, each laid over its preset: documents of the config's own
/// schema.
pub fn documents(config: &Val) -> Vec<Val> {
    let problems = Problems::default();
    let place = Place::root(config.get("syncs"), ROOT, &problems);
    place.items().iter().map(document).collect()
}

/// The entry here, laid over its preset when it uses one.
fn document(entry: &Place) -> Val {
    let Some(field) = entry.field("use") else {
        return entry.value.clone();
    };
    let mut preset = presets::named(&field);
    if !entry.value.get("onFailure").get("deny").is_null() {
        // One policy for all failures takes the place of one for each.
        preset = preset.without(&["onFailure"]);
    }
    lay_over(&preset, &entry.value.without(&["use"]), 3)
}

fn read_name(place: &Place) -> String {
    let name = place.text();
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    let taken = ["trigger", "result", "ms", "id", "warn", "app"].contains(&name.as_str());
    if !plain || name.len() > 32 || taken {
        place.refuse(
            "must be lower-case letters, digits, `-` and `_`, at most 32, and no word of the log line (trigger, \
             result, ms, id, warn, app)",
        );
    }
    name
}

fn read_triggers(place: &Place) -> (bool, bool) {
    let Some(on) = place.field("on") else {
        return (true, false);
    };
    let mut triggers = (false, false);
    for item in on.items() {
        match item.word(&[Trigger::PostLogin.name(), Trigger::PostUserRegistration.name()]) {
            0 => triggers.0 = true,
            _ => triggers.1 = true,
        }
    }
    if triggers == (false, false) {
        on.refuse("must name at least one of `post-login` and `post-user-registration`");
    }
    triggers
}

/// Lays an entry over its preset, field by field: `levels` deep (a field of the entry; of its request, response and
/// onFailure; one header, body field or claim), what is deeper is replaced whole, and null takes a field away.
fn lay_over(base: &Val, patch: &Val, levels: usize) -> Val {
    if levels == 0 || base.kind() != Kind::Object || patch.kind() != Kind::Object {
        return patch.clone();
    }
    let (base_keys, patch_keys) = (base.keys(), patch.keys());
    let mut fields = Vec::new();
    for key in &base_keys {
        if !patch_keys.contains(key) {
            fields.push((key.as_str(), base.get(key)));
            continue;
        }
        let over = patch.get(key);
        if !over.is_null() {
            fields.push((key.as_str(), lay_over(&base.get(key), &over, levels - 1)));
        }
    }
    for key in patch_keys.iter().filter(|key| !base_keys.contains(key)) {
        fields.push((key.as_str(), patch.get(key)));
    }
    Val::from_object(fields)
}
