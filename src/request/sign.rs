//! A request that is signed by the Standard Webhooks specification: `webhook-id`, `webhook-timestamp`, `webhook-signature`.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::Means;
use crate::document::secrets::{Names, Secrets, set};
use crate::host::text::{Text, joined};
use crate::host::value::{Val, Value};
use crate::request::attempt::Unbuildable;

/// Reads the field `sign`: the names of its secrets, each of which that is set gives a signature.
#[cold]
#[inline(never)]
pub(crate) fn read(place: ConfigValue, secrets: &Secrets) -> Names {
    place.knows_only("standardWebhooks");
    secrets.names(place, "standardWebhooks", false)
}

/// Adds the headers for this body. The id is the same for every try.
#[cold]
#[inline(never)]
pub(crate) fn sign(
    names: &[Text],
    id: &str,
    means: &Means,
    headers: &mut Vec<(Text, Text)>,
) -> Result<(), Unbuildable> {
    let id = ["msg_", id].concat();
    let seconds = Val::from_f64((means.now / 1000.0).trunc()).to_json();
    let body = means.body.map(Text::as_str).unwrap_or_default();
    let signed = Val::from_text(&joined(&[&id, &seconds, body], "."));
    let mut signatures = String::new();
    for (_, secret) in set(means.secrets, names) {
        let secret = secret.as_text().unwrap_or_default();
        let key = Val::from_text(secret.strip_prefix("whsec_").unwrap_or(&secret));
        let signature = signed.digest("sha256 base64 base64", Some(&key)).as_text();
        signatures.push_str(if signatures.is_empty() { "v1," } else { " v1," });
        signatures.push_str(&signature.ok_or(Unbuildable::Invalid("sign-key"))?);
    }
    if signatures.is_empty() {
        return Err(Unbuildable::NoSecret);
    }
    headers.push((Text::new("webhook-id"), Text::new(&id)));
    headers.push((Text::new("webhook-timestamp"), Text::new(&seconds)));
    headers.push((Text::new("webhook-signature"), Text::new(&signatures)));
    Ok(())
}
