//! One entry of the config's `syncs`: what is sent to a system, what is taken from its answer, what a failure means.

use crate::document::config_value::ConfigValue;
use crate::document::outputs::OUTPUTS;
use crate::document::secrets::{Need, Secrets};
use crate::document::trigger::{DENIABLE, DENY, METADATA, NAMES, Trigger, taken_by};
use crate::expression::Expression;
use crate::host::text::{joined, words};
use crate::host::value::{Kind, Value};
use crate::request::template::RequestTemplate;
use crate::request::token::digest;
use crate::system::grant::Grant;
use crate::system::policy::OnFailure;
use crate::system::presets::laid_over_preset;
use crate::system::response::Response;

/// One system: what is sent to it, what is taken from its answer, what a failure means.
pub struct Entry {
    /// Its place in the instance's memory: the tokens come first there.
    pub(crate) index: usize,
    /// Its name, in the log and in the metadata.
    pub name: String,
    /// The bits of the flows in which it runs.
    pub(crate) on: u8,
    /// Only when this is true of the event.
    pub(crate) when: Option<Expression>,
    /// Its own bit among those of all entries.
    pub(crate) bit: u64,
    /// The bits of the entries that it reads.
    pub(crate) reads: u64,
    /// The bits of those of which `when` reads how they ended.
    pub(crate) decides: u64,
    /// It touches nothing.
    pub(crate) shadow: bool,
    /// What is sent.
    pub(crate) request: RequestTemplate,
    /// It is where a token comes from, for which this is sent.
    pub(crate) grant: Option<Grant>,
    /// The token that it sends, by its place.
    pub(crate) token: Option<usize>,
    /// What is taken.
    pub(crate) response: Response,
    /// How long what was taken is kept in `app_metadata`, in milliseconds.
    pub(crate) fresh_ms: Option<f64>,
    /// How much longer it may still be used when the system is unavailable, in milliseconds.
    pub(crate) stale_ms: f64,
    /// Whether an answer with a token is kept in memory.
    pub(crate) reuse: bool,
    /// One try, from connect to the last byte.
    pub(crate) timeout_ms: u32,
    /// How many more tries.
    pub(crate) retries: u32,
    /// What a failure means.
    pub(crate) on_failure: OnFailure,
    /// A digest of the entry as it is, so that what was kept under another one is not taken for its own.
    pub(crate) fingerprint: String,
    /// The secrets it cannot do without.
    pub(crate) needs: Vec<Need>,
}

const FIELDS: &str = "use name mode on when request response freshForSeconds staleForSeconds reuse timeoutMs retries onFailure";

/// Auth0 gives all Actions of a trigger 20 seconds together.
pub(crate) const MOST_BUDGET_MS: u32 = 15_000;

/// A year.
const MOST_SECONDS: u32 = 31_536_000;

impl Entry {
    /// Reads the entry here, laid over its preset when it uses one. Its secrets' names must begin with the prefix.
    pub(crate) fn read(entry: ConfigValue, bit: u64, prefix: &str, budget_ms: u32) -> Option<Self> {
        let before = entry.problems();
        if !entry.knows_only(FIELDS) {
            return None;
        }
        let place = entry.replaced_by(laid_over_preset(entry));
        let on = read_triggers(place);
        place.serves(on);
        // What a preset says is cut to the budget; what an admin writes beyond it is a slip.
        let most = if entry.value.get("timeoutMs").is_null() { MOST_BUDGET_MS } else { budget_ms };
        let (name, request) = (read_name(place.needed("name")), place.needed("request"));
        let mut sync = Self::read_fields(place, name, request, Secrets::under(prefix), budget_ms, most);
        (sync.on, sync.bit) = (on, bit);
        place.serves(Trigger::PostLogin.bit());
        // What is read wrongly contradicts nothing.
        if entry.problems() == before {
            sync.refuse_contradictions(place);
        }
        Some(sync)
    }

