//! Rules on the event and on how entries ended: deny a login, or ask for a second factor.
//!
//! **A rule that cannot be evaluated applies**: an expression that fails (say, `contains` on what is no list) must not
//! open a door. So one that takes a second factor away (`none`) does not apply then. And a rule for a second factor applies
//! only where someone can answer it, unless it says `always`: elsewhere it would not ask, but fail the exchange.

use crate::document::config_value::ConfigValue;
use crate::document::trigger::Trigger;
use crate::expression::Expression;
use crate::host::constant::Constant;
use crate::host::text::word_at;
use crate::host::value::{Kind, Val, Value};
use crate::login::command::Command;
use crate::request::scope::Scope;
use crate::system::policy::MOST_REASON;

/// `{ "when": …, "reason": … }`; at a registration with a `userMessage`, at a credentials exchange with a `code`.
pub(crate) struct DenyRule {
    when: Expression,
    /// The bits of the entries that it reads. A rule that reads none is weighed before anything is sent.
    pub reads: u64,
    reason: Reason,
    /// What a person who registers sees instead.
    seen: Option<Reason>,
    /// For machines.
    code: &'static str,
}

/// What the application and its user will see.
enum Reason {
    /// `"…"`
    Text(String),
    /// `{ "value": … }`
    Value(Expression),
}

/// `{ "when": …, "provider": …, "options": … }` or `{ "when": …, "challengeWith": […], "enrollWith": […] }`
pub(crate) struct MfaRule {
    when: Expression,
    /// Also where no one can answer.
    always: bool,
    factor: Factor,
    /// The bits of the entries that it reads.
    pub reads: u64,
}

/// What the rule asks Auth0 for.
enum Factor {
    /// `api.multifactor.enable(provider, options)`
    Provider(&'static str, Constant),
    /// `api.authentication.challengeWith` with those of these that the user has. A user who has none of them is asked
    /// to enroll: `api.authentication.enrollWith`.
    Challenge { with: Vec<&'static str>, enroll: Vec<&'static str> },
}

impl DenyRule {
    /// Reads the rule of a flow here.
    pub(crate) fn read(place: ConfigValue, trigger: Trigger) -> Self {
        place.knows_only(match trigger {
            Trigger::PreUserRegistration => "when reason userMessage",
            Trigger::CredentialsExchange => "when reason code",
            _ => "when reason",
        });
        let (when, reason) = (place.needed("when").expression(), Reason::read(place.needed("reason")));
        let seen = place.field("userMessage").map(Reason::read);
        let code = word_at(CODES, place.word_of("code", CODES));
        Self { when, reason, seen, code, reads: place.take_reads().any() }
    }

    /// Denies this login.
    #[cold]
    #[inline(never)]
    pub(crate) fn command(&self, scope: &Scope) -> Command {
        let text = |reason: &Reason| reason.text(scope);
        Command::deny(scope.trigger, text(&self.reason), self.code, self.seen.as_ref().map(text))
    }

    /// Whether it denies this login.
    pub(crate) fn applies(&self, event: &Val) -> bool {
        self.when.evaluate(event).map_or(true, |value| value.is_truthy())
    }
}

impl Reason {
    #[inline(never)]
    fn read(place: ConfigValue) -> Self {
        if place.kind == Kind::Object {
            place.knows_only("value");
            Reason::Value(place.needed("value").expression())
        } else {
            Reason::Text(place.reason())
        }
    }

