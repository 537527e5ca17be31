//! What a login may get: claims of both tokens, keys of both metadata, attributes of the SAML response.
//!
//! The config says it in the same words for the event (at its top) and for an answer (in `response`), so it is read, filled
//! and looked through for doubles in one way.

use crate::document::config_value::ConfigValue;
use crate::document::fields::{Entries, Fields, NamedMappings};
use crate::document::mapping::{Filling, Forms};
use crate::document::names::{attribute_name, claim_name, metadata_key, user_metadata_key};
use crate::host::text::Text;

/// The fields of the config that say what a login gets. All arrays of five are in this order.
pub(crate) const OUTPUTS: [&str; 5] = ["idToken", "accessToken", "appMetadata", "userMetadata", "saml"];

/// Auth0 takes 100 attributes, of all Actions together.
pub(crate) const MOST_ATTRIBUTES: usize = 100;

/// The mappings of each of them.
#[derive(Default)]
pub(crate) struct Outputs(pub [NamedMappings; 5]);

/// What they were filled to.
#[derive(Default)]
pub(crate) struct FilledOutputs {
    /// The values of each.
    pub fields: [Fields; 5],
    /// Whether an expression failed, so that its field is missing.
    pub failed: bool,
    /// Whether any of what was asked for was there.
    pub found: bool,
}

impl Outputs {
    /// Reads them here; the claims of the tokens in an object of their own, where there is one. With the forms that claims
    /// take, and those that all others do.
    pub(crate) fn read<'a>(
        claims: Option<ConfigValue<'a>>,
        place: ConfigValue<'a>,
        [of_claims, forms]: [Forms; 2],
    ) -> Self {
        let [id_token, access_token, app_metadata, user_metadata, saml] = OUTPUTS;
        let claim = |token| claims.map(|claims| NamedMappings::read(claims, token, claim_name, &of_claims));
        let attributes = NamedMappings::read(place, saml, attribute_name, &forms);
        if attributes.0.len() > MOST_ATTRIBUTES {
            place.needed(saml).refuse("has too many attributes: Auth0 takes 100");
        }
        Self([
            claim(id_token).unwrap_or_default(),
            claim(access_token).unwrap_or_default(),
            NamedMappings::read(place, app_metadata, metadata_key, &forms),
            NamedMappings::read(place, user_metadata, user_metadata_key, &forms),
            attributes,
        ])
    }

    /// The values for this scope. Null is none, but for metadata, where it takes a key away unless an entry that is read
    /// is not among the good ones.
    pub(crate) fn fill(&self, with: Filling, entries: Entries) -> FilledOutputs {
        let mut all = FilledOutputs::default();
        for (index, (named, fields)) in self.0.iter().zip(&mut all.fields).enumerate() {
            let filled = named.fill(with, matches!(index, 2 | 3), entries);
            *fields = filled.fields;
            all.failed |= filled.failed;
            all.found |= filled.found;
        }
        all
    }

    /// Each with its name in the config.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &NamedMappings)> {
        OUTPUTS.into_iter().zip(&self.0)
    }

    /// Whether the one at this place sets this name.
    pub(crate) fn sets(&self, place: usize, name: &Text) -> bool {
        self.0.get(place).is_some_and(|named| named.0.iter().any(|known| known.name == *name))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(NamedMappings::is_empty)
    }

    /// Whether one of them asks the scope for anything.
    pub(crate) fn asks(&self) -> bool {
        self.0.iter().any(NamedMappings::asks)
    }
}
