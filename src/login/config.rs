//! What the admin writes: one document, read once per instance, refused whole when anything in it is wrong.

use crate::document::config_value::{ConfigValue, Reading};
use crate::document::fields::Named;
use crate::document::mapping::Forms;
use crate::document::outputs::Outputs;
use crate::document::problem::{Problem, refusal};
use crate::document::root::Root;
use crate::document::secrets::{Names, Need, Secrets};
use crate::document::trigger::{DENIABLE, Trigger};
use crate::host::kept::Kept;
use crate::host::text::{Text, joined};
use crate::host::value::{Val, Value};
use crate::login::log::Format;
use crate::login::order::follow;
use crate::login::rules::{DenyRule, MfaRule};
use crate::login::scopes::Scopes;
use crate::request::scope::Extras;
use crate::system::collector::Collector;
use crate::system::context::Common;
use crate::system::entry::{Entry, MOST_BUDGET_MS};
use crate::system::presets::{self, laid_over_preset};
use crate::system::token_source::{ONE_TOO_MANY, read_tokens};
use std::rc::Rc;

/// A config that is whole.
#[derive(Default)]
pub struct Config {
    /// The systems, in the order of the document.
    pub syncs: Kept<Vec<Entry>>,
    /// What these have in common.
    pub(crate) common: Rc<Kept<Common>>,
    /// What flows get of the event: the login's first.
    flows: Vec<FlowConfig>,
    /// What all other flows get.
    none: FlowConfig,
    /// The secrets that what they get cannot do without.
    needs: Vec<Need>,
    /// The names of the keys by which they vouch for what they say.
    keys: Vec<Names>,
    /// Scopes of the access token.
    pub(crate) scopes: Scopes,
    /// Who is asked for a second factor.
    pub(crate) mfa: Vec<MfaRule>,
    /// What the whole execution may take, in milliseconds.
    pub budget_ms: u32,
    /// How the log line is written.
    pub(crate) log: Format,
    /// What expressions read in addition to the event.
    pub(crate) extras: Extras,
    /// The bits of the entries in shadow.
    pub(crate) shadow: u64,
}

/// What the config says of a flow itself: of a login at its top, of others in `flows`.
#[derive(Default)]
pub(crate) struct FlowConfig {
    /// Which flow.
    trigger: Trigger,
    /// What it gets of the event: claims, metadata, SAML attributes.
    pub outputs: Outputs,
    /// Who is kept out.
    pub deny: Vec<DenyRule>,
}

/// So many systems are more than anyone has.
const MOST_SYNCS: usize = 64;

/// A document that has been read, before the Action's secrets are known. It holds no value of the host.
pub struct Draft {
    config: Kept<Config>,
    /// Whether the syncs are the presets, for the secrets to switch on.
    presets: bool,
    problems: Vec<Problem>,
}

impl Draft {
    /// Reads a document.
    pub fn read(document: &Val) -> Self {
        let reading = Reading::new(Root::new(document, presets::NAMES));
        let root = &reading.root;
        let place = ConfigValue::document(document.clone(), ROOT, &reading);
        let mut config = Kept::new(Config::read_place(place));
        let presets = place.field("syncs").is_none();
        config.extras.interactive = root.interactive.get();
        config.extras.clock = root.clock.get();
        config.extras.syncs = root.all().any();
        let mut problems = reading.problems.take();
        if problems.is_empty() {
            config.shadow = follow(&mut config.syncs, root.all(), &mut problems);
        }
        // Of presets it is not known yet which are on.
        if !presets && problems.is_empty() {
            problems.extend(config.set_twice());
        }
        problems.extend(config.claims_signed_as_webhooks());
        Self { config, presets, problems }
    }

    /// Of a config that is not read, because of this.
    #[cold]
    #[inline(never)]
    pub fn refused(message: &str) -> Self {
        let problem = Problem { path: ROOT.to_string(), message: message.to_string(), caret: None };
        Self { config: Kept::default(), presets: false, problems: vec![problem] }
    }

