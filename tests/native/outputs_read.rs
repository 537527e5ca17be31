//! Metadata, attributes, scopes and reasons that read an entry: an outage takes nothing away.

use crate::common::{Stage, entry, event, ok, status, with};
use serde_json::{Value as Json, json};

/// A config whose one key reads an entry, and this entry's reply: what is written.
fn reading(mapping: Json, over: Json, known: Json, reply: Option<crate::common::Reply>) -> (Json, String) {
    let source = entry(with(json!({"retries": 0}), over));
    let config = json!({"syncs": [source], "appMetadata": {"k": mapping}, "userMetadata": {"k": mapping}});
    let user = json!({"app_metadata": {"k": known}, "user_metadata": {"k": known}});
    let replies: Vec<_> = reply.into_iter().collect();
    let end = Stage::new(config, json!({})).login(&with(event(), json!({ "user": user })), &replies);
    let written = end.commands.as_array().unwrap();
    assert!(written.is_empty() || written.len() == 2 && written[0][2] == written[1][2], "{written:?}");
    (written.first().map_or(json!("nothing"), |write| write[2].clone()), end.log)
}

/// An outage must not delete data: what reads an entry that has failed, or was skipped, takes nothing away, and writes only
/// what is whole.
#[test]
fn metadata_that_read_an_entry() {
    let tier = json!("syncs.crm.answer.tier");
    let both = json!({"tier": "syncs.crm.answer.tier", "mail": "user.email"});
    let list = json!(["syncs.crm.answer.tier", "user.email"]);
    let inside = json!("{a: [syncs.crm.answer.tier, user.email]}");
    let other = json!("syncs.crm.answer.tier || user.user_metadata.plan || user.email");
    let fixed = json!({"outcome": "syncs.crm.outcome"});
    let only_good = json!({"tier": {"value": "syncs.crm.answer.tier", "when": "syncs.crm.outcome == 'ok'"}});
    let there = json!({"value": "syncs.crm.answer.tier", "when": "syncs.crm.answer.tier"});
    let if_there = json!({"tier": there, "mail": "user.email"});
    let item = json!([there, "user.email"]);
    let mail = "ada@example.com";
    let table = [
        (&tier, json!("gold"), json!(null), "nothing".into()),
        (&both, json!({"tier": "gold", "mail": mail}), json!({"mail": mail}), "nothing".into()),
        (&list, json!(["gold", mail]), json!([null, mail]), "nothing".into()),
        (&inside, json!({"a": ["gold", mail]}), json!({"a": [null, mail]}), "nothing".into()),
        (&other, json!("gold"), json!(mail), json!(mail)),
        (&fixed, json!({"outcome": "ok"}), json!({"outcome": "ok"}), json!({"outcome": "unavailable"})),
        (&only_good, json!({"tier": "gold"}), json!(null), "nothing".into()),
        (&if_there, json!({"tier": "gold", "mail": mail}), json!({"mail": mail}), "nothing".into()),
        (&item, json!(["gold", mail]), json!([mail]), "nothing".into()),
    ];
    for (mapping, good, of_null, down) in table {
        let known = json!("old");
        let (written, log) =
            reading(mapping.clone(), json!({}), known.clone(), Some(ok(json!({"tier": "gold"}))));
        assert_eq!(written, good, "{mapping} {log}");
        let (written, log) =
            reading(mapping.clone(), json!({}), known.clone(), Some(ok(json!({"tier": null}))));
        assert_eq!(written, of_null, "{mapping} {log}");
        for reply in [status(503), status(404), status(401), crate::common::text(200, "no JSON")] {
            let (written, log) = reading(mapping.clone(), json!({}), known.clone(), Some(reply));
            if *mapping != fixed {
                assert_eq!(written, down, "{mapping} {log}");
            }
        }
        let skipped = json!({"when": "user.nickname"});
        let (written, log) = reading(mapping.clone(), skipped, known.clone(), None);
        if *mapping != fixed {
            assert_eq!(written, down, "{mapping} {log}");
        }
    }
}

/// What one key reads is no matter of another's.
#[test]
fn each_key_for_itself() {
    let config = json!({
        "syncs": [entry(json!({"retries": 0}))],
        "appMetadata": {"a": "syncs.crm.answer.id", "b": "user.nickname", "c": null}
    });
    let user = json!({"user": {"app_metadata": {"a": 1, "b": 2, "c": 3}}});
    let end = Stage::new(config, json!({})).login(&with(event(), user), &[status(503)]);
    assert_eq!(end.commands, json!([["appMetadata", "b", null], ["appMetadata", "c", null]]));
}

/// Scopes, attributes and reasons read entries too; of one that has failed they see null.
#[test]
fn the_others_that_read_an_entry() {
    let config = json!({
        "syncs": [entry(json!({"retries": 0}))],
        "saml": {"seat": "syncs.crm.answer.seat"},
        "scopes": {"add": ["syncs.crm.answer.scopes"], "remove": ["syncs.crm.outcome != 'ok' && 'read:x' || `null`"]},
        "deny": [{"when": "syncs.crm.answer.blocked", "reason": {"value": "syncs.crm.answer.why"}}],
    });
    let mut stage = Stage::new(config, json!({}));
    let end = stage.login(&event(), &[ok(json!({"seat": 4, "scopes": ["a", "b"]}))]);
    assert_eq!(end.commands, json!([["addScope", "a"], ["addScope", "b"], ["saml", "seat", 4]]));
    let end = stage.login(&event(), &[ok(json!({"blocked": true, "why": "Your seat was given away."}))]);
    assert_eq!(end.commands, json!([["deny", "Your seat was given away."]]));
    let end = stage.login(&event(), &[status(503)]);
    assert_eq!(end.commands, json!([["removeScope", "read:x"]]));
}

/// What reads an entry in shadow is in shadow too.
#[test]
fn what_reads_a_shadow_does_nothing() {
    let reads = json!({"a": "syncs.crm.answer.v", "b": "user.email"});
    let config = json!({
        "syncs": [entry(json!({"mode": "shadow", "response": {"userMetadata": {"c": "v"}, "saml": {"c": "v"}}}))],
        "claims": {"idToken": reads}, "appMetadata": reads, "userMetadata": reads, "saml": reads,
        "scopes": {"add": ["syncs.crm.answer.v", "'b'"], "remove": ["syncs.crm.answer.v", "'x'"]},
    });
    let end = Stage::new(config, json!({})).login(&event(), &[ok(json!({"v": "v"}))]);
    let asked: Vec<_> = end.commands.as_array().unwrap().iter().map(|command| command[1].clone()).collect();
    assert_eq!(asked, ["x", "b", "b", "b", "b", "b"], "{}", end.log);
}
