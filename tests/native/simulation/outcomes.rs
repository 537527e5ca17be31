//! What the log says about a login, and what is done about it: outcomes and policies.

use super::invariants::{Line, end, hold};
use super::links::{Turn, turn};
use super::people::CANARY;
use super::plan::{Auth, KNOWN_OTHERWISE, Mfa, Policy, Shape, SystemPlan};
use super::story::{End, Story};
use super::world::World;
use login_sync::{Command, OUT_OF_ORDER, Trigger, Value};
use serde_json::Value as Json;

pub fn outcomes_are_true(world: &World, story: &Story) -> Result<(), String> {
    if world.plan.wrong || story.denied_by_rule.is_some() {
        return Ok(());
    }
    let line = Line::read(&end(story).log);
    for (number, system) in world.plan.systems.iter().enumerate() {
        let said = line.outcome(&system.name);
        if !system.runs(story.registration) {
            hold!(said.is_none(), "{} has an outcome in a flow that it does not run in", system.name);
            continue;
        }
        let Some(said) = said else {
            hold!(end(story).log.len() > 180, "{} is missing in a short line", system.name);
            continue;
        };
        let mut possible = possible_outcomes(world, story, &line, number);
        match turn(world, story, &line, system) {
            Turn::Goes => {}
            Turn::Skips => possible = vec!["skipped"],
            Turn::Fails => possible = vec!["unavailable"],
            Turn::Unknown => continue,
        }
        // When its turn came the guard may have refused it, or nothing was left of the budget.
        if system.source.is_some() && story.calls_to(number).count() == 0 && said == "unavailable" {
            continue;
        }
        hold!(possible.contains(&said), "{} ended as `{said}`, which may be {possible:?}", system.name);
    }
    Ok(())
}

/// How a sync may have ended, from what is known beforehand and from its last answer.
fn possible_outcomes(world: &World, story: &Story, line: &Line, number: usize) -> Vec<&'static str> {
    let system = &world.plan.systems[number];
    if let (Auth::Token(source), Some(said)) = (system.auth, line.of_token(&system.name)) {
        return or_stale(world, story, system, without_token(world, story, source, said));
    }
    let last = story.calls_to(number).last();
    let beforehand = match system.when.applies(story) {
        None => Some("invalid"),
        Some(false) => Some("skipped"),
        Some(true) if is_fresh(system, story) == Some(true) => Some("fresh"),
        Some(true) => (system.fragile_body && story.plan.is_none()).then_some("invalid"),
    };
    let Some(last) = last else {
        let mut possible = Vec::new();
        if is_fresh(system, story).is_none() && beforehand != Some("skipped") {
            possible.push("fresh");
        }
        if let Some(outcome) = beforehand {
            possible.push(outcome);
            return possible;
        }
        if system.reuse {
            possible.push("reused");
        }
        if system.reuse && story.followed() {
            possible.extend(["rejected", "unauthorized", "conflict", "unavailable", "invalid"]);
        }
        let late = matches!(system.auth, Auth::Token(_)) && line.no_time(&system.name);
        if story.may_be_refused[number] || late {
            possible.push("unavailable");
        }
        if world.entropy_fails || (system.shape == Shape::Get && story.plan.is_none()) {
            possible.push("invalid");
        }
        return or_stale(world, story, system, possible);
    };
    // A call where none was to be made, or none that has come back, has no truth to it.
    let Some(reply) = last.reply.as_ref().filter(|_| beforehand.is_none()) else { return Vec::new() };
    let mut possible = Vec::new();
    match reply.means {
        // No time was left to repeat it.
        "stale" => possible.push("unavailable"),
        means => possible.push(means),
    }
    let rotates = system.rotates_on(reply) && system.most_keys() > 1;
    if rotates {
        // The next secret's try may have had no time left.
        possible.push("unavailable");
    }
    if world.entropy_fails && (reply.may_pass || reply.means == "stale" || rotates) {
        possible.push("invalid");
    }
    or_stale(world, story, system, possible)
}

