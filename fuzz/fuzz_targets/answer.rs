//! Fuzzing: what other systems answer, in whole logins. The input is a script of answers between lines `%%`; each has
//! in its first line a status or an error's code, the milliseconds until it comes, and, for one that is large, how
//! often its body is in a list; in its second line `Retry-After`; in the others its body. What must hold of every
//! login is checked by the stage of the native tests.
#![no_main]

#[path = "../../tests/native/common/mod.rs"]
mod common;

use common::{End, Reply, Stage, error, event, silence, text, with};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value as Json, json};

fuzz_target!(|bytes: &[u8]| {
    let script = String::from_utf8_lossy(bytes);
    let replies: Vec<Reply> = script.split("\n%%\n").map(reply).collect();
    logins(
        Stage::new(cleeng(), json!({"CLEENG_CLIENT_SECRET": "s1", "CLEENG_CLIENT_SECRET_NEXT": "s2"})),
        &replies,
    );
    logins(Stage::new(crm(), json!({"CRM_API_KEY": "s3"})), &replies);
});

fn cleeng() -> Json {
    json!({"syncs": [{"use": "cleeng", "retries": 3}]})
}

/// Takes of an answer whatever can be taken.
fn crm() -> Json {
    json!({"log": "json", "syncs": [{
        "name": "crm",
        "request": {
            "method": "POST", "url": "https://crm.example.com/people/{id}", "params": {"id": "user.user_id"},
            "headers": {"x-api-key": {"secret": "CRM_API_KEY"}, "idempotency-key": "none"},
            "body": {"email": "user.email"}
        },
        "response": {
            "success": [200, 201, 204, 302, 404],
            "idToken": {
                "https://crm.example.com/": "@",
                "https://crm.example.com/tags": "tags[*].name",
                "https://crm.example.com/text": "to_string(tags)"
            },
            "accessToken": {"plan": "plan.id || 'none'", "first": "[0] || *|[0]"},
            "appMetadata": {"crm_id": "id", "crm_text": "to_string(@)"}
        },
        "freshForSeconds": 86400,
        "retries": 2,
        "onFailure": {"rejected": "deny", "invalid": "mfa", "conflict": {"deny": "Please contact support."}}
    }]})
}

/// Three logins of one user in one instance: what the first was told holds in the second, or is asked for again.
fn logins(mut stage: Stage, replies: &[Reply]) {
    let mut next = replies.iter().cycle();
    let mut user = event();
    let mut before: Option<End> = None;
    for pause in [0.0, 1_000.0, 90_000_000.0] {
        stage.pass(pause);
        let end = stage.play(&user, |_| next.next().cloned().unwrap_or_else(silence));
        let writes = metadata(&end);
        assert!(Json::Object(writes.clone()).to_string().len() <= 33_000, "too much metadata");
        user = with(user, json!({"user": {"app_metadata": writes}}));
        for of in ["idToken", "accessToken"] {
            assert!(size(&end, of) <= 100_000, "too much for a token");
        }
        if let Some(before) = before.filter(|_| ["fresh", "reused"].contains(&outcome(&end))) {
            assert_eq!(claims(&before), claims(&end), "a kept answer has changed");
        }
        before = Some(end);
    }
}

fn outcome(end: &End) -> &str {
    ["fresh", "reused"].into_iter().find(|known| end.log.contains(known)).unwrap_or_default()
}

fn of<'a>(end: &'a End, kind: &'a str) -> impl Iterator<Item = &'a Json> {
    end.commands.as_array().unwrap().iter().filter(move |command| command[0] == kind)
}

fn claims(end: &End) -> Vec<&Json> {
    of(end, "idToken").chain(of(end, "accessToken")).collect()
}

fn metadata(end: &End) -> Map<String, Json> {
    of(end, "appMetadata").map(|write| (write[1].as_str().unwrap().to_string(), write[2].clone())).collect()
}

fn size(end: &End, kind: &str) -> usize {
    of(end, kind).map(|claim| claim.to_string().len()).sum()
}

fn reply(part: &str) -> Reply {
    let mut lines = part.splitn(3, '\n');
    let mut head = lines.next().unwrap_or_default().split(' ');
    let retry_after = lines.next().filter(|line| !line.is_empty());
    let body = lines.next().unwrap_or_default();
    let (word, ms, copies) = (head.next().unwrap_or_default(), head.next(), head.next());
    let ms: u16 = ms.and_then(|ms| ms.parse().ok()).unwrap_or_default();
    let body = match copies.and_then(|copies| copies.parse::<u8>().ok()) {
        Some(copies) => format!("[{}]", vec![body; usize::from(copies)].join(",")),
        None => body.to_string(),
    };
    let reply = match word.parse() {
        Ok(status) => text(status, &body),
        Err(_) => error(word),
    };
    let reply = reply.after(f64::from(ms));
    retry_after.map_or(reply.clone(), |text| reply.retry_after(text))
}
