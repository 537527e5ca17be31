//! Flows that are no login: what each may ask for, who is kept out, what an event that failed does.

use crate::common::config::accepts;
use crate::common::{
    CredentialsExchange, EventStream, PostChangePassword, PostLogin, PostUserRegistration,
    PreUserRegistration, Reply, Sent, Stage, entry, error, event, ok, silence, somebody, status, text, with,
};
use login_sync::{Command, Engine, Native, Now, Trigger};
use serde_json::{Value as Json, json};

/// A machine that asks for an access token.
fn machine() -> Json {
    json!({"client": {"client_id": "m2m", "name": "Billing", "metadata": {"plan": "gold"}},
        "request": {"ip": "192.0.2.9"}, "resource_server": {"identifier": "https://api.example.com/"},
        "tenant": {"id": "example"}, "transaction": {"requested_scopes": ["read:x"]}})
}

/// Someone who is about to register: there is no user id.
fn stranger() -> Json {
    json!({"user": {"email": "eve@blocked.example", "user_metadata": {}}, "connection": {"name": "customers"},
        "client": {"client_id": "web"}, "request": {"ip": "192.0.2.8"}})
}

/// An event of an event stream.
pub fn message(id: &str, over: Json) -> Json {
    json!({"message": with(json!({"id": id, "type": "user.created", "time": "2026-11-01T00:00:00.000Z",
        "specversion": "1.0", "source": "urn:auth0:example", "a0tenant": "example",
        "data": {"object": {"user_id": "google-oauth2|7", "email": "ada@example.com"}}}), over)})
}

fn in_flow(flow: &str, over: Json) -> Json {
    entry(with(json!({"on": [flow]}), over))
}

fn of_events(over: Json) -> Json {
    let base = json!({"request": {"body": {"id": "message.data.object.user_id"}}, "retries": 0});
    json!({"syncs": [in_flow("event-stream", with(base, over))]})
}

#[test]
fn a_machine_gets_claims_of_the_event_and_of_answers() {
    let config = json!({
        "syncs": [in_flow("credentials-exchange", json!({"request": {"body": {"id": "client.client_id"}},
            "response": {"accessToken": {"tenant": "tenant"}}}))],
        "flows": {"credentials-exchange": {"claims": {"accessToken": {"plan": "client.metadata.plan",
            "known": "syncs.crm.outcome", "here": "interactive"}}}},
        "claims": {"accessToken": {"of_logins": "'x'"}},
        "deny": [{"when": "client", "reason": "Of logins."}],
        "scopes": {"add": ["'x'"]}, "mfa": [{"when": "client", "provider": "any"}],
        "appMetadata": {"a": "'b'"}
    });
    let mut stage = Stage::new(config, json!({}));
    let end = stage.run(CredentialsExchange, &machine(), |sent| {
        assert_eq!(sent.body(), json!({"id": "m2m"}));
        ok(json!({"tenant": 7}))
    });
    assert_eq!(
        end.commands,
        json!([
            ["accessToken", "plan", "gold"],
            ["accessToken", "known", "ok"],
            ["accessToken", "here", false],
            ["accessToken", "tenant", 7]
        ])
    );
    assert_eq!(end.log, "login-sync trigger=credentials-exchange result=allowed ms=0 crm=ok:200:0ms:1");
}

