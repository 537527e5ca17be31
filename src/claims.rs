//! What the Action asks of Auth0, as data: claims, metadata, multifactor, deny.
//!
//! **Nothing touches `api` before a login is decided.** A login ends in a list of commands; `wasm.rs` applies them in
//! this order, together, and ends where Auth0 refuses a denial or a second factor. Claim names that Auth0 would drop in
//! silence or throw on are refused when the config is read.

use crate::document::Place;
use crate::expression::EvaluateError;
use crate::mapping::Mapping;
use crate::text::Text;
use crate::value::{Val, Value};

/// One call to `api`.
#[derive(Clone)]
pub enum Command {
    /// `api.idToken.setCustomClaim(name, value)`
    IdTokenClaim(Text, Val),
    /// `api.accessToken.setCustomClaim(name, value)`
    AccessTokenClaim(Text, Val),
    /// `api.user.setAppMetadata(key, value)`
    AppMetadata(Text, Val),
    /// `api.multifactor.enable(provider, options)`
    Multifactor(String, Val),
    /// `api.authentication.challengeWith(factor, options)`
    Challenge(Val, Val),
    /// `api.authentication.enrollWith(factor, options)`
    Enroll(Val, Val),
    /// `api.access.deny(reason)`
    Deny(String),
}

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
        self.asks_for_second_factor() || matches!(self, Command::Deny(_))
    }

    /// Asks for a second factor, whichever the tenant offers and the user has or enrolls.
    pub fn any_factor() -> Self {
        Command::Multifactor("any".to_string(), Val::from_object(Vec::new()))
    }
}

/// Names and their mappings: the claims of one token, or the keys of the metadata.
#[derive(Default)]
pub struct Named(pub Vec<(Text, Mapping)>);

impl Named {
    /// Reads the object in the field `key`, each name checked by `allowed`.
    pub fn read(object: &Place, key: &str, allowed: fn(&Place, &str)) -> Self {
        let mut named = Vec::new();
        object.fields_of(key, &mut |name, field| {
            allowed(&field, name);
            named.push((Text::new(name), Mapping::read(&field)));
        });
        Self(named)
    }

    /// The values for this scope; what is null is left out.
    pub fn fill(&self, scope: &Val) -> Result<Fields, EvaluateError> {
        let mut fields = Vec::with_capacity(self.0.len());
        for (name, mapping) in &self.0 {
            let value = mapping.fill(scope)?;
            if !value.is_null() {
                fields.push((name.clone(), value));
            }
        }
        Ok(fields)
    }

    /// Whether the scope does not matter.
    pub fn is_literal(&self) -> bool {
        self.0.iter().all(|(_, mapping)| mapping.is_literal())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Names and their values: the claims of one token, or keys of the metadata.
pub type Fields = Vec<(Text, Val)>;

/// A command for each field, in order.
pub fn commands(fields: &Fields, command: fn(Text, Val) -> Command, out: &mut Vec<Command>) {
    for (name, value) in fields {
        out.push(command(name.clone(), value.clone()));
    }
}

/// Claims that an Action sets to no effect: they belong to the protocol or to Auth0.
const DROPPED: &str = "acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id \
cnf cty dest entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky \
nbf nonce object_id org_id org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date \
sip_from_tag sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256";

/// Refuses a claim that would not arrive.
pub fn claim_name(place: &Place, name: &str) {
    if name == "scope" {
        place.refuse("auth0 throws on a claim named `scope`: choose another name");
    } else if name.is_empty() || name == "__proto__" || name.contains(char::is_control) {
        place.refuse("this is no name for a claim");
    } else if DROPPED.split(' ').any(|dropped| dropped == name) {
        place.refuse(
            &["auth0 drops this claim: use a name of your own, such as `https://example.com/", name, "`"]
                .concat(),
        );
    } else if is_reserved_namespace(name) {
        place.refuse("auth0 drops claims in a namespace of its own: use a domain of yours");
    }
}

/// Refuses a metadata key that Auth0 would not store.
pub fn metadata_key(place: &Place, key: &str) {
    if key.is_empty() || key == "__proto__" || key.contains(['.', '$']) {
        place.refuse("a metadata key must not be empty nor contain `.` or `$`");
    } else if key == METADATA_KEY {
        place.refuse("this key is where login-sync keeps fresh answers: choose another");
    }
}

/// The one key of app_metadata that is ours.
pub const METADATA_KEY: &str = "login_sync";

fn is_reserved_namespace(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let Some((scheme, rest)) = lower.split_once(':') else {
        return false;
    };
    if scheme == "urn" {
        return rest == "auth0" || rest.starts_with("auth0:");
    }
    let host = rest.trim_start_matches('/').split(['/', ':', '?', '#']).next().unwrap_or_default();
    (scheme == "https" || scheme == "http")
        && ["auth0.com", "webtask.io", "webtask.run"].iter().any(|domain| {
            host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
}
