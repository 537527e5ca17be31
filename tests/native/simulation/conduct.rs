//! How a login behaves towards the other systems and towards other logins: time, tries, breaker, secrets.

use super::invariants::{LATE_MS, end, hold};
use super::people::CANARY;
use super::plan::{Auth, SystemPlan};
use super::story::{Arrived, Call, End, Story};
use super::systems::header;
use super::tokens::MARK;
use super::world::World;
use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, UntrustedToken};
use sha2::{Digest, Sha256};

pub fn ends_in_time(world: &World, story: &Story) -> Result<(), String> {
    let (took, budget) = (end(story).tick - story.started, f64::from(world.plan.budget_ms));
    // Two timers may be late at the end: that of the call that another login makes for both, and the waking.
    hold!(took <= budget + 2.0 * LATE_MS, "it took {took} ms of {budget}");
    let needs_nothing = story.calls.is_empty() && story.waits.is_empty();
    hold!(!needs_nothing || took == 0.0, "it took {took} ms for nothing");
    Ok(())
}

pub fn leaves_nothing(_: &World, story: &Story) -> Result<(), String> {
    let End { left_over, held: (engine, driver), .. } = *end(story);
    hold!(left_over == 0, "{left_over} of what it asked for had not come yet");
    hold!(engine == driver, "the engine holds {engine} logins while {driver} are under way");
    Ok(())
}

pub fn asks_fit(world: &World, story: &Story) -> Result<(), String> {
    for call in &story.calls {
        let (asked, most) = (call.request.timeout_ms, world.plan.systems[call.system].timeout_ms);
        hold!(asked > 0 && asked <= most, "a try may take {asked} ms, and timeoutMs is {most}");
        let least = f64::from(most.min(350)).min(call.left.floor());
        hold!(f64::from(asked) >= least, "a try has {asked} ms, and at least {least} are due");
        hold!(call.request.longest_ms == most, "on the line {} ms, and not {most}", call.request.longest_ms);
        hold!(f64::from(asked) <= call.left, "a try may take {asked} ms of {} that are left", call.left);
    }
    for wait in &story.waits {
        hold!(
            f64::from(wait.ms) <= wait.left.max(0.0),
            "it waits {} ms of {} that are left",
            wait.ms,
            wait.left
        );
    }
    Ok(())
}

pub fn tries_are_limited(world: &World, story: &Story) -> Result<(), String> {
    for (number, system) in world.plan.systems.iter().enumerate() {
        let (mut retries, mut stale, mut rotations) = (0, 0, 0);
        let calls: Vec<_> = story.calls_to(number).collect();
        for two in calls.windows(2) {
            if two[1].begins {
                (retries, stale, rotations) = (0, 0, 0);
                continue;
            }
            let before = two[0].reply.as_ref().ok_or("a second call while the first was under way")?;
            match before.means {
                "stale" => stale += 1,
                _ if system.rotates_on(before) => rotations += 1,
                _ if before.may_pass => retries += 1,
                means => {
                    return Err(format!("{} was asked again after `{means}` {}", system.name, before.status));
                }
            }
            let (name, most) = (&system.name, system.most_keys());
            hold!(retries <= system.retries, "{retries} retries of {} for {name}", system.retries);
            hold!(stale <= 1, "{stale} stale connections were repeated for {name}");
            hold!(rotations < most, "{rotations} rotations of {most} secrets or tokens for {name}");
        }
    }
    Ok(())
}

pub fn heeds_retry_after(world: &World, story: &Story) -> Result<(), String> {
    for number in 0..world.plan.systems.len() {
        let calls: Vec<_> = story.calls_to(number).collect();
        for two in calls.windows(2) {
            let may_pass = |reply: &&Arrived| reply.may_pass && !two[1].begins;
            let Some(reply) = two[0].reply.as_ref().filter(may_pass) else { continue };
            let waited = two[1].tick - reply.tick;
            // The wait is in whole milliseconds, and a timer may be early by one.
            let asked = reply.retry_after.unwrap_or(if reply.status == 429 { 1_000.0 } else { 0.0 });
            hold!(waited >= asked - 2.0, "it came again after {waited} ms, and not {asked}");
            hold!(asked <= 1_000.0, "a login waited for {asked} ms");
        }
    }
    Ok(())
}

pub fn guard_holds(_: &World, story: &Story) -> Result<(), String> {
    for call in &story.calls {
        // A connection that was stale is no call: it is made again.
        if let Some(until) = call.refused_until.filter(|_| !call.after_stale) {
            return Err(format!("a call at tick {}, and the guard refuses it until {until}", call.tick));
        }
    }
    for wait in &story.waits {
        let Some(call) = wait.after.map(|call| &story.calls[call]) else { continue };
        hold!(!wait.while_open, "it waits {} ms for a retry, and the breaker is open", wait.ms);
        let known = call.reply.as_ref().is_some_and(|reply| reply.known);
        hold!(!known, "it waits {} ms for a retry, and its user is known to fail", wait.ms);
    }
    Ok(())
}

