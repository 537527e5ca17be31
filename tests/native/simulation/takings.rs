//! What a login brings back: claims and metadata, whose they are, and whether Auth0 takes them.

use super::invariants::{Line, end, hold};
use super::people::CANARY;
use super::plan::SystemPlan;
use super::story::{End, Story};
use super::world::World;
use login_sync::Command;
use serde_json::{Map, Value as Json};

pub fn answers_are_own(world: &World, story: &Story) -> Result<(), String> {
    let End { commands, log, .. } = end(story);
    let line = Line::read(log);
    let id = &world.people[story.person].id;
    let mut claims = 0;
    for command in commands {
        let (access, name, value) = match command {
            Command::IdTokenClaim(name, value) => (false, name, &value.0),
            Command::AccessTokenClaim(name, value) => (true, name, &value.0),
            Command::AppMetadata(key, value) => {
                own_metadata(world, story, &line, key, &value.0)?;
                continue;
            }
            Command::UserMetadata(key, value) | Command::SamlAttribute(key, value) => {
                let kept = matches!(command, Command::SamlAttribute(..));
                own_id(world, story, &line, key, &value.0, kept)?;
                continue;
            }
            Command::AddScope(scope) | Command::RemoveScope(scope) => {
                let added = matches!(command, Command::AddScope(_));
                let plan = story.plan.as_ref().is_some_and(|plan| added && *scope == format!("plan:{plan}"));
                let other = *scope == "read:x" && added != story.europe;
                hold!(world.plan.gives_from_event && (plan || other), "the scope {scope} is another's");
                continue;
            }
            _ => continue,
        };
        if name == "ev_plan" {
            hold!(
                world.plan.claim_from_event && value.as_str() == story.plan.as_deref(),
                "another plan: {value}"
            );
            continue;
        }
        let of = |number: usize| {
            let system = &world.plan.systems[number];
            system.claims.iter().filter(|_| !system.shadow).find(|(a, n, _)| *a == access && **n == **name)
        };
        let found = (0..world.plan.systems.len()).find_map(|number| Some((number, of(number)?.2)));
        let (number, field) = found.ok_or_else(|| format!("no one asked for the claim {name}"))?;
        let said = line.outcome(&world.plan.systems[number].name).unwrap_or("ok");
        hold!(matches!(said, "ok" | "reused" | "fresh" | "stale"), "the claim {name} after `{said}`");
        claims += 1;
        if let Some(body) = last_good(story, number) {
            let meant = if field == "@" { body } else { &body[field] };
            hold!(value == meant, "the claim {name} is {value}, and the answer says {meant}");
        }
        let known = world.issued.get(value.as_str().unwrap_or_default());
        match field {
            "id" => hold!(value == id, "the claim {name} is {value} in a login of {id}"),
            "@" => {
                hold!(value["id"].is_null() || value["id"] == *id, "the claim {name} is another's: {value}");
            }
            // What was kept was made for an earlier request of this user.
            "plan" if matches!(said, "fresh" | "stale") => {}
            "plan" => hold!(
                value.as_str() == story.plan.as_deref(),
                "the claim {name} is {value}: another request's"
            ),
            _ => {
                let token = known.ok_or_else(|| format!("no one issued the token in {name}"))?;
                hold!(token.id == *id, "the token in {name} is that of {}", token.id);
                hold!(token.system == number, "the token in {name} is another system's");
                hold!(token.plan == story.plan, "the token in {name} is another request's: {:?}", token.plan);
            }
        }
    }
    if commands.iter().any(|command| matches!(command, Command::Deny(..))) || story.registration {
        return Ok(());
    }
    let wanted = |number: usize| {
        let system = &world.plan.systems[number];
        let sets = line.outcome(&system.name) == Some("ok") && !system.shadow;
        let body = last_good(story, number).filter(|_| sets);
        let is_there =
            |body: &Json, field: &str| if field == "@" { !body.is_null() } else { !body[field].is_null() };
        body.map_or(0, |body| system.claims.iter().filter(|(.., field)| is_there(body, field)).count())
    };
    let least: usize = (0..world.plan.systems.len()).map(wanted).sum();
    // A line that was cut may not say that there was no room. What is left out then, tests/native/claims.rs says.
    let no_room = line.warns("claims-too-large") || line.warns("more");
    hold!(claims >= least || no_room, "{claims} claims are set, and the answers hold {least}");
    Ok(())
}

fn own_metadata(world: &World, story: &Story, line: &Line, key: &str, value: &Json) -> Result<(), String> {
    let text = value.to_string();
    hold!(!text.contains(&format!(".{CANARY}{CANARY}")), "a token in app_metadata.{key}");
    if key == "login_sync" {
        return Ok(());
    }
    if key == "ev_id" {
        let id = &world.people[story.person].id;
        hold!(world.plan.gives_from_event && value == id, "app_metadata.{key} is {value}");
        hold!(story.metadata[key] != *id, "app_metadata.{key} is written again");
        return Ok(());
    }
    let system =
        world.plan.systems.iter().position(|system| system.writes && key == format!("{}_user", system.name));
    let number = system.ok_or_else(|| format!("no one asked for app_metadata.{key}"))?;
    let said = line.outcome(&world.plan.systems[number].name);
    hold!(said.is_none_or(|said| said == "ok"), "app_metadata.{key} after {said:?}");
    let gone = value.is_null() && last_good(story, number).is_some_and(|body| body["id"].is_null());
    hold!(!gone || !story.metadata[key].is_null(), "app_metadata.{key} is taken away, and was not there");
    hold!(gone || *value == world.people[story.person].id, "app_metadata.{key} is {value}: another's");
    Ok(())
}

