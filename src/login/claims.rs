//! What the Action asks of Auth0, as data: claims, metadata, multifactor, deny.
//!
//! **Nothing touches `api` before a login is decided.** A login ends in a list of commands; `wasm.rs` applies them in
//! this order, together, and ends where Auth0 refuses a denial or a second factor. Claim names that Auth0 would drop in
//! silence or throw on are refused when the config is read.

use crate::document::mapping::Mapping;
use crate::document::place::Place;
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

    /// The values for this scope. What is null is left out, unless `nulls` says that it counts. An expression that
    /// fails costs its own field alone.
    pub fn fill(&self, scope: &Val, nulls: bool) -> Filled {
        let mut filled = Filled { fields: Vec::with_capacity(self.0.len()), failed: false, found: false };
        for (name, mapping) in &self.0 {
            let Ok(value) = mapping.fill(scope) else {
                filled.failed = true;
                continue;
            };
            filled.found = filled.found || mapping.found(&value);
            if nulls || !value.is_null() {
                filled.fields.push((name.clone(), value));
            }
        }
        filled
    }

    /// The values that an object has under these names, and whether one of them was once asked for. What else is in it
    /// does not belong here.
    pub fn restore(&self, object: &Val) -> Filled {
        let mut filled = Filled { fields: Vec::new(), failed: false, found: false };
        for (name, mapping) in &self.0 {
            let value = object.field(name);
            if !value.is_null() {
                filled.found = filled.found || mapping.asks();
                filled.fields.push((name.clone(), value));
            }
        }
        filled
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them asks the scope for anything.
    pub fn asks(&self) -> bool {
        self.0.iter().any(|(_, mapping)| mapping.asks())
    }
}

/// Names and their values: the claims of one token, or keys of the metadata.
pub type Fields = Vec<(Text, Val)>;

/// What names were filled to.
pub struct Filled {
    /// The values.
    pub fields: Fields,
    /// Whether an expression failed, so that its field is missing.
    pub failed: bool,
    /// Whether any of what was asked for was there.
    pub found: bool,
}

/// Auth0 fails a login with more than 100 kB of custom claims in a token, as JSON and with their names.
const MOST_CLAIMS: usize = 100_000;

/// The room that is left for claims, in bytes.
pub struct Room {
    id_token: usize,
    access_token: usize,
    /// Whether something had to be left out.
    pub short: bool,
}

impl Default for Room {
    fn default() -> Self {
        // The braces around them, and a comma for all but one.
        Self { id_token: MOST_CLAIMS - 1, access_token: MOST_CLAIMS - 1, short: false }
    }
}

impl Room {
    /// Claims of the ID token as commands, as far as there is room.
    pub fn id_token(&mut self, fields: &Fields, out: &mut Vec<Command>) {
        self.short |= fit(fields, &mut self.id_token, Command::IdTokenClaim, out);
    }

    /// The same for the access token.
    pub fn access_token(&mut self, fields: &Fields, out: &mut Vec<Command>) {
        self.short |= fit(fields, &mut self.access_token, Command::AccessTokenClaim, out);
    }
}

/// A command for each field that there is room for, in order; whether one had to be left out.
fn fit(fields: &Fields, left: &mut usize, command: fn(Text, Val) -> Command, out: &mut Vec<Command>) -> bool {
    let mut short = false;
    for (name, value) in fields {
        // The name with its quotes, a colon, the value and a comma. Of a name only these two signs are written longer.
        let escapes = name.bytes().filter(|b| matches!(b, b'"' | b'\\')).count();
        let size = value.size().saturating_add(name.len() + escapes + 4);
        match left.checked_sub(size) {
            Some(rest) => {
                *left = rest;
                out.push(command(name.clone(), value.clone()));
            }
            None => short = true,
        }
    }
    short
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
