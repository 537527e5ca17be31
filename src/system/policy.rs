//! What a login does when a sync fails: `onFailure`.

use crate::document::config_value::ConfigValue;
use crate::host::text::{has_control, words};
use crate::host::value::{Kind, Value};
use crate::system::outcome::{FAILURE_NAMES, FAILURES, Outcome};

/// So many characters has a reason for the user, at most.
pub(crate) const MOST_REASON: usize = 200;

/// What a login does when a sync fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Policy {
    /// It goes on without that system's claims.
    #[default]
    Allow,
    /// It is denied. The reason is shown to the user; without one, it names the system and the outcome.
    Deny(Option<String>),
    /// It goes on with a second factor.
    Mfa,
}

/// The policy for each failure.
#[derive(Default)]
pub(crate) struct OnFailure(Vec<(Outcome, Policy)>);

impl OnFailure {
    /// Reads one word for all failures, or a policy for each that is named; the others are allowed.
    pub(crate) fn read(place: ConfigValue) -> Self {
        let mut policies = Vec::new();
        if place.kind != Kind::Object || !place.value.get("deny").is_null() {
            if words(FAILURE_NAMES).iter().any(|name| !place.value.get(name).is_null()) {
                place.refuse("has a `deny` for all failures: remove it, or name a policy for each failure");
                return Self(policies);
            }
            let policy = Policy::read(place);
            policies.extend(FAILURES.map(|outcome| (outcome, policy.clone())));
        } else {
            place.knows_only(FAILURE_NAMES);
            for (outcome, name) in FAILURES.into_iter().zip(words(FAILURE_NAMES)) {
                policies.extend(place.field(name).map(|field| (outcome, Policy::read(field))));
            }
        }
        Self(policies)
    }

    /// The policy for this outcome.
    pub(crate) fn policy(&self, outcome: Outcome) -> &Policy {
        self.0.iter().find(|(of, _)| *of == outcome).map_or(&Policy::Allow, |(_, policy)| policy)
    }

    /// Whether a failure can stop the login or ask for more of it.
    pub(crate) fn closes(&self) -> bool {
        self.0.iter().any(|(_, policy)| *policy != Policy::Allow)
    }

    /// Whether a failure can ask for a second factor.
    pub(crate) fn asks(&self) -> bool {
        self.0.iter().any(|(_, policy)| matches!(policy, Policy::Mfa))
    }
}

impl Policy {
    fn read(place: ConfigValue) -> Self {
        if place.kind == Kind::Object {
            place.knows_only("deny");
            return Policy::Deny(Some(place.needed("deny").reason()));
        }
        match place.word("allow deny mfa") {
            0 => Policy::Allow,
            1 => Policy::Deny(None),
            _ => Policy::Mfa,
        }
    }
}

impl ConfigValue<'_> {
    /// A reason for a denial, as the application and its user will see it.
    pub(crate) fn reason(self) -> String {
        let reason = self.text();
        if reason.chars().count() > MOST_REASON || has_control(&reason) {
            self.refuse("must be one line of at most 200 characters: the application shows it to the user");
        }
        reason
    }
}