    /// The config, if nothing is wrong with it. With the Action's secrets, those that are needed must be set; without
    /// them (a config that is checked on a desk) that is left open, and no preset is switched on.
    pub fn with_secrets(self, secrets: Option<&Val>) -> Result<Kept<Config>, Vec<Problem>> {
        let Self { mut config, presets, mut problems } = self;
        match secrets {
            None if presets => config.syncs = Kept::default(),
            None => {}
            Some(secrets) => {
                if presets {
                    problems.extend(config.switch_on(secrets));
                    problems.extend(config.set_twice());
                }
                // Of presets only those are on whose secrets are all set.
                let systems = config.common.tokens.iter().chain(&*config.syncs);
                for need in systems.flat_map(|sync| &sync.needs).chain(&config.needs) {
                    if !need.is_filled(secrets) {
                        problems.push(need.problem());
                    }
                }
            }
        }
        let tokens = config.common.tokens.len();
        for (index, sync) in config.syncs.iter_mut().enumerate() {
            sync.index = tokens + index;
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }
}

/// Says which secrets would switch a preset on.
#[cold]
#[inline(never)]
fn nothing_on(presets: &[Entry]) -> Problem {
    let mut message = String::from("nothing to do: add `syncs`, or set the secrets of a preset");
    let mut before = ": ";
    for sync in presets {
        let names: Vec<&str> = sync.needs.iter().map(Need::name).collect();
        for part in [before, &joined(&names, " and "), " (", &sync.name, ")"] {
            message.push_str(part);
        }
        before = ", ";
    }
    Problem { path: ROOT.to_string(), message, caret: None }
}

/// Where every path begins.
const ROOT: &str = "config";

impl FlowConfig {
    fn read(place: ConfigValue, trigger: Trigger, secrets: &Secrets) -> Self {
        let claims = place.field("claims");
        if let Some(claims) = claims {
            let tokens = if trigger == Trigger::PostLogin { "idToken accessToken" } else { "accessToken" };
            claims.knows_only(tokens);
        }
        let forms = [Forms::claims(secrets), Forms::metadata(secrets)];
        let outputs = Outputs::read(claims, place, forms);
        let mut deny = Vec::new();
        place.items_of("deny", "rules", &mut |item| deny.push(DenyRule::read(item, trigger)));
        Self { trigger, outputs, deny }
    }
}

/// Reads what the config says of the flows that are no login.
// Apart, and so not compiled where the config has no `flows`.
#[cold]
#[inline(never)]
fn read_flows(place: ConfigValue, flows: &mut Vec<FlowConfig>, secrets: &Secrets) {
    let fields = [
        (Trigger::PreUserRegistration, "deny appMetadata userMetadata"),
        (Trigger::CredentialsExchange, "claims deny"),
    ];
    place.knows_only("pre-user-registration credentials-exchange");
    for (trigger, known) in fields {
        let Some(place) = place.field(trigger.name()) else { continue };
        place.knows_only(known);
        place.serves(trigger.bit());
        flows.push(FlowConfig::read(place, trigger, secrets));
        place.serves(Trigger::PostLogin.bit());
    }
}

impl Config {
    /// Reads a document, and says all that is wrong with it.
    pub fn read(document: &Val, secrets: Option<&Val>) -> Result<Kept<Self>, Vec<Problem>> {
        Draft::read(document).with_secrets(secrets)
    }