/// How a sync may have ended whose token has not come, from what its log line says of that.
fn without_token(world: &World, story: &Story, source: usize, said: &str) -> Vec<&'static str> {
    let failed = story.calls_to(source).any(|call| call.means() != Some("ok"));
    let cause = failed || story.followed() || story.may_be_refused[source];
    match said {
        _ if !cause && said != "token-budget" && !world.entropy_fails => Vec::new(),
        "token" => vec!["unauthorized"],
        "token-not-json" | "token-no-token" | "token-too-large" | "token-no-randomness" => vec!["invalid"],
        _ => match said.strip_prefix("token-").and_then(|status| status.parse().ok()) {
            None | Some(408 | 425 | 429 | 500..) => vec!["unavailable"],
            Some(409) => vec!["conflict"],
            Some(400..) => vec!["rejected"],
            Some(0_u16..) => vec!["invalid"],
        },
    }
}

/// Where the system is unavailable and what was kept is not too old for that, it is used: at the start of the login and
/// at its end, and so between, but for a clock that is set meanwhile.
fn or_stale(
    world: &World,
    story: &Story,
    system: &SystemPlan,
    mut possible: Vec<&'static str>,
) -> Vec<&'static str> {
    let Some(at) = possible.iter().position(|outcome| *outcome == "unavailable") else { return possible };
    let limit = system.fresh_ms.unwrap_or_default() + system.stale_ms;
    let usable = |wall: f64| {
        system.stale_ms > 0.0 && record_age(system, story, wall).is_some_and(|age| age >= 0.0 && age < limit)
    };
    match (usable(story.wall), usable(world.wall())) {
        (true, true) => possible[at] = "stale",
        (false, false) => {}
        _ => possible.push("stale"),
    }
    possible
}

/// How old it is what this user's metadata keep of the system, where it can be read.
fn record_age(system: &SystemPlan, story: &Story, wall: f64) -> Option<f64> {
    let record = &story.metadata["login_sync"][&system.name];
    record["of"].as_str().filter(|of| *of != "00000000")?;
    serde_json::from_str::<Json>(record["claims"].as_str()?).ok()?.as_array()?;
    record["at"].as_f64().map(|at| wall - at)
}

/// Whether it is fresh; none in the last tenth, in which freshness ends for each user at another time.
fn is_fresh(system: &SystemPlan, story: &Story) -> Option<bool> {
    match (system.fresh_ms, record_age(system, story, story.wall)) {
        (Some(fresh), Some(age)) if age >= 0.0 && age < fresh => (age < 0.9 * fresh).then_some(true),
        _ => Some(false),
    }
}

pub fn fresh_costs_nothing(world: &World, story: &Story) -> Result<(), String> {
    if world.plan.wrong || story.denied_by_rule.is_some() {
        return Ok(());
    }
    let line = Line::read(&end(story).log);
    for (number, system) in world.plan.systems.iter().enumerate() {
        let said = line.outcome(&system.name);
        let applies = system.runs(story.registration) && system.when.applies(story) == Some(true);
        match is_fresh(system, story).filter(|_| applies) {
            Some(true) => {
                hold!(story.calls_to(number).count() == 0, "{} was asked", system.name);
                hold!(said.is_none_or(|said| said == "fresh"), "{} ended as {said:?}", system.name);
            }
            None if applies => {
                let asked = story.calls_to(number).count() > 0;
                hold!(!asked || said != Some("fresh"), "{} was asked, and is fresh", system.name);
            }
            _ => hold!(said != Some("fresh"), "what was kept of {} is not fresh", system.name),
        }
    }
    Ok(())
}