#[test]
fn who_is_kept_out() {
    let rule = |over: Json| with(json!({"when": "client", "reason": "No."}), over);
    let table: [(Trigger, &str, Json, Json); 6] = [
        (
            CredentialsExchange,
            "credentials-exchange",
            rule(json!({})),
            json!(["deny", "invalid_request", "No."]),
        ),
        (
            CredentialsExchange,
            "credentials-exchange",
            rule(json!({"code": "invalid_scope", "reason": {"value": "client.client_id"}})),
            json!(["deny", "invalid_scope", "m2m"]),
        ),
        (
            CredentialsExchange,
            "credentials-exchange",
            rule(json!({"when": "contains(client, 'a')"})),
            json!(["deny", "invalid_request", "No."]),
        ),
        (PreUserRegistration, "pre-user-registration", rule(json!({})), json!(["deny", "No.", "No."])),
        (
            PreUserRegistration,
            "pre-user-registration",
            rule(json!({"userMessage": "Ask us."})),
            json!(["deny", "No.", "Ask us."]),
        ),
        (
            PreUserRegistration,
            "pre-user-registration",
            rule(json!({"when": "ends_with(user.email, '@blocked.example')",
                "userMessage": {"value": "join(' ', ['Not', user.email])"}})),
            json!(["deny", "No.", "Not eve@blocked.example"]),
        ),
    ];
    for (trigger, flow, rule, wanted) in table {
        let event = if trigger == CredentialsExchange { machine() } else { stranger() };
        let config = json!({"flows": {flow: {"deny": [rule]}}});
        let end = Stage::new(config.clone(), json!({})).run(trigger, &event, |_| panic!("a request"));
        assert_eq!(end.commands, json!([wanted]), "{config}");
        assert_eq!((end.logged("result"), end.logged("warn")), ("denied", "deny-rule"));
        // A rule of one flow is none of another.
        for other in Trigger::ALL.into_iter().filter(|other| *other != trigger) {
            let end = Stage::new(config.clone(), json!({})).run(other, &event, |_| panic!("a request"));
            assert_eq!(end.commands, json!([]), "{config}");
        }
    }
}

#[test]
fn a_failure_is_denied_as_its_flow_can() {
    let table = [
        (PostLogin, event(), json!(["deny", "We could not complete your login (crm: unavailable)."])),
        (
            PreUserRegistration,
            stranger(),
            json!([
                "deny",
                "We could not complete your registration (crm: unavailable).",
                "We could not complete your registration (crm: unavailable)."
            ]),
        ),
        (
            CredentialsExchange,
            machine(),
            json!(["deny", "server_error", "We could not complete your exchange (crm: unavailable)."]),
        ),
    ];
    for (trigger, event, wanted) in table {
        let on = json!([trigger.name(), "post-user-registration"]);
        let config = json!({"syncs": [entry(json!({"on": on, "onFailure": "deny", "retries": 0}))]});
        let mut stage = Stage::new(config, json!({}));
        assert_eq!(stage.run(trigger, &event, |_| status(503)).commands, json!([wanted]));
        assert_eq!(stage.engine.guards(), 0b10_0000 | 1 << trigger as u8);
    }
}

#[test]
fn a_registration_gets_metadata() {
    let config = json!({
        "syncs": [in_flow("pre-user-registration", json!({"freshForSeconds": 600,
            "request": {"body": {"email": "user.email"}}, "response": {"appMetadata": {"crm_id": "id"}}}))],
    "flows": {"pre-user-registration": {"userMetadata": {"source": "connection.name"},
            "appMetadata": {"known": "'yes'"}}},
    });
    let end = Stage::new(config, json!({})).run(PreUserRegistration, &stranger(), |_| ok(json!({"id": 7})));
    let commands = end.commands.as_array().unwrap();
    assert_eq!(
        commands[..3],
        [
            json!(["appMetadata", "known", "yes"]),
            json!(["userMetadata", "source", "customers"]),
            json!(["appMetadata", "crm_id", 7]),
        ]
    );
    assert_eq!(
        (&commands[3][1], commands.len()),
        (&json!("login_sync"), 4),
        "the first login finds it fresh"
    );
}

/// One entry may serve several flows, and each gets what it has a use for.
#[test]
fn what_a_flow_has_no_use_for_is_another_ones() {
    let on: Vec<_> = Trigger::ALL.iter().map(|trigger| trigger.name()).collect();
    let all = json!({"syncs": [entry(json!({"on": on, "onFailure": "deny", "freshForSeconds": 600, "response":
        {"idToken": {"a": "a"}, "accessToken": {"b": "b"}, "appMetadata": {"c": "c"}, "userMetadata": {"d": "d"},
            "saml": {"e": "e"}}}))]});
    let answer = json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5});
    for (trigger, wanted) in [
        (PostLogin, vec!["idToken", "accessToken", "saml", "appMetadata", "userMetadata", "appMetadata"]),
        (PostUserRegistration, vec![]),
        (PreUserRegistration, vec!["appMetadata", "userMetadata", "appMetadata"]),
        (CredentialsExchange, vec!["accessToken"]),
        (PostChangePassword, vec![]),
        (EventStream, vec![]),
    ] {
        let end = Stage::new(all.clone(), json!({})).run(trigger, &event(), |_| ok(answer.clone()));
        let kinds: Vec<_> = end.commands.as_array().unwrap().iter().map(|command| &command[0]).collect();
        assert_eq!(kinds, wanted, "{}", trigger.name());
        assert_eq!((end.outcome("crm"), end.logged("trigger"), end.again), ("ok", trigger.name(), false));
    }
}