    /// Reads the fields here, but for the name, the flows, and the request, which is elsewhere where a token comes from.
    #[inline(never)]
    pub(crate) fn read_fields(
        place: ConfigValue,
        name: String,
        request: ConfigValue,
        secrets: Secrets,
        budget_ms: u32,
        most_ms: u32,
    ) -> Self {
        let timeout_ms = place.whole_of("timeoutMs", 2_000.min(budget_ms), 50, most_ms, " of milliseconds");
        let fresh = place.field("freshForSeconds").map(|field| field.whole(60, MOST_SECONDS, " of seconds"));
        let stale = place.whole_of("staleForSeconds", 0, 60, MOST_SECONDS, " of seconds");
        let when = place.field("when").map(ConfigValue::expression);
        let reads_of_when = place.take_reads();
        let mut entry = Self {
            index: 0,
            name,
            on: 0,
            when,
            bit: 0,
            reads: 0,
            decides: reads_of_when.end,
            shadow: place.field("mode").is_some_and(|mode| mode.word("shadow") == 0),
            request: RequestTemplate::read(request, &secrets),
            grant: None,
            token: None,
            response: place
                .field("response")
                .map(|field| Response::read(field.in_answer()))
                .unwrap_or_default(),
            fresh_ms: fresh.map(|seconds| f64::from(seconds) * 1000.0),
            stale_ms: f64::from(stale) * 1000.0,
            reuse: place.flag("reuse"),
            timeout_ms,
            retries: place.whole_of("retries", 1, 0, 5, ""),
            on_failure: place.field("onFailure").map(|field| OnFailure::read(field)).unwrap_or_default(),
            fingerprint: if fresh.is_some() { digest(&place.value.stringify()) } else { String::new() },
            needs: secrets.into_needs(),
        };
        entry.token = place.take_token();
        entry.reads = reads_of_when.any() | place.take_reads().any();
        entry
    }

    /// Whether it has something to do in this flow.
    pub(crate) fn runs_on(&self, trigger: Trigger) -> bool {
        self.on & trigger.bit() != 0
    }

    fn refuse_contradictions(&self, place: ConfigValue) {
        if self.reuse && self.response.token.is_none() {
            place.refuse("`reuse` needs `response.token`, which says how long a response is good");
        }
        if self.fresh_ms.is_some() && self.response.token.is_some() {
            place.refuse("`freshForSeconds` would write the token to app_metadata: use `reuse` instead");
        }
        if self.fresh_ms.is_none() && self.stale_ms > 0.0 {
            place.refuse("`staleForSeconds` needs `freshForSeconds`: without it nothing is kept");
        }
        // A login takes everything.
        if self.on & DENIABLE != Trigger::PostLogin.bit() {
            self.refuse_useless(place);
        }
    }

    /// Refuses what none of its flows has a use for.
    // Apart, and so not compiled for an entry that runs at a login.
    #[cold]
    #[inline(never)]
    fn refuse_useless(&self, place: ConfigValue) {
        let takes = taken_by(self.on);
        if let Some(response) = place.field("response") {
            for (index, output) in OUTPUTS.into_iter().enumerate() {
                refuse_useless(takes, 1 << index, response, output);
            }
        }
        refuse_useless(takes, METADATA, place, "freshForSeconds");
        if self.on_failure.asks() {
            place
                .needed("onFailure")
                .refuse("can be `mfa` at `post-login` alone: write an entry for each flow");
        } else if self.on_failure.closes() {
            refuse_useless(takes, DENY, place, "onFailure");
        }
    }
}

/// Refuses a field that none of its flows has a use for.
fn refuse_useless<'a>(takes: u8, what: u8, place: ConfigValue<'a>, key: &'a str) {
    if takes & what == 0
        && let Some(field) = place.field(key)
    {
        field.refuse("has no effect in the flows of `on`: remove it, or add `post-login` there");
    }
}

fn read_name(place: ConfigValue) -> String {
    let name = place.text();
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    let taken = words("trigger result ms id warn app __proto__").contains(&name.as_str());
    if !plain || name.len() > 32 || taken {
        place.refuse(
            "must be at most 32 lower-case letters, digits, `-` and `_`, and not trigger, result, ms, id, warn, app or __proto__",
        );
    }
    name
}

fn read_triggers(place: ConfigValue) -> u8 {
    let Some(on) = place.field("on") else { return Trigger::PostLogin.bit() };
    let mut triggers = 0;
    for item in on.items("triggers") {
        triggers |= 1 << item.word(&joined(&NAMES, " "));
    }
    if triggers == 0 && on.kind == Kind::List {
        on.refuse("must have at least one trigger");
    }
    triggers
}