    fn read_place(place: ConfigValue) -> Self {
        // `$schema` tells editors where the schema is.
        place.knows_only("$schema syncs requestQuery tokens claims appMetadata userMetadata saml scopes mfa deny flows budgetMs log metrics");
        let budget_ms = place.whole_of("budgetMs", 8_000, 100, MOST_BUDGET_MS, " of milliseconds");
        let secrets = Secrets::under("");
        let mut flows = vec![FlowConfig::read(place, Trigger::PostLogin, &secrets)];
        if let Some(place) = place.field("flows") {
            read_flows(place, &mut flows, &secrets);
        }
        let mut mfa = Vec::new();
        place.items_of("mfa", "rules", &mut |item| mfa.push(MfaRule::read(item)));
        let mut extras = Extras::default();
        let names = &mut |item: ConfigValue| extras.query.push(Text::new(&item.text()));
        place.items_of("requestQuery", "names", names);
        let json = place.word_of("log", "logfmt json") == 1;
        Self {
            syncs: Kept::new(match place.field("syncs") {
                Some(list) => read_syncs(&list.items("entries"), budget_ms),
                None => all_presets(place),
            }),
            common: Rc::new(Kept::new(Common {
                tokens: match place.field("tokens") {
                    Some(tokens) => read_tokens(tokens, budget_ms),
                    None => Vec::new(),
                },
                collector: place.field("metrics").map(|metrics| Collector::read(metrics)),
            })),
            flows,
            none: FlowConfig::default(),
            keys: secrets.lists(),
            needs: secrets.into_needs(),
            scopes: place.field("scopes").map(|scopes| Scopes::read(scopes)).unwrap_or_default(),
            mfa,
            budget_ms,
            log: if json { Format::Json } else { Format::Logfmt },
            extras,
            shadow: 0,
        }
    }

    /// Keeps those of its presets for which all secrets are set.
    // Apart, and so not compiled where the config has `syncs`.
    #[inline(never)]
    fn switch_on(&mut self, secrets: &Val) -> Option<Problem> {
        let (mut on, mut off) = (Kept::<Vec<_>>::default(), Kept::<Vec<_>>::default());
        let mut presets = Kept::new(std::mem::take(&mut *self.syncs).into_iter());
        for sync in presets.by_ref() {
            let is_on = sync.needs.iter().all(|need| need.is_filled(secrets));
            (if is_on { &mut on } else { &mut off }).push(sync);
        }
        self.syncs = on;
        self.does_nothing().then(|| nothing_on(&off))
    }

    /// What it says of this flow itself.
    #[inline(never)]
    pub(crate) fn flow(&self, trigger: Trigger) -> &FlowConfig {
        self.flows.iter().find(|flow| flow.trigger == trigger).unwrap_or(&self.none)
    }

    /// The system at this place in the instance's memory: the tokens are first.
    pub(crate) fn system(&self, index: usize) -> Option<&Entry> {
        self.common.tokens.iter().chain(&*self.syncs).nth(index)
    }

    /// Whether no flow gets anything of the event, and no one is denied by a rule.
    #[inline(never)]
    fn is_bare(&self) -> bool {
        self.flows.iter().all(|flow| flow.deny.is_empty() && flow.outputs.is_empty())
    }

    fn does_nothing(&self) -> bool {
        let rules = self.mfa.len() + self.syncs.len();
        rules == 0 && self.scopes.is_empty() && self.is_bare()
    }

    /// Two sources of one claim, metadata key or attribute: which would win depends on which answers.
    fn set_twice(&self) -> Vec<Problem> {
        // One source alone sets nothing twice.
        let several = self.syncs.len() > 1 || !self.is_bare();
        if several { self.each_set_twice() } else { Vec::new() }
    }

    // Apart, and so not compiled where there is one source: docs/performance.md.
    #[inline(never)]
    fn each_set_twice(&self) -> Vec<Problem> {
        let mut sources = Vec::new();
        for FlowConfig { trigger, outputs, .. } in &self.flows {
            let by = if *trigger == Trigger::PostLogin { "" } else { trigger.name() };
            sources.push((by, trigger.bit(), outputs));
        }
        for sync in &*self.syncs {
            sources.push((&sync.name, sync.on & DENIABLE, &sync.response.outputs));
        }
        let mut problems = Vec::new();
        for (at, (by, on, outputs)) in sources.iter().enumerate() {
            for (index, (of, named)) in outputs.each().enumerate() {
                for Named { name, .. } in &named.0 {
                    // In the same flow.
                    let sets =
                        |source: &&(&str, u8, &Outputs)| source.1 & on != 0 && source.2.sets(index, name);
                    if let Some((other, ..)) = sources.iter().take(at).find(sets) {
                        problems.push(twice(name, of, other, by));
                    }
                }
            }
        }
        problems
    }

