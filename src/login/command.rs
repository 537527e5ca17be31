//! What the Action asks of Auth0, as data: claims, scopes, metadata, SAML attributes, multifactor, deny.
//!
//! **Nothing touches `api` before a login is decided.** A login ends in a list of commands; `wasm.rs` applies them in
//! this order, together, and ends where Auth0 refuses a denial or a second factor.

use crate::document::trigger::Trigger;
use crate::host::text::Text;
use crate::host::value::{Val, Value};

/// One call to `api`.
#[derive(Clone)]
pub enum Command {
    /// `api.idToken.setCustomClaim(name, value)`
    IdTokenClaim(Text, Val),
    /// `api.accessToken.setCustomClaim(name, value)`
    AccessTokenClaim(Text, Val),
    /// `api.user.setAppMetadata(key, value)`
    AppMetadata(Text, Val),
    /// `api.user.setUserMetadata(key, value)`
    UserMetadata(Text, Val),
    /// `api.samlResponse.setAttribute(name, value)`
    SamlAttribute(Text, Val),
    /// `api.accessToken.addScope(scope)`
    AddScope(String),
    /// `api.accessToken.removeScope(scope)`
    RemoveScope(String),
    /// `api.multifactor.enable(provider, options)`
    Multifactor(String, Val),
    /// `api.authentication.challengeWith(factor, options)`
    Challenge(Val, Val),
    /// `api.authentication.enrollWith(factor, options)`
    Enroll(Val, Val),
    /// `api.access.deny(reason)`, and where the flow takes two: `(reason, userMessage)`, `(code, reason)`
    Deny(String, Option<String>),
}

/// The code where it is no fault of the machine's.
pub(crate) const SERVER_ERROR: &str = "server_error";

impl Command {
    /// Whether the user will need a second factor.
    pub fn asks_for_second_factor(&self) -> bool {
        match self {
            Command::Multifactor(provider, _) => provider != "none",
            Command::Challenge(..) | Command::Enroll(..) => true,
            _ => false,
        }
    }

    /// Whether a login must not pass, and gets nothing else, where Auth0 refuses this.
    pub fn holds_back(&self) -> bool {
        self.asks_for_second_factor() || matches!(self, Command::Deny(..))
    }

    /// Denies this flow for a reason. Machines are given a code with it, and a person who registers may see another text.
    #[cold]
    #[inline(never)]
    pub(crate) fn deny(trigger: Trigger, reason: String, code: &str, seen: Option<String>) -> Self {
        match trigger {
            Trigger::PreUserRegistration => Command::Deny(reason.clone(), Some(seen.unwrap_or(reason))),
            Trigger::CredentialsExchange => Command::Deny(code.to_string(), Some(reason)),
            _ => Command::Deny(reason, None),
        }
    }

    /// Asks for a second factor, whichever the tenant offers and the user has or enrolls.
    pub fn any_factor() -> Self {
        Command::Multifactor("any".to_string(), Val::from_object(Vec::new()))
    }
}