#[test]
fn a_machine_is_who_it_is() {
    // What is kept for one machine is not another one's.
    let config = json!({"syncs": [in_flow("credentials-exchange", json!({"reuse": true,
        "request": {"body": {"id": "client.client_id"}}, "response": {"token": "t", "accessToken": {"t": "t"}}}))]});
    let mut stage = Stage::new(config, json!({}));
    let token = crate::common::token_until(3_600.0);
    let mut sent = 0;
    for (client, requests) in [("a", 1), ("a", 1), ("b", 2), ("a", 2)] {
        let event = with(machine(), json!({"client": {"client_id": client}}));
        let end = stage.run(CredentialsExchange, &event, |_| {
            sent += 1;
            ok(json!({"t": token}))
        });
        assert_eq!((sent, end.commands.as_array().unwrap().len()), (requests, 1), "{client}");
    }
}

#[test]
fn an_event_comes_again_where_that_may_help() {
    let table: [(Reply, bool, &str); 10] = [
        (ok(json!({})), false, "done"),
        (status(401), true, "again"),
        (status(403), true, "again"),
        (status(429), true, "again"),
        (status(503), true, "again"),
        (error("ECONNRESET"), true, "again"),
        (silence(), true, "again"),
        (status(400), false, "failed"),
        (status(409), false, "failed"),
        (text(302, ""), false, "failed"),
    ];
    for (reply, again, result) in table {
        let event = message("evt_1", json!({}));
        let end = Stage::new(of_events(json!({})), json!({})).run(EventStream, &event, |_| reply.clone());
        assert_eq!(
            (end.again, end.logged("result"), end.logged("id")),
            (again, result, "evt_1"),
            "{}",
            end.log
        );
        let config = of_events(json!({"mode": "shadow"}));
        let end = Stage::new(config, json!({})).run(EventStream, &event, |_| reply.clone());
        assert_eq!((end.again, end.logged("result")), (false, "done"), "in shadow; {}", end.log);
    }
}

/// What waited for one that was refused for good must not have the event come again, for that would help neither.
#[test]
fn an_entry_that_reads_another_one_says_nothing_that_one_does_not_say() {
    let config = json!({"syncs": [in_flow("event-stream", json!({"name": "find"})),
        in_flow("event-stream", json!({"name": "write", "request": {"body": {"id": "syncs.find.answer.id"}}}))]});
    for (reply, again, result) in [(status(400), false, "failed"), (status(401), true, "again")] {
        let end = Stage::new(config.clone(), json!({}))
            .run(EventStream, &message("a", json!({})), |_| reply.clone());
        assert_eq!((end.again, end.logged("result")), (again, result), "{}", end.log);
        assert_eq!(end.why("write"), "unavailable:needs-find");
    }
}

/// The key is the same however often an event comes, in whatever instance; no two events, and no two entries, share one.
#[test]
fn the_key_of_an_event() {
    let two = |host: &str| {
        in_flow(
            "event-stream",
            json!({"name": host,
        "request": {"url": format!("https://{host}.example.com/"), "body": {"id": "message.data.object.user_id"}}}),
        )
    };
    let config = json!({"syncs": [two("a"), two("b")]});
    let keys = |stage: &mut Stage, id: &str| -> Vec<String> {
        let end = stage.run(EventStream, &message(id, json!({})), |_| status(503));
        end.sent.iter().map(|sent| sent.header("idempotency-key").unwrap().to_string()).collect()
    };
    let mut stage = Stage::new(config.clone(), json!({}));
    let first = keys(&mut stage, "evt_1");
    let mut other = Stage::new(config.clone(), json!({}));
    other.pass(1e6);
    let mut all = first.clone();
    all.extend(keys(&mut other, "evt_1"));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 2, "two entries, and any number of tries: {first:?}");
    all.extend(keys(&mut Stage::new(config, json!({})), "evt_2"));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 4);
}

