//! One execution of the Action, from the event to the commands.

use crate::document::fields::Entries;
use crate::document::outputs::{FilledOutputs, MOST_ATTRIBUTES};
use crate::document::trigger::{ACCESS_TOKEN, AGAIN, ASK, DENY, ID_TOKEN, METADATA, SAML, Trigger};
use crate::expression;
use crate::host::kept::Kept;
use crate::login::claims::ClaimSpace;
use crate::login::command::{Command, SERVER_ERROR};
use crate::login::config::{Config, FlowConfig};
use crate::login::log::Line;
use crate::login::metadata::{Vouched, write_metadata, writes_metadata};
use crate::login::order::run_all;
use crate::login::rules::{DenyRule, MfaRule};
use crate::login::saml::attributes;
use crate::system::context::Context;
use crate::system::finished::End;
use crate::system::metrics;
use crate::system::outcome::Outcome;
use crate::system::policy::Policy;
use std::rc::Rc;

/// One execution.
pub(crate) struct Login {
    /// What its systems see of it.
    pub context: Context,
    /// What the admin wrote.
    pub config: Rc<Kept<Config>>,
}

/// How an execution ends.
pub struct Verdict {
    /// What to ask of Auth0, in order. None before the login is decided; what Auth0 refuses is left out.
    pub commands: Vec<Command>,
    /// What the records of freshness among them depend on.
    pub vouched: Vouched,
    /// The Action must throw, so that this event comes again.
    pub again: bool,
    /// The one line for the log.
    pub log: String,
    /// How its systems ended, for metrics: lines to follow that one.
    pub ends: String,
}

impl Login {
    /// Runs it: deny rules, syncs side by side, then everything is decided at once.
    pub(crate) async fn run(self) -> Verdict {
        let scope = &self.context.scope;
        let own = self.config.flow(scope.trigger);
        let mut rules = own.deny.iter().filter(|rule| rule.reads == 0);
        if let Some(rule) = rules.find(|rule| rule.applies(&scope.event)) {
            return self.denied(rule.command(scope), &[], &["deny-rule"]);
        }
        let ends = run_all(&self.context, &self.config.syncs, self.config.extras.syncs).await;
        self.decide(&ends)
    }

    #[cold]
    #[inline(never)]
    fn denied(&self, denial: Command, ends: &[End], notes: &[&str]) -> Verdict {
        self.verdict(vec![denial], "denied", ends, notes)
    }

    /// The end where nothing waits for us and nothing can be undone. An event comes again if we throw: so we do where that
    /// may help, which is not where the system has understood and refused. An entry that waited for one that failed says
    /// nothing that this one does not say.
    #[cold]
    #[inline(never)]
    fn done(&self, ends: &[End], notes: &[&str]) -> Verdict {
        let (mut failed, mut again) = (false, false);
        for (_, end) in ends.iter().filter(|(sync, _)| !sync.shadow && self.context.scope.takes(AGAIN)) {
            failed |= end.outcome.is_failure();
            let may_pass = matches!(end.outcome, Outcome::Unauthorized | Outcome::Unavailable);
            again |= may_pass && !end.detail.starts_with("needs-");
        }
        let result = if again {
            "again"
        } else if failed {
            "failed"
        } else {
            "done"
        };
        Verdict { again, ..self.verdict(Vec::new(), result, ends, notes) }
    }

    #[inline(never)]
    fn decide(&self, ends: &[End]) -> Verdict {
        expression::decide();
        let mut notes: Vec<&str> = Vec::new();
        for (_, end) in ends.iter().filter(|(_, end)| !end.warning.is_empty()) {
            notes.push(&end.warning);
        }
        if !self.context.scope.takes(DENY) {
            return self.done(ends, &notes);
        }
        let FlowConfig { outputs, deny, .. } = self.config.flow(self.context.scope.trigger);
        // The second factor first: nothing that Auth0 might refuse may keep it away.
        let mut out = Vec::new();
        if let Some(denial) = self.weigh(deny, ends, &mut notes, &mut out) {
            return self.denied(denial, ends, &notes);
        }
        let (scope, now) = (&self.context.scope, self.context.driver.now().wall);
        let mfa = out.iter().any(Command::asks_for_second_factor);
        let result = if mfa { "mfa" } else { "allowed" };
        let good =
            ends.iter().filter(|(_, end)| !end.outcome.is_failure() && end.outcome != Outcome::Skipped);
        let entries = Entries { good: good.map(|(sync, _)| sync.bit).sum(), shadow: self.config.shadow };
        let means = scope.claim_means(now, self.context.entropy);
        let own = outputs.fill(scope.filling(Some(&means)), entries);
        self.each_login(&own, ends, &mut out, &mut notes);
        let [.., app_metadata, user_metadata, _] = &own.fields;
        let mut vouched = Vouched::default();
        let writes =
            !app_metadata.is_empty() || !user_metadata.is_empty() || ends.iter().any(writes_metadata);
        if writes && scope.takes(METADATA) {
            let own = [app_metadata, user_metadata];
            vouched = write_metadata(&scope.user_with_record(), now, own, ends, &mut out, &mut notes);
        }
        Verdict { vouched, ..self.verdict(out, result, ends, &notes) }
    }

