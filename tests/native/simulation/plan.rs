//! What a config means, said apart from the document: what the invariants go by.

use super::people::Person;
use super::story::{Arrived, Story};
use super::tokens::ALL;
use serde_json::Value as Json;

/// A config, and what it means.
pub struct Plan {
    /// The document.
    pub document: Json,
    /// The Action's secrets.
    pub secrets: Json,
    /// Its systems, in order.
    pub systems: Vec<SystemPlan>,
    /// So many of them, the last ones, are sources of tokens.
    pub sources: usize,
    /// `budgetMs`
    pub budget_ms: u32,
    /// The reason for users who are blocked.
    pub deny_blocked: Option<&'static str>,
    /// The command for users in Europe, and whether also where no one can answer.
    pub mfa_in_europe: Option<(Mfa, bool)>,
    /// Whether `claims` sets `ev_plan`.
    pub claim_from_event: bool,
    /// Whether the event also gives `ev_id` to both metadata and the SAML response, and a scope for each plan.
    pub gives_from_event: bool,
    /// The number of a system: a user who is known to it otherwise is denied by a rule that reads it.
    pub deny_conflict: Option<usize>,
    /// It is wrong, and must be refused.
    pub wrong: bool,
}

/// How a second factor is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mfa {
    /// `multifactor.enable` with this provider.
    Provider(&'static str),
    /// `authentication.challengeWith` an `otp` or an `email`; and whether `enrollWith` says `otp`.
    Challenge(bool),
}

/// One system of a config.
pub struct SystemPlan {
    /// Its name in the log.
    pub name: String,
    /// The only host that its requests may go to.
    pub host: String,
    /// How its requests look.
    pub shape: Shape,
    /// How it proves who is asking.
    pub auth: Auth,
    /// The secrets that belong to it, in the order of rotation.
    pub keys: Vec<String>,
    /// Runs at a login.
    pub on_login: bool,
    /// Runs after a registration, and after a new password.
    pub on_registration: bool,
    /// `when`
    pub when: When,
    /// What `onFailure` says, by outcome.
    pub policies: [(&'static str, Policy); 5],
    /// `reuse`
    pub reuse: bool,
    /// `freshForSeconds`, in milliseconds.
    pub fresh_ms: Option<f64>,
    /// `staleForSeconds`, in milliseconds; 0 when it is not there.
    pub stale_ms: f64,
    /// `response.expect`: an answer must have an `id`.
    pub expects: bool,
    /// `timeoutMs`
    pub timeout_ms: u32,
    /// `retries`
    pub retries: u32,
    /// `response.success`, when it is not 200 to 299.
    pub success: Vec<u16>,
    /// Where in its answer the token must stand.
    pub token: Option<&'static str>,
    /// The claims taken from its answer: on the access token or not, name, field (`@` is all of it).
    pub claims: Vec<(bool, String, &'static str)>,
    /// Whether `<name>_user` is written to app_metadata.
    pub writes: bool,
    /// Whether it is written to user_metadata and to the SAML response.
    pub gives: bool,
    /// Its body does not say whose it is: that is in the signed token alone.
    pub anonymous: bool,
    /// The body's mapping fails for users without a plan.
    pub fragile_body: bool,
    /// The number of the system that it reads, and what of it.
    pub source: Option<(usize, Reading)>,
    /// It has a `keep`, for others.
    pub keeps: bool,
    /// Others read its whole answer.
    pub gives_whole: bool,
    /// It is in shadow, or reads one that is.
    pub shadow: bool,
}

/// What an entry reads of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// The `id` of its answer, for the body.
    Answer,
    /// Whether it was rejected, in `when`.
    End,
}

/// How a request looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// JSON with `id` and `plan`.
    Post,
    /// `/users/{id}?plan={plan}`
    Get,
    /// The preset `cleeng`.
    Cleeng,
    /// The preset `userhub`.
    UserHub,
    /// The preset `okta-workflows`, its URL a secret that carries its token.
    Workflows,
    /// A form that asks for an access token.
    Source,
}

/// How a request proves who is asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Auth {
    /// `authorization: Bearer …`, one of the keys.
    Bearer,
    /// The key alone, in this header.
    Header(&'static str),
    /// A token signed with the key.
    Jwt,
    /// An access token of the source of this number.
    Token(usize),
    /// `client_secret` in a form, one of the keys.
    Form,
}

/// The `when` of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// None.
    Always,
    /// Those with a phone number.
    Phone,
    /// Those in Europe.
    Europe,
    /// Fails for those without a phone number.
    Fragile,
}

/// What a failure means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Policy {
    /// The login goes on.
    Allow,
    /// It is denied, perhaps with words of the admin's.
    Deny(Option<&'static str>),
    /// It goes on with a second factor.
    Mfa,
}

/// The outcomes that a policy can be given for.
pub const FAILURES: [&str; 5] = ["rejected", "unauthorized", "conflict", "unavailable", "invalid"];

impl When {
    /// Whether the entry runs for this login; `None` when that cannot be said.
    pub fn applies(self, story: &Story) -> Option<bool> {
        match self {
            Self::Always => Some(true),
            Self::Phone => Some(story.phone),
            Self::Europe => Some(story.europe),
            Self::Fragile => story.phone.then_some(true),
        }
    }

    /// It, as an admin writes it.
    pub fn expression(self) -> Option<&'static str> {
        match self {
            Self::Always => None,
            Self::Phone => Some("user.phone_number"),
            Self::Europe => Some("request.geoip.continentCode == 'EU'"),
            Self::Fragile => Some("length(user.phone_number) > `3`"),
        }
    }
}

impl SystemPlan {
    /// Whether it runs in this flow.
    pub fn runs(&self, registration: bool) -> bool {
        if registration { self.on_registration } else { self.on_login }
    }

    /// What the config says about this outcome.
    pub fn policy(&self, outcome: &str) -> &Policy {
        self.policies.iter().find(|(of, _)| *of == outcome).map_or(&Policy::Allow, |(_, policy)| policy)
    }

    /// Whether an answer must be JSON.
    pub fn reads_answers(&self) -> bool {
        let takes = self.writes || self.gives || self.keeps || !self.claims.is_empty();
        self.token.is_some() || self.expects || takes
    }

    /// Whether this answer may mean the key: a gateway's 403 may, and what a source of tokens says to refuse its client.
    pub fn rotates_on(&self, reply: &Arrived) -> bool {
        let refused = self.is_source() && reply.means == "unauthorized";
        refused || reply.status == 401 || (reply.status == 403 && matches!(self.auth, Auth::Header(_)))
    }

    /// How many keys a login may try. Of tokens it is two.
    pub fn most_keys(&self) -> usize {
        if matches!(self.auth, Auth::Token(_)) { 2 } else { self.keys.len() }
    }

    /// Whether it gives tokens for others.
    pub fn is_source(&self) -> bool {
        self.shape == Shape::Source
    }

    /// Whom its guard means by this person. A token is got for all.
    pub fn user(&self, person: usize) -> usize {
        if self.is_source() { ALL } else { person }
    }
}

/// What is said to those who are known to a system otherwise, where a rule denies them.
pub const KNOWN_OTHERWISE: &str = "Please use your other login.";

/// The reason a blocked user is told, when there is a rule for it.
pub fn denied_by_rule(plan: &Plan, person: &Person) -> Option<&'static str> {
    plan.deny_blocked.filter(|_| person.blocked())
}