/// With a key of the user, two events that say the same of one user share it, and others do not.
#[test]
fn the_key_of_an_events_user() {
    let mut stage = Stage::new(of_events(json!({"request": {"idempotency": {"of": "user"}}})), json!({}));
    let mut key = |id: &str, user: &str| {
        let event = message(id, json!({"data": {"object": {"user_id": user}}}));
        stage.run(EventStream, &event, |_| status(200)).sent[0].header("idempotency-key").unwrap().to_string()
    };
    let first = key("evt_1", "a");
    assert_eq!((&key("evt_2", "a"), &key("evt_1", "a")), (&first, &first));
    assert_ne!(key("evt_1", "b"), first);
}

/// A system that fails for one user alone, by an event that comes again and again, is not taken for one that is down.
#[test]
fn one_users_events_decide_for_no_other() {
    let mut stage = Stage::new(of_events(json!({})), json!({}));
    for _ in 0..20 {
        let end = stage.run(EventStream, &message("evt_bad", json!({})), |_| status(500));
        assert!(end.again);
        stage.pass(4_000.0);
    }
    let other = message("evt_2", json!({"data": {"object": {"user_id": "auth0|2"}}}));
    let end = stage.run(EventStream, &other, |_| status(200));
    assert_eq!((end.outcome("crm"), end.ms), ("ok", 0.0));
}

/// The guard holds an event back, and it waits for its turn: no one is in front of it.
#[test]
fn an_event_waits_where_a_login_is_turned_away() {
    let config = of_events(json!({"retries": 1}));
    let mut stage = Stage::new(config.clone(), json!({}));
    let of_user = |number: usize| {
        let over = json!({"data": {"object": {"user_id": format!("auth0|{number}")}}});
        message(&format!("evt_{number}"), over)
    };
    for number in 0..5 {
        assert!(stage.run(EventStream, &of_user(number), |_| status(503)).again);
    }
    // The breaker is open. The system is back after two seconds.
    let starts: Vec<_> = (5..9).map(|number| (0.0, EventStream, of_user(number))).collect();
    let begun = stage.tick;
    let ends = stage.together(&starts, |sent| status(if sent.at < begun + 2_000.0 { 503 } else { 200 }));
    let good = ends.iter().filter(|end| end.outcome("crm") == "ok").count();
    assert!(good >= 1, "{:?}", ends.iter().map(|end| &end.log).collect::<Vec<_>>());
    assert!(ends.iter().all(|end| end.again == (end.outcome("crm") != "ok")));
    // Down all along: it gives up within Auth0's ten seconds, whatever the budget.
    let mut stage = Stage::new(with(config, json!({"budgetMs": 15_000})), json!({}));
    for number in 0..5 {
        stage.run(EventStream, &of_user(number), |_| status(503));
    }
    let end = stage.run(EventStream, &of_user(9), |_| status(503));
    assert!(end.again && end.ms <= 9_000.0, "{}", end.log);
}

/// A token is got for all: an event that asks for it first does not have logins wait as long as it may wait itself, and
/// waits for its own turn when there is none.
#[test]
fn an_event_keeps_no_login_waiting_for_a_token() {
    let needs = |name: &str, on: &str| {
        let headers = json!({"authorization": {"token": "t"}});
        entry(json!({"name": name, "on": [on], "request": {"headers": headers}}))
    };
    let config = json!({"syncs": [needs("crm", "post-login"), needs("erp", "event-stream")],
        "tokens": {"t": {"url": "https://auth.example.com/token", "clientId": "ID", "clientSecret": "KEY"}}});
    let is_token = |sent: &Sent| *sent.request.url.host == *"auth.example.com";
    let mut stage = Stage::new(config, json!({"ID": "a", "KEY": "b"}));
    // A retry has been used up, and the token is over.
    stage.run(PostLogin, &somebody(1), |_| status(503));
    stage.pass(5_000.0);
    let grant = || ok(json!({"access_token": "x", "expires_in": 60}));
    stage.run(PostLogin, &somebody(2), |sent| if is_token(sent) { grant() } else { status(200) });
    stage.pass(100_000.0);
    let mut starts = vec![(0.0, EventStream, message("evt_0", json!({})))];
    for number in 0..40 {
        let id = format!("evt_{}", number + 1);
        starts.push((1.0, EventStream, message(&id, json!({"data": {"object": {"user_id": id}}}))));
        starts.push((2.0, PostLogin, somebody(number + 10)));
    }
    let begun = stage.tick;
    let ends = stage.together(&starts, |sent| match sent.at - begun {
        _ if !is_token(sent) => status(200),
        ms if ms < 3_000.0 => status(503).after(50.0),
        _ => grant().after(50.0),
    });
    let (events, logins): (Vec<_>, Vec<_>) =
        ends.iter().partition(|end| end.logged("trigger") == "event-stream");
    for end in logins {
        assert!(end.ms < 500.0 && end.why("crm") == "unavailable:token-503", "{}", end.log);
    }
    // As many as may wait have waited until the token was there.
    assert_eq!(events.iter().filter(|end| end.outcome("erp") == "ok").count(), 20);
    assert!(events.iter().all(|end| end.again == (end.outcome("erp") != "ok") && end.ms < 5_000.0));
}