pub fn policy_is_obeyed(world: &World, story: &Story) -> Result<(), String> {
    let End { commands, log, .. } = end(story);
    if world.plan.wrong {
        return Ok(());
    }
    let line = Line::read(log);
    if story.registration {
        hold!(commands.is_empty() && line.result == "done", "a registration asks for nothing");
        return Ok(());
    }
    let denied: Vec<_> = commands
        .iter()
        .filter_map(|c| if let Command::Deny(why, _) = c { Some(why) } else { None })
        .collect();
    hold!(denied.is_empty() || commands.len() == 1, "it is denied, and asks for more");
    if let Some(reason) = story.denied_by_rule {
        hold!(denied == [reason], "a rule denies it, and it was told {denied:?}");
        hold!(story.calls.is_empty(), "a rule denies it, and systems were asked");
        return Ok(());
    }
    let mut outcomes = Vec::new();
    for system in world.plan.systems.iter().filter(|system| system.on_login) {
        match line.outcome(&system.name) {
            Some(outcome) => outcomes.push((system, outcome)),
            // The line was cut: what is not said cannot be judged.
            None => return Ok(()),
        }
    }
    let known_otherwise = world.plan.deny_conflict.is_some_and(|number| {
        let of = &world.plan.systems[number];
        !of.shadow && outcomes.iter().any(|(system, said)| system.name == of.name && *said == "conflict")
    });
    if known_otherwise {
        hold!(
            denied == [KNOWN_OTHERWISE],
            "a rule that reads an entry denies it, and it was told {denied:?}"
        );
        return Ok(());
    }
    let in_shadow = outcomes
        .iter()
        .any(|(system, outcome)| system.shadow && matches!(system.policy(outcome), Policy::Deny(_)));
    hold!(
        !in_shadow || line.warns("would-deny") || line.warns("more"),
        "nothing is said of a policy in shadow"
    );
    outcomes.retain(|(system, _)| !system.shadow);
    let expected = outcomes.iter().find_map(|(system, outcome)| match system.policy(outcome) {
        Policy::Deny(reason) => Some(reason.map_or_else(
            || format!("We could not complete your login ({}: {outcome}).", system.name),
            str::to_string,
        )),
        _ => None,
    });
    if let Some(reason) = expected {
        hold!(denied == [&reason] && line.result == "denied", "it must be denied with `{reason}`");
        return Ok(());
    }
    hold!(denied.is_empty(), "it was denied, and nothing asks for that");
    let factors: Vec<_> = commands
        .iter()
        .filter_map(|command| match command {
            Command::Multifactor(provider, _) => Some(provider.clone()),
            Command::Challenge(factor, _) => Some(factor.get("type").as_text().unwrap_or_default()),
            Command::Enroll(factor, _) => {
                Some(["enroll ", &factor.get("type").as_text().unwrap_or_default()].concat())
            }
            _ => None,
        })
        .collect();
    let by_outcome = outcomes.iter().any(|(system, outcome)| *system.policy(outcome) == Policy::Mfa);
    let rule = world.plan.mfa_in_europe.filter(|(_, always)| story.europe && (*always || story.interactive));
    let mut wanted = match (rule, story.factor) {
        (Some((Mfa::Provider(provider), _)), _) => vec![provider],
        (Some((Mfa::Challenge(_), _)), Some(factor @ ("otp" | "email"))) => vec![factor],
        (Some((Mfa::Challenge(enroll), _)), _) => vec![if enroll { "enroll otp" } else { "any" }],
        (None, _) => vec![],
    };
    // `none` takes a second factor away, but not the one that an outcome asks for. There is one call at most.
    if by_outcome && wanted.iter().all(|factor| *factor == "none") {
        wanted = vec!["any"];
    }
    hold!(factors == wanted, "asked for {factors:?}, and {wanted:?} is wanted");
    let result = if wanted.iter().any(|factor| *factor != "none") { "mfa" } else { "allowed" };
    hold!(line.result == result, "the log says {} and not {result}", line.result);
    Ok(())
}

pub fn outputs_hold_no_secret(_: &World, story: &Story) -> Result<(), String> {
    let End { commands, log, .. } = end(story);
    hold!(log.len() <= 256, "the line has {} characters", log.len());
    hold!(log.bytes().all(|b| b.is_ascii_graphic() || b == b' '), "the line is not one line of ascii");
    let mut outputs = vec![log];
    outputs
        .extend(commands.iter().filter_map(|c| if let Command::Deny(why, _) = c { Some(why) } else { None }));
    for output in outputs {
        hold!(!output.to_ascii_uppercase().contains(CANARY), "it holds what is secret: {output}");
    }
    Ok(())
}

pub fn wrong_config_denies(world: &World, story: &Story) -> Result<(), String> {
    if !world.plan.wrong {
        return Ok(());
    }
    let End { commands, log, .. } = end(story);
    hold!(story.calls.is_empty(), "a system was asked");
    hold!(log.contains("result=refused") && log.contains("config.syncs[0]"), "the log does not say where");
    let told = story.trigger.apology(OUT_OF_ORDER);
    let asks: Vec<_> = commands
        .iter()
        .map(|command| match command {
            Command::Deny(first, second) => [Some(first.as_str()), second.as_deref()],
            _ => [None, None],
        })
        .collect();
    let wanted = match story.trigger {
        Trigger::PostLogin => vec![[Some(told.as_str()), None]],
        Trigger::PreUserRegistration => vec![[Some(told.as_str()); 2]],
        Trigger::CredentialsExchange => vec![[Some("server_error"), Some(told.as_str())]],
        _ => Vec::new(),
    };
    hold!(asks == wanted, "it asks for something else");
    Ok(())
}
