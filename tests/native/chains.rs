//! Chains of entries that share a token, in many logins at once, with faults of all kinds: what holds whatever happens.

use crate::common::{PostLogin, Reply};
use crate::common::{Sent, Stage, entry, ok, silence, somebody, status, with};
use fastrand::Rng;
use serde_json::{Value as Json, json};

const BUDGET_MS: f64 = 3_000.0;

/// `a`, then `b` that reads its answer, then `c` that reads how `b` ended; each may need the token.
fn config(rng: &mut Rng) -> Json {
    let one = |rng: &mut Rng, name: &str, over: Json| {
        let header =
            if name == "a" || rng.bool() { json!({"authorization": {"token": "t"}}) } else { json!({}) };
        let url = format!("https://{name}.example.com/");
        let policy = ["allow", "deny", "mfa"][rng.usize(0..3)];
        let own = json!({"name": name, "request": {"url": url, "headers": header}, "onFailure": policy});
        with(with(entry(own), json!({"timeoutMs": rng.u32(200..2_000), "retries": rng.u32(0..3)})), over)
    };
    let reads_a = json!({"request": {"body": {"of": "syncs.a.answer.id"}}});
    let reads_b = json!({"when": "syncs.b.outcome", "response": {"appMetadata": {"c": "id"}}});
    json!({
        "budgetMs": BUDGET_MS,
        "syncs": [one(rng, "c", reads_b), one(rng, "b", reads_a), one(rng, "a", json!({}))],
        "tokens": {"t": {"url": "https://auth.example.com/token", "clientId": "ID", "clientSecret": "KEY"}},
        "claims": {"idToken": {"https://example.com/a": "syncs.a.answer.id"}},
        "userMetadata": {"b": "syncs.b.outcome"},
        "saml": {"mail": "user.email"},
        "scopes": {"add": ["'read:x'"]},
        "deny": [{"when": "syncs.b.answer.blocked", "reason": "No."}],
    })
}

fn reply(rng: &mut Rng, sent: &Sent) -> Reply {
    let body = if *sent.request.url.host == *"auth.example.com" {
        json!({"access_token": format!("t{}", rng.u32(..)), "expires_in": rng.u32(1..4_000)})
    } else {
        json!({"id": 7, "blocked": rng.u8(0..10) == 0})
    };
    let reply = match rng.u8(0..12) {
        0 => status(401),
        1 => status(503),
        2 => status(404),
        3 => silence(),
        _ => return ok(body).after(f64::from(rng.u32(0..1_500))),
    };
    if rng.bool() { reply } else { reply.after(f64::from(rng.u32(0..1_500))) }
}

#[test]
fn hold_whatever_happens() {
    let (mut tokens, mut denied, mut chained) = (0, 0, 0);
    for seed in 0..300 {
        let mut rng = Rng::with_seed(seed);
        let document = config(&mut rng);
        let mut stage = Stage::new(document.clone(), json!({"ID": "client", "KEY": "secret"}));
        let starts: Vec<_> = (0..12)
            .map(|n| (f64::from(rng.u32(0..4_000)), PostLogin, somebody(rng.usize(0..6) + n % 2)))
            .collect();
        // When each request was under way, as long as its login waited for it.
        let mut under_way: Vec<(String, u32, f64, f64)> = Vec::new();
        let ends = stage.together(&starts, |sent| {
            let reply = reply(&mut rng, sent);
            let until = sent.at + reply.ms().min(f64::from(sent.request.timeout_ms));
            under_way.push((sent.request.url.host.to_string(), sent.login, sent.at, until));
            reply
        });
        let deadline = |login: u32| starts[login as usize].0 + BUDGET_MS;
        let mut free = 0.0_f64;
        for (host, login, at, until) in &under_way {
            // The stage holds each login to its budget, and so this to its deadline.
            assert!(*at <= deadline(*login), "seed {seed}: {host} is asked after the budget");
            if host == "auth.example.com" {
                assert!(
                    *at >= free,
                    "seed {seed}: two requests for a token at {at}: the other one ends at {free}"
                );
                free = until.min(deadline(*login));
                tokens += 1;
            }
        }
        for (index, end) in ends.iter().enumerate() {
            let of = |name: &str| -> Vec<_> {
                let login = u32::try_from(index).unwrap();
                under_way.iter().filter(|call| call.0.starts_with(name) && call.1 == login).collect()
            };
            for (reader, source) in [("b.", "a."), ("c.", "b.")] {
                let last = of(source).iter().map(|call| call.3).fold(0.0, f64::max);
                assert!(
                    of(reader).iter().all(|call| call.2 >= last),
                    "seed {seed}: {reader} runs before {source}"
                );
                chained += of(reader).len();
            }
            let commands = end.commands.as_array().unwrap();
            if commands.iter().any(|command| command[0] == "deny") {
                assert_eq!(commands.len(), 1, "seed {seed}: {}", end.commands);
                denied += 1;
            }
        }
    }
    assert!(
        tokens > 300 && denied > 300 && chained > 1_000,
        "{tokens} tokens, {denied} denied, {chained} chained"
    );
}
