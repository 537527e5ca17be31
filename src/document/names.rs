//! The names that Auth0 takes. A claim that it would drop in silence or throw on is refused when the config is read.

use crate::document::config_value::ConfigValue;
use crate::host::text::{cut, has, has_control, until, words};

/// Claims that an Action sets to no effect: they belong to the protocol or to Auth0.
const DROPPED: &str = "acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id \
cnf cty dest entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky \
nbf nonce object_id org_id org_name orig origid permissions roles rph s_hash sid sip_callid sip_cseq_num sip_date \
sip_from_tag sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256";

/// Refuses a claim that would not arrive.
pub(crate) fn claim_name(place: ConfigValue, name: &str) {
    if name == "scope" {
        place.refuse("makes Auth0 throw: use another name");
    } else if name.is_empty() || name == "__proto__" || has_control(name) {
        place.refuse("is not a valid claim name: use another name");
    } else if words(DROPPED).contains(&name) {
        place.refuse_parts(&[
            "is dropped by Auth0: use a name of your own, such as `https://example.com/",
            name,
            "`",
        ]);
    } else if is_reserved_namespace(name) {
        place.refuse("is in a namespace whose claims Auth0 drops: use a domain of your own");
    }
}

/// Refuses a key of app_metadata that Auth0 would not store, and our own.
pub(crate) fn metadata_key(place: ConfigValue, key: &str) {
    user_metadata_key(place, key);
    if key == METADATA_KEY {
        place.refuse("is where login-sync keeps fresh responses: use another key");
    }
}

/// Refuses a key of user_metadata that Auth0 would not store.
pub(crate) fn user_metadata_key(place: ConfigValue, key: &str) {
    if key.is_empty() || key == "__proto__" || has(key, ".$") {
        place.refuse("is not a valid metadata key: it must not be empty or contain `.` or `$`");
    }
}

/// Refuses a SAML attribute that Auth0 would not set.
pub(crate) fn attribute_name(place: ConfigValue, name: &str) {
    if name.is_empty() || name == "__proto__" || name.len() > 1000 || has_control(name) {
        place.refuse("is not a valid attribute name: it must be one line of at most 1,000 bytes");
    }
}

/// The one key of app_metadata that is ours.
pub(crate) const METADATA_KEY: &str = "login_sync";

fn is_reserved_namespace(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let Some((scheme, rest)) = cut(&lower, ":") else {
        return false;
    };
    if scheme == "urn" {
        return rest == "auth0" || rest.starts_with("auth0:");
    }
    let mut host = rest;
    while let Some(less) = host.strip_prefix('/') {
        host = less;
    }
    let host = until(host, "/:?#");
    (scheme == "https" || scheme == "http")
        && ["auth0.com", "webtask.io", "webtask.run"].iter().any(|domain| {
            host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
}
