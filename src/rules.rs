//! Rules on the event alone: deny a login, or ask for a second factor.
//!
//! **A rule that cannot be evaluated applies**: an expression that fails (say, `contains` on what is no list) must not
//! open a door.

use crate::claims::Command;
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
    command: Command,
}

impl DenyRule {
    /// Reads the rule here.
    pub fn read(place: &Place) -> Option<Self> {
        place.knows_only(&["when", "reason"]);
        let when = when(place);
        let reason = place.field("reason");
        if reason.is_none() {
            place.refuse("needs a `reason`: the application shows it to the user");
        }
        Some(Self { reason: reason?.reason()?, when: when? })
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
    pub fn read(place: &Place) -> Option<Self> {
        place.knows_only(&["when", "provider", "options", "challengeWith"]);
        let when = when(place);
        let command = match (place.field("provider"), place.field("challengeWith")) {
            (Some(provider), None) => {
                let options = place.field("options");
                if let Some(options) = &options {
                    options.knows_only(&["allowRememberBrowser"]);
                    options.field("allowRememberBrowser").and_then(|field| field.boolean());
                }
                let options = options.map_or_else(|| Val::from_object(Vec::new()), |place| place.value);
                Command::Multifactor(provider.word(&PROVIDERS.map(|word| (word, word)))?.to_string(), options)
            }
            (None, Some(factors)) => {
                let factors = factors.items();
                let mut factors =
                    factors.iter().filter_map(|item| item.word(&FACTORS.map(|word| (word, word))));
                let factor = |name| Val::from_object(vec![("type", Val::from_text(name))]);
                let first = factors.next().map(factor);
                let more = Val::from_list(factors.map(factor).collect());
                if first.is_none() {
                    place.refuse("needs a factor in `challengeWith`");
                }
                Command::Challenge(first?, Val::from_object(vec![("additionalFactors", more)]))
            }
            _ => {
                place.refuse("must have either `provider` or `challengeWith`");
                return None;
            }
        };
        Some(Self { when: when?, command })
    }

    /// The command, when the rule asks for a second factor in this login.
    pub fn command(&self, event: &Val) -> Option<Command> {
        applies(&self.when, event).then(|| self.command.clone())
    }
}

fn when(place: &Place) -> Option<Expression> {
    let when = place.field("when");
    if when.is_none() {
        place.refuse("needs a `when`");
    }
    when?.expression()
}

fn applies(when: &Expression, event: &Val) -> bool {
    when.evaluate(event).map_or(true, |value| value.is_truthy())
}
