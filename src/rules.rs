//! Rules on the event alone: deny a login, or ask for a second factor.
//!
//! **A rule that cannot be evaluated applies**: an expression that fails (say, `contains` on what is no list) must not
//! open a door.

use crate::claims::Command;
use crate::constant::Constant;
use crate::document::Place;
use crate::expression::Expression;
use crate::value::{Val, Value};

/// `{ "when": …, "reason": … }`
pub struct DenyRule {
    when: Expression,
    /// What the application and its user will see.
    pub reason: String,
}

/// `{ "when": …, "provider": …, "options": … }` or `{ "when": …, "challengeWith": […] }`
pub struct MfaRule {
    when: Expression,
    factor: Factor,
}

/// What the rule asks Auth0 for.
enum Factor {
    /// `api.multifactor.enable(provider, options)`
    Provider(&'static str, Constant),
    /// `api.authentication.challengeWith(factor, options)`
    Challenge(Constant, Constant),
}

impl DenyRule {
    /// Reads the rule here.
    pub fn read(place: &Place) -> Self {
        place.knows_only(&["when", "reason"]);
        Self { when: place.needed("when").expression(), reason: place.needed("reason").reason() }
    }

    /// Whether it denies this login.
    pub fn applies(&self, event: &Val) -> bool {
        applies(&self.when, event)
    }
}

const PROVIDERS: [&str; 5] = ["any", "guardian", "duo", "google-authenticator", "none"];
const FACTORS: [&str; 7] =
    ["otp", "recovery-code", "email", "push-notification", "phone", "webauthn-platform", "webauthn-roaming"];

impl MfaRule {
    /// Reads the rule here.
    // Apart, and so not compiled where the config has no `mfa`.
    #[inline(never)]
    pub fn read(place: &Place) -> Self {
        place.knows_only(&["when", "provider", "options", "challengeWith"]);
        if place.field("provider").is_some() == place.field("challengeWith").is_some() {
            place.refuse("must have either `provider` or `challengeWith`");
        }
        let provider = place.field("provider").map(|provider| provider.word(&PROVIDERS));
        let name = provider.and_then(|which| PROVIDERS.get(which));
        let mut options = Val::from_object(Vec::new());
        if let Some(place) = place.field("options") {
            place.knows_only(&["allowRememberBrowser"]);
            place.flag("allowRememberBrowser");
            if name.is_none() {
                place.refuse("goes with `provider` only");
            }
            options = place.value;
        }
        let mut factors = Vec::new();
        place.items_of("challengeWith", &mut |item| {
            item.word(&FACTORS);
            factors.push(Val::from_object(vec![("type", item.value)]));
        });
        let factor = if let Some(name) = name {
            Factor::Provider(name, Constant::new(&options))
        } else {
            let more = Val::from_list(factors.split_off(factors.len().min(1)));
            let first = factors.pop().unwrap_or_else(|| {
                place.refuse("needs a factor in `challengeWith`");
                Val::default()
            });
            let more = Val::from_object(vec![("additionalFactors", more)]);
            Factor::Challenge(Constant::new(&first), Constant::new(&more))
        };
        Self { when: place.needed("when").expression(), factor }
    }

    /// The command, when the rule asks for a second factor in this login.
    pub fn command(&self, event: &Val) -> Option<Command> {
        applies(&self.when, event).then(|| match &self.factor {
            Factor::Provider(name, options) => {
                Command::Multifactor((*name).to_string(), options.value().clone())
            }
            Factor::Challenge(first, more) => Command::Challenge(first.value().clone(), more.value().clone()),
        })
    }
}

fn applies(when: &Expression, event: &Val) -> bool {
    when.evaluate(event).map_or(true, |value| value.is_truthy())
}