/// User metadata and SAML attributes say whose they are, and come from the event or from a good answer.
fn own_id(
    world: &World,
    story: &Story,
    line: &Line,
    key: &str,
    value: &Json,
    kept: bool,
) -> Result<(), String> {
    hold!(*value == world.people[story.person].id, "{key} is {value}: another's");
    if key == "ev_id" {
        hold!(world.plan.gives_from_event, "no one asked for {key}");
        return Ok(());
    }
    let of = |system: &SystemPlan| system.gives && key == format!("{}_user", system.name);
    let system = world.plan.systems.iter().find(|system| of(system));
    let system = system.ok_or_else(|| format!("no one asked for {key}"))?;
    let said = line.outcome(&system.name);
    let good = |said: &str| said == "ok" || (kept && matches!(said, "reused" | "fresh" | "stale"));
    hold!(said.is_none_or(good), "{key} after {said:?}");
    Ok(())
}

/// The body of a system's last answer to this login, if that was a good one.
fn last_good(story: &Story, system: usize) -> Option<&Json> {
    let reply = story.calls_to(system).last()?.reply.as_ref()?;
    (reply.means == "ok").then_some(&reply.body)
}

pub fn tokens_are_good(world: &World, story: &Story) -> Result<(), String> {
    for command in &end(story).commands {
        let (Command::IdTokenClaim(name, value) | Command::AccessTokenClaim(name, value)) = command else {
            continue;
        };
        let Some(token) = value.0.as_str().and_then(|text| world.issued.get(text)) else { continue };
        let from_memory = token.tick < story.started;
        match token.expires {
            None => hold!(!from_memory, "{name} comes from memory and does not say when it expires"),
            Some(expires) if from_memory => {
                let margin = f64::max(60_000.0, (expires - token.wall) / 4.0);
                let left = expires - story.wall;
                hold!(left > margin, "{name} comes from memory with {left} ms left, and {margin} are wanted");
                let age = story.wall - token.wall;
                hold!(age < 3_600_000.0, "{name} comes from memory and is {age} ms old");
                let refused = world.refused_at.get(&(token.system, story.person));
                let still_good = |at: &f64| *at <= token.tick || *at >= story.started;
                hold!(
                    refused.is_none_or(still_good),
                    "{name} comes from memory, and its user has been refused"
                );
            }
            Some(expires) => hold!(expires > token.wall, "{name} had expired when it came"),
        }
    }
    Ok(())
}

pub fn auth0_takes_it(_: &World, story: &Story) -> Result<(), String> {
    let (mut tokens, mut writes) = ([Map::new(), Map::new()], Vec::new());
    let mut others = 0;
    for command in &end(story).commands {
        match command {
            Command::IdTokenClaim(name, value) => drop(tokens[0].insert(name.to_string(), value.0.clone())),
            Command::AccessTokenClaim(name, value) => {
                drop(tokens[1].insert(name.to_string(), value.0.clone()));
            }
            Command::AppMetadata(key, value) => {
                hold!(fit_for_keys(&value.0), "a key below app_metadata.{key} holds `.` or `$`");
                writes.push((key, &value.0));
            }
            Command::UserMetadata(key, value) => {
                hold!(fit_for_keys(&value.0), "a key below user_metadata.{key} holds `.` or `$`");
            }
            Command::SamlAttribute(name, value) => {
                let size = value.0.to_string().len();
                hold!(size <= 2000 && !value.0.is_object(), "the attribute {name} has {size} bytes");
            }
            Command::AddScope(scope) | Command::RemoveScope(scope) => {
                hold!(
                    !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic()),
                    "the scope {scope:?}"
                );
            }
            Command::Multifactor(..) | Command::Challenge(..) | Command::Enroll(..) => {
                hold!(others == 0, "a second factor is asked for after what Auth0 might refuse");
                continue;
            }
            Command::Deny(..) => {}
        }
        others += 1;
    }
    let sizes = tokens.map(|claims| Json::Object(claims).to_string().len());
    hold!(
        sizes.iter().all(|size| *size <= 100_000),
        "{sizes:?} bytes of claims: beyond 100 kB a login fails"
    );
    if writes.is_empty() {
        return Ok(());
    }
    hold!(
        story.metadata.is_object() || story.metadata.is_null(),
        "app_metadata is no object, and is written"
    );
    let mut metadata = story.metadata.as_object().cloned().unwrap_or_default();
    metadata.extend(writes.into_iter().map(|(key, value)| (key.to_string(), value.clone())));
    let (before, after) = (story.metadata.to_string().len(), Json::Object(metadata).to_string().len());
    hold!(after <= 32_000.max(before), "app_metadata grows from {before} to {after} bytes");
    Ok(())
}

fn fit_for_keys(value: &Json) -> bool {
    match value {
        Json::Object(fields) => {
            fields.iter().all(|(key, value)| !key.contains(['.', '$']) && fit_for_keys(value))
        }
        Json::Array(items) => items.iter().all(fit_for_keys),
        _ => true,
    }
}