    /// Weighs rules and policies: the denial, or what asks for a second factor. What is in shadow is told, and does nothing.
    fn weigh(
        &self,
        deny: &[DenyRule],
        ends: &[End],
        notes: &mut Vec<&str>,
        asked: &mut Vec<Command>,
    ) -> Option<Command> {
        let scope = &self.context.scope;
        let Config { mfa, shadow, .. } = &**self.config;
        let mfa: &[MfaRule] = if scope.takes(ASK) { mfa } else { &[] };
        let (mut would_deny, mut would_ask) = (false, false);
        let (mut denied, mut second_factor) = (None, false);
        for rule in deny.iter().filter(|rule| rule.reads != 0 && rule.applies(&scope.event)) {
            if rule.reads & shadow != 0 {
                would_deny = true;
            } else if denied.is_none() {
                denied = Some(rule.command(scope));
                notes.push("deny-rule");
            }
        }
        for (sync, end) in ends {
            match sync.on_failure.policy(end.outcome) {
                Policy::Deny(_) if sync.shadow => would_deny = true,
                Policy::Mfa if sync.shadow => would_ask = true,
                Policy::Deny(reason) if denied.is_none() => {
                    denied = Some(denial(scope.trigger, reason.as_ref(), &sync.name, end.outcome));
                }
                Policy::Mfa => second_factor = true,
                Policy::Deny(_) | Policy::Allow => {}
            }
        }
        let mut first = None;
        for rule in mfa {
            let in_shadow = rule.reads & shadow != 0;
            if (in_shadow || first.is_none()) && rule.applies(scope) {
                if in_shadow {
                    would_ask |= rule.asks();
                } else {
                    first = Some(rule);
                }
            }
        }
        notes.extend(would_deny.then_some("would-deny"));
        notes.extend(would_ask.then_some("would-mfa"));
        // One call: Auth0 fails a login at the fifth, of all its Actions together.
        if let Some(rule) = first.filter(|_| denied.is_none()) {
            asked.push(rule.command(&scope.event));
        }
        // `none` takes a second factor away; a failure that asks for one counts for more.
        if second_factor && !asked.iter().any(Command::asks_for_second_factor) {
            *asked = vec![Command::any_factor()];
        }
        denied
    }

    /// What is set at each login: scopes; claims of the event, then those of answers, as far as there is room in their
    /// token; SAML attributes.
    fn each_login(&self, own: &FilledOutputs, ends: &[End], out: &mut Vec<Command>, notes: &mut Vec<&str>) {
        let mut failed = own.failed;
        let scope = &self.context.scope;
        if !self.config.scopes.is_empty() && scope.takes(ASK) {
            failed |= self.config.scopes.commands(&scope.event, self.config.shadow, out, notes);
        }
        let (mut room, mut attributes_left) = (ClaimSpace::default(), MOST_ATTRIBUTES);
        let taken = ends.iter().map(|(_, end)| &end.taken);
        for [id_token, access_token, .., saml] in
            [&own.fields].into_iter().chain(taken.clone().map(|taken| &taken.fields))
        {
            // What this flow has no use for is another one's.
            if scope.takes(ID_TOKEN) {
                room.id_token(id_token, out);
            }
            if scope.takes(ACCESS_TOKEN) {
                room.access_token(access_token, out);
            }
            if scope.takes(SAML) && !saml.is_empty() {
                attributes(saml, &mut attributes_left, out, notes);
            }
        }
        if failed || taken.clone().any(|taken| taken.partial) {
            notes.push("claims-expression");
        }
        if room.short {
            notes.push("claims-too-large");
        }
    }

    fn verdict(&self, commands: Vec<Command>, result: &str, ends: &[End], notes: &[&str]) -> Verdict {
        let line = Line {
            trigger: self.context.scope.trigger,
            result,
            ms: self.context.driver.now().tick - self.context.started,
            id: &self.context.scope.correlation_id(),
            notes,
        };
        let log = line.write(self.config.log, ends);
        let ends = if self.config.common.collector.is_some() { metrics::ends(ends) } else { String::new() };
        Verdict { commands, vouched: Vouched::default(), again: false, log, ends }
    }
}

/// Denies for a failure.
#[cold]
#[inline(never)]
fn denial(trigger: Trigger, reason: Option<&String>, system: &str, outcome: Outcome) -> Command {
    let why = || [" (", system, ": ", outcome.name(), ")"].concat();
    let reason = reason.cloned().unwrap_or_else(|| trigger.apology(&why()));
    Command::deny(trigger, reason, SERVER_ERROR, None)
}
