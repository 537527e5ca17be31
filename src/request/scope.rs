//! The event, as far as anyone may read it.
//!
//! Expressions see the event without `secrets`; without `request.body` and `request.query`, as a form's body may hold the
//! password; without our own record in `user.app_metadata`, which has the claims of both tokens; and without the tokens of
//! other providers inside `user.identities`. The same goes for the user that an event of an event stream is about. These are
//! not in the scope's object at all, so no expression (`@`, `*`, `keys(@)`) can reach them.
//!
//! Where a config reads them, `interactive`, `clock` and `syncs` are there too. They are hidden, so that `@` is the event
//! alone. Of the query those parameters are there that the config lists.

use crate::document::mapping::{Entropy, Filling, Means};
use crate::document::secrets::{secret, set};
use crate::document::trigger::{Trigger, WITH_USER};
use crate::host::text::{Text, words};
use crate::host::value::{Kind, Val, Value};
use crate::request::attempt::Variables;
use std::cell::OnceCell;
use std::ops::Deref;

/// What the expressions of a config read in addition to the event.
#[derive(Default)]
pub struct Extras {
    /// Parameters of the query.
    pub query: Vec<Text>,
    /// Whether someone can answer a second factor.
    pub interactive: bool,
    /// The time.
    pub clock: bool,
    /// The bits of the entries of which it is read how they ended.
    pub syncs: u64,
}

/// A value that may grow while it is lent. In JavaScript it is always the same object.
#[derive(Default)]
pub struct Growing {
    value: Val,
    grown: OnceCell<Box<Growing>>,
}

impl Deref for Growing {
    type Target = Val;

    fn deref(&self) -> &Val {
        self.grown.get().map_or(&self.value, |grown| grown)
    }
}

impl Growing {
    fn new(value: Val) -> Self {
        Self { value, grown: OnceCell::new() }
    }

    /// From now on it is this value.
    fn grow(&self, value: Val) {
        match self.grown.get() {
            Some(grown) => grown.grow(value),
            None => drop(self.grown.set(Box::new(Self::new(value)))),
        }
    }
}

/// What one login knows.
pub struct Scope {
    /// Which flow it is.
    pub trigger: Trigger,
    /// What expressions read.
    pub event: Growing,
    /// The event as it came.
    whole: Val,
    /// The Action's secrets, by name. No expression reads them: only what names one does.
    secrets: Val,
}

impl Scope {
    /// Parts the event from what must stay out of reach.
    pub fn new(trigger: Trigger, event: &Val) -> Self {
        Self {
            trigger,
            event: Growing::new(event.opened()),
            whole: event.clone(),
            secrets: event.get("secrets"),
        }
    }

    /// Whether someone sits in front of Auth0's page, and can answer a second factor there.
    pub fn is_interactive(&self) -> bool {
        self.trigger.bit() & WITH_USER != 0 && is_interactive(&self.whole.get("transaction"))
    }

    /// Whether its flow takes what has this bit.
    pub(crate) fn takes(&self, what: u8) -> bool {
        self.trigger.takes(what)
    }

    /// Puts there what expressions read in addition to the event, at this time.
    pub fn open(&mut self, extras: &Extras, now: f64) {
        if extras.interactive || extras.clock || extras.syncs != 0 || !extras.query.is_empty() {
            self.open_more(extras, now);
        }
    }

    #[cold]
    #[inline(never)]
    fn open_more(&mut self, extras: &Extras, now: f64) {
        let mut event = std::mem::take(&mut self.event).value;
        let request = event.get("request");
        if !extras.query.is_empty() && request.kind() == Kind::Object {
            let query = self.whole.get("request").get("query");
            let mut listed = Val::from_object(Vec::new());
            for name in &extras.query {
                let value = query.field(name);
                if !value.is_null() {
                    listed = listed.with(name, value);
                }
            }
            event = event.with("request", request.with("query", listed));
        }
        if extras.interactive {
            event = event.with_hidden("interactive", Val::from_bool(self.is_interactive()));
        }
        if extras.clock {
            event = event.with_hidden("clock", Val::clock(now));
        }
        if extras.syncs != 0 {
            event = event.with_hidden("syncs", Val::from_object(Vec::new()));
        }
        self.event = Growing::new(event);
    }

    /// From now on expressions read this of the entry: how it ended.
    #[cold]
    #[inline(never)]
    pub(crate) fn learn(&self, name: &str, end: Val) {
        let syncs = self.event.get("syncs").with(name, end);
        self.event.grow(self.event.clone().with_hidden("syncs", syncs));
    }