    /// A claim is what a user holds in their hands, and may choose: signed by a webhook's key, it would pass as a webhook.
    fn claims_signed_as_webhooks(&self) -> Option<Problem> {
        if self.keys.is_empty() { None } else { self.signs_both() }
    }

    #[cold]
    #[inline(never)]
    fn signs_both(&self) -> Option<Problem> {
        let mut both = None;
        for name in self.keys.iter().flatten() {
            if self.syncs.iter().any(|sync| sync.request.signs_with(name)) {
                both = Some(name);
            }
        }
        let name = both?;
        let message = " both for a claim and for a request: a user who has the claim could send the request";
        Some(refusal(ROOT.to_string(), "signs with ", name, message))
    }

    /// The bits of the flows that this Action guards: none of them may pass when it breaks down itself, and an event must
    /// come again.
    pub fn guards(&self) -> u8 {
        let live = |reads: u64| reads & self.shadow == 0;
        let mut bits = Trigger::EventStream.bit();
        for flow in &self.flows {
            if flow.deny.iter().any(|rule| live(rule.reads)) {
                bits |= flow.trigger.bit();
            }
        }
        for sync in self.syncs.iter().filter(|sync| sync.on_failure.closes() && !sync.shadow) {
            bits |= sync.on & DENIABLE;
        }
        if self.mfa.iter().any(|rule| live(rule.reads)) || self.scopes.removes(self.shadow) {
            bits |= Trigger::PostLogin.bit();
        }
        bits
    }
}

#[cold]
#[inline(never)]
fn twice(name: &str, of: &str, by: &str, and_by: &str) -> Problem {
    // The fields at the top have no name but their own.
    let by = match of {
        "idToken" | "accessToken" if by.is_empty() => "claims",
        _ if by.is_empty() => of,
        _ => by,
    };
    let twice = [" of `", of, "` is set twice, in ", by, " and in ", and_by, ": remove one"].concat();
    refusal(ROOT.to_string(), "", name, &twice)
}

/// All of them, for a config without `syncs`: secrets will switch them on, under names that begin with the preset's own,
/// as `API_KEY` may be anyone's.
// Apart, and so not compiled where the config has `syncs`.
#[inline(never)]
fn all_presets(place: ConfigValue) -> Vec<Entry> {
    let mut all = Vec::new();
    for (name, document) in presets::all() {
        // `USERHUB_` for `userhub`.
        let prefix = [&name.to_ascii_uppercase().replace('-', "_"), "_"].concat();
        let bit = 1 << all.len();
        all.extend(Entry::read(place.replaced_by(document), bit, &prefix, MOST_BUDGET_MS));
    }
    all
}

// Apart, and so not compiled where the config has no `syncs`.
#[inline(never)]
fn read_syncs(items: &[ConfigValue], budget_ms: u32) -> Vec<Entry> {
    if let Some(beyond) = items.get(MOST_SYNCS) {
        beyond.refuse(ONE_TOO_MANY);
    }
    let mut syncs: Vec<Entry> = Vec::new();
    for (at, item) in items.iter().take(MOST_SYNCS).enumerate() {
        let Some(sync) = Entry::read(*item, 1 << at, "", budget_ms) else {
            continue;
        };
        if syncs.iter().any(|other| other.name == sync.name) {
            item.refuse_text("the name ", &sync.name, " is taken: give this entry another `name`");
        }
        syncs.push(sync);
    }
    syncs
}

/// The entries of a config without problems as they are, each laid over its preset: documents of the config's own
/// schema.
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "wasm.rs alone asks for it"))]
pub(crate) fn documents(config: &Val) -> Vec<Val> {
    let reading = Reading::new(Root::default());
    let place = ConfigValue::document(config.get("syncs"), ROOT, &reading);
    place.items("entries").into_iter().map(laid_over_preset).collect()
}