    /// What is seen: one line of at most 200 characters, also where an expression gives it.
    #[inline(never)]
    fn text(&self, scope: &Scope) -> String {
        let text = match self {
            Reason::Text(text) => return text.clone(),
            Reason::Value(value) => {
                value.evaluate(&scope.event).unwrap_or_default().as_text().unwrap_or_default()
            }
        };
        let line = text.chars().map(|c| if breaks_line(c) { ' ' } else { c });
        let line: String = line.skip_while(|c| *c == ' ').take(MOST_REASON).collect();
        if line.is_empty() { scope.trigger.apology("") } else { line }
    }
}

/// The codes that OAuth has for a machine that gets no token, as far as Auth0 takes them.
const CODES: &str = "invalid_request invalid_scope server_error";

const PROVIDERS: &str = "any guardian duo google-authenticator none";
const FACTORS: &str = "otp recovery-code email push-notification phone webauthn-platform webauthn-roaming";

impl MfaRule {
    /// Reads the rule here.
    // Apart, and so not compiled where the config has no `mfa`.
    #[inline(never)]
    pub(crate) fn read(place: ConfigValue) -> Self {
        let before = place.problems();
        place.knows_only("when always provider options challengeWith enrollWith");
        let challenges = place.field("challengeWith").is_some();
        let one = place.field("provider").is_some() != challenges;
        if !one && place.problems() == before {
            place.refuse("must have either `provider` or `challengeWith`");
        }
        let provider = place.field("provider");
        let name = provider.map(|provider| word_at(PROVIDERS, provider.word(PROVIDERS)));
        let mut options = Val::from_object(Vec::new());
        if let Some(place) = place.field("options") {
            place.knows_only("allowRememberBrowser");
            place.flag("allowRememberBrowser");
            if one && name.is_none() {
                place.refuse("can only be used with `provider`");
            }
            options = place.value.clone();
        }
        if let Some(enroll) = place.field("enrollWith").filter(|_| one && !challenges) {
            enroll.refuse("can only be used with `challengeWith`");
        }
        let [with, enroll] = ["challengeWith", "enrollWith"].map(|key| read_factors(place, key));
        let factor = match name {
            Some(name) => Factor::Provider(name, Constant::new(&options)),
            None => Factor::Challenge { with, enroll },
        };
        let when = place.needed("when").expression();
        Self { when, always: place.flag("always"), factor, reads: place.take_reads().any() }
    }

    /// Whether it decides about the second factor of this login.
    pub(crate) fn applies(&self, scope: &Scope) -> bool {
        // One that fails applies only if it asks: one that takes a second factor away would open a door.
        let says = || self.when.evaluate(&scope.event).map_or(self.asks(), |value| value.is_truthy());
        (self.always || scope.is_interactive()) && says()
    }

    /// Whether it asks for a second factor, and takes none away.
    pub(crate) fn asks(&self) -> bool {
        !matches!(self.factor, Factor::Provider("none", _))
    }

    /// What it asks for. A challenge with factors of which the user has none would fail the login.
    pub(crate) fn command(&self, event: &Val) -> Command {
        match &self.factor {
            Factor::Provider(name, options) => {
                Command::Multifactor((*name).to_string(), options.value().clone())
            }
            Factor::Challenge { with, enroll } => {
                let has = enrolled(event);
                let mut mine = with.clone();
                mine.retain(|name| has.iter().any(|has| has == name));
                first_and_more(&mine, Command::Challenge)
                    .or_else(|| first_and_more(enroll, Command::Enroll))
                    .unwrap_or_else(Command::any_factor)
            }
        }
    }
}

fn read_factors<'a>(rule: ConfigValue<'a>, key: &'a str) -> Vec<&'static str> {
    let mut factors = Vec::new();
    rule.items_of(key, "factors", &mut |item| factors.push(word_at(FACTORS, item.word(FACTORS))));
    if let Some(array) = rule.field(key)
        && array.kind == Kind::List
        && factors.is_empty()
    {
        array.refuse("must have at least one factor");
    }
    factors
}

/// The factors that the user has, as Auth0 tells it.
fn enrolled(event: &Val) -> Vec<String> {
    let mut names = Vec::new();
    for factor in event.get("user").get("enrolledFactors").items() {
        for key in ["type", "method"] {
            let name = factor.get(key).as_text().unwrap_or_default();
            // It goes by both names.
            names.push(if name == "push" { "push-notification".to_string() } else { name });
        }
    }
    names
}

/// A command for these factors: the first is preferred, the user may choose another. None where there are none.
fn first_and_more(names: &[&str], command: fn(Val, Val) -> Command) -> Option<Command> {
    let mut factors = Vec::new();
    for name in names {
        factors.push(Val::from_object(vec![("type", Val::from_text(name))]));
    }
    let more = Val::from_list(factors.split_off(factors.len().min(1)));
    Some(command(factors.pop()?, Val::from_object(vec![("additionalFactors", more)])))
}

/// Whether it ends a line, or turns the direction of one.
fn breaks_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