    /// Those of these secrets that are set, in this order: name and text, which stays the host's.
    pub fn secrets<'a>(&'a self, names: &'a [Text]) -> impl Iterator<Item = (&'a Text, Val)> {
        set(&self.secrets, names)
    }

    /// One of these secrets, after `rotation` that are set; the last one when there are fewer.
    pub fn secret<'a>(&'a self, names: &'a [Text], rotation: usize) -> Option<(&'a Text, Val)> {
        secret(&self.secrets, names, rotation)
    }

    /// The id for telling one user, or machine, from another: as JSON, since two ids that differ in a lone surrogate alone
    /// are one text of ours. Empty without an id.
    pub fn user_key(&self) -> String {
        let mut id = (*self.event).clone();
        for field in self.trigger.who() {
            id = id.get(field);
        }
        if id.kind() == Kind::Text && id.is_truthy() { id.to_json() } else { String::new() }
    }

    /// Who logs in: the user's id; before there is one, a digest of what they register by; a machine's client id. An event
    /// that is about no one is like no other.
    #[cold]
    #[inline(never)]
    pub fn user(&self) -> Option<String> {
        let text = |of: &str, field: &str| {
            let value = self.event.get(of).get(field);
            value.as_text().filter(|text| !text.is_empty()).map(|text| (text, value))
        };
        let id = Some(self.user_key()).filter(|key| !key.is_empty());
        let name = || {
            let name = ["email", "phone_number", "username"].iter().find_map(|field| text("user", field));
            name.map(|(_, name)| name.digest("sha256 hex", None).as_text().unwrap_or_default())
        };
        let client = || text("client", "client_id").map(|(id, _)| id);
        id.or_else(name).or_else(client).or_else(|| self.event_id())
    }

    /// The id of an event of an event stream, the same whenever it comes. Nothing else has one.
    #[cold]
    #[inline(never)]
    pub(crate) fn event_id(&self) -> Option<String> {
        let id = self.event.get("message").get("id");
        id.as_text().filter(|id| !id.is_empty())
    }

    /// What fills the forms of a request at a try; those of its headers vouch for its body.
    pub(crate) fn means<'a>(&'a self, vars: &Variables<'a>, body: Option<&'a Text>) -> Means<'a> {
        Means {
            secrets: &self.secrets,
            rotation: vars.rotation,
            now: vars.now,
            entropy: vars.entropy,
            token: vars.token,
            body,
        }
    }

    /// What fills the forms of what the login gets: of several secrets the first that is set.
    pub(crate) fn claim_means(&self, now: f64, entropy: Entropy) -> Means<'_> {
        Means { secrets: &self.secrets, rotation: 0, now, entropy, token: None, body: None }
    }

    /// What fills a mapping of the event.
    pub(crate) fn filling<'a>(&'a self, means: Option<&'a Means<'a>>) -> Filling<'a> {
        Filling { means, ..Filling::of(&self.event) }
    }

    /// What Auth0 calls this login in its own records.
    pub fn correlation_id(&self) -> String {
        let id = |of: &str| self.event.get(of).get("id").as_text();
        id("transaction").or_else(|| id("session")).or_else(|| self.event_id()).unwrap_or_default()
    }

    /// The user with our own record in the metadata: for us, never for an expression.
    pub fn user_with_record(&self) -> Val {
        self.whole.get("user")
    }

    /// The user's app_metadata as it was before this login, with our own record.
    pub fn app_metadata(&self) -> Val {
        self.user_with_record().get("app_metadata")
    }
}

/// The protocols in which an application talks to Auth0 by itself: no browser shows a page of Auth0's meanwhile.
const WITHOUT_A_PAGE: &str = "oauth2-refresh-token oauth2-token-exchange oauth2-password oauth2-resource-owner \
oauth2-resource-owner-jwt-bearer oauth2-access-token oauth2-webauthn oidc-ciba wstrust-usernamemixed";

/// Judged by what Auth0 says of the transaction. Not by `request.query`, in which a browser writes what it likes.
fn is_interactive(transaction: &Val) -> bool {
    let protocol = transaction.get("protocol").as_text().unwrap_or_default();
    let prompt = transaction.get("prompt");
    let is_silent = |prompt: &Val| prompt.as_text().is_some_and(|prompt| prompt == "none");
    let silent = is_silent(&prompt) || prompt.items().iter().any(is_silent);
    !silent && !words(WITHOUT_A_PAGE).contains(&protocol.as_str())
}