/// A config that is refused keeps no event: it comes again once the config is right.
#[test]
fn out_of_order() {
    let engine = Engine::new(&Native(json!({"sync": []})), None, |_| true);
    for trigger in Trigger::ALL {
        let verdict = engine.start(1, trigger, &Native(json!({})), Now::default()).verdict.unwrap();
        let told = |what: &str| format!("We could not complete your {what} (login-sync is out of order).");
        let denial = match trigger {
            PostLogin => vec![told("login")],
            PreUserRegistration => vec![told("registration"), told("registration")],
            CredentialsExchange => vec!["server_error".to_string(), told("exchange")],
            _ => Vec::new(),
        };
        let said: Vec<_> = verdict
            .commands
            .into_iter()
            .flat_map(|command| match command {
                Command::Deny(first, second) => [first].into_iter().chain(second),
                _ => panic!("no denial"),
            })
            .collect();
        assert_eq!((said, verdict.again), (denial, trigger == EventStream));
        assert!(verdict.log.contains(trigger.name()) && verdict.log.contains("result=refused"));
    }
}

/// A user in an event is a user: our own record and the tokens of others are out of reach.
#[test]
fn what_an_event_holds_of_a_user() {
    let over = json!({"data": {"object": {"app_metadata": {"login_sync": {"crm": {"claims": "S3CRET"}}, "plan": "gold"},
        "identities": [{"provider": "google-oauth2", "access_token": "S3CRET", "refreshToken": "S3CRET"}]}}});
    let config = json!({"syncs": [in_flow("event-stream", json!({"request": {"body":
        {"all": "@", "message": "message", "object": "message.data.object", "keys": "keys(message.data.object)"}}}))]});
    let end = Stage::new(config, json!({})).run(EventStream, &message("a", over), |_| status(200));
    let sent = end.sent[0].body();
    assert!(!sent.to_string().contains("S3CRET"), "{sent}");
    assert_eq!(sent["object"]["app_metadata"], json!({"plan": "gold"}));
    assert_eq!(sent["object"]["identities"], json!([{"provider": "google-oauth2"}]));
}

#[test]
fn what_flows_take() {
    accepts(&[
        json!({"flows": {"credentials-exchange": {}, "pre-user-registration": {}}, "deny": [{"when": "user", "reason": "a"}]}),
        json!({"flows": {"credentials-exchange": {"claims": {"accessToken": {"a": "client.name", "b": "clock.iso"}}}}}),
        of_events(json!({"when": "message.type == 'user.created' && age(message.time) < `3600`"})),
        json!({"syncs": [entry(json!({"on": ["post-change-password"], "request": {"body": {"id": "user.user_id"}}}))]}),
        // One name in two flows is no clash.
        json!({"claims": {"accessToken": {"a": "user.name"}},
            "flows": {"credentials-exchange": {"claims": {"accessToken": {"a": "client.name"}}}}}),
    ]);
    // A secret that a flow's claims need must be set.
    let config = json!({"flows": {"credentials-exchange": {"claims": {"accessToken": {"a":
        {"hmac": {"secret": "KEY", "of": "client.client_id"}}}}}}});
    let stage = Stage::any(config, json!({}), 8_000.0);
    assert!(stage.engine.problems()[0].message.contains("`KEY` is not set"));
}