pub fn one_call_at_once(_: &World, story: &Story) -> Result<(), String> {
    for call in &story.calls {
        if let Some(other) = call.rival {
            return Err(format!("login {other} was making the same call at tick {}", call.tick));
        }
    }
    if let Some(other) = story.unheard {
        return Err(format!("it waited for a call of login {other}, and was not told that it had ended"));
    }
    hold!(!story.waits.iter().any(|wait| wait.for_no_one), "it waited for a call that no one was making");
    Ok(())
}

pub fn idempotency(world: &World, story: &Story) -> Result<(), String> {
    for call in &story.calls {
        if let Some((login, system)) = call.key_of {
            return Err(format!("its key was that of login {login} for {}", world.plan.systems[system].name));
        }
    }
    for number in 0..world.plan.systems.len() {
        let mut keys: Vec<_> =
            story.calls_to(number).map(|call| header(&call.request, "idempotency-key")).collect();
        // A token is asked for without one.
        let wanted = if world.plan.systems[number].is_source() { 0 } else { 32 };
        hold!(keys.iter().all(|key| key.len() == wanted), "a key of another length: {keys:?}");
        keys.dedup();
        hold!(keys.len() <= 1, "several keys for one sync: {keys:?}");
    }
    Ok(())
}

pub fn memory_is_bounded(_: &World, story: &Story) -> Result<(), String> {
    let (entries, bytes) = end(story).kept;
    hold!(entries <= 1_000 && bytes <= 1_000_000, "{entries} answers and {bytes} bytes are kept");
    Ok(())
}

pub fn secrets_stay(world: &World, story: &Story) -> Result<(), String> {
    for call in &story.calls {
        let system = &world.plan.systems[call.system];
        let body = call.request.body.as_deref().unwrap_or_default();
        let path = &call.request.url.path;
        let headers = &call.request.headers;
        for other in
            world.plan.systems.iter().flat_map(|other| other.keys.iter().map(move |key| (other, key)))
        {
            let (owner, key) = other;
            let in_form = owner.name == system.name && system.auth == Auth::Form;
            hold!(
                (in_form || !body.contains(key)) && !path.contains(key),
                "a secret of {} in a body or a path",
                owner.name
            );
            let shown = headers.iter().find(|(_, value)| value.contains(key));
            let own = owner.name == system.name && !matches!(system.auth, Auth::Jwt | Auth::Form);
            hold!(
                shown.is_none() || own,
                "a secret of {} in the header {:?}",
                owner.name,
                shown.map(|(name, _)| name)
            );
        }
        hold!(!body.contains(MARK) && !path.contains(MARK), "an access token in a body or a path");
        for private in ["-password", "-code"] {
            let private = format!("{CANARY}{private}");
            hold!(!body.contains(&private) && !path.contains(&private), "a form's field in a request");
        }
        match system.auth {
            Auth::Bearer => own_key(system, header(&call.request, "authorization").strip_prefix("Bearer "))?,
            Auth::Header(name) => own_key(system, Some(header(&call.request, name)))?,
            Auth::Form => {
                own_key(system, body.split('&').find_map(|field| field.strip_prefix("client_secret=")))?;
            }
            // Whose it is: tokens.rs.
            Auth::Token(_) => {}
            Auth::Jwt => vouches(system, call, &world.people[story.person].id)?,
        }
    }
    Ok(())
}

fn own_key(system: &SystemPlan, sent: Option<&str>) -> Result<(), String> {
    hold!(
        sent.is_some_and(|sent| system.keys.iter().any(|key| key == sent)),
        "{} got no secret of its own",
        system.name
    );
    Ok(())
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Vouched {
    sub: String,
    aud: String,
    body_sha256: String,
}

fn vouches(system: &SystemPlan, call: &Call, id: &str) -> Result<(), String> {
    let text = header(&call.request, "authorization").strip_prefix("Bearer ").ok_or("no token")?;
    let token = UntrustedToken::new(text).map_err(|error| error.to_string())?;
    let key = Hs256Key::new(system.keys[0].as_bytes());
    let token = Hs256.validator::<Vouched>(&key).validate(&token).map_err(|error| error.to_string())?;
    let (issued, expires) = (token.claims().issued_at, token.claims().expiration);
    hold!(issued.map(|at| at.timestamp()) == Some((call.wall / 1_000.0) as i64), "issued at {issued:?}");
    hold!(expires.map(|at| at.timestamp()) == issued.map(|at| at.timestamp() + 30), "expires at {expires:?}");
    let vouched = &token.claims().custom;
    let digest = Sha256::digest(call.request.body.as_deref().unwrap_or_default().as_bytes());
    hold!(vouched.body_sha256 == Base64UrlUnpadded::encode_string(&digest), "it vouches for another body");
    hold!(vouched.sub == id && vouched.aud == system.host, "it speaks of {} to {}", vouched.sub, vouched.aud);
    hold!(!call.token_seen, "a token is used twice");
    Ok(())
}
