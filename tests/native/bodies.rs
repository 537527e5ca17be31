//! What a request carries: JSON, a form or a text, with what is made of secrets in it; and that a parser on the other side
//! reads back what the event holds, or nothing is sent.

use crate::common::config::accepts;
use crate::common::form::{parsed, sayable};
use crate::common::{End, Stage, event, ok, one, status, with};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn play(request: Json, secrets: Json, user: Json) -> End {
    let mut stage = Stage::new(one(json!({"request": request})), secrets);
    stage.play(&with(event(), json!({"user": user})), |_| ok(json!({})))
}

/// The body as it was sent, and its `content-type`; or the outcome.
fn body(request: Json, user: Json) -> Result<(String, String), String> {
    let end = play(request, json!({"KEY": "k/1", "PEPPER": "p"}), user);
    let sent = end.sent.first().ok_or_else(|| end.why("crm"))?;
    Ok((sent.request.body.as_deref().unwrap().to_string(), sent.header("content-type").unwrap().to_string()))
}

#[test]
fn a_form() {
    let form = json!({
        "email": "user.email", "none": "user.middle_name", "flag": true, "n": 1.5, "text": "'a b&c=d%é'",
        "metadata": {"auth0_id": "user.user_id", "deep": {"x": "user.email_verified"}},
        "items": [{"price": "'p_1'"}, "'two'"], "providers": "user.identities[*].provider", "empty": {}, "expand[]": "'data'"
    });
    let (text, kind) = body(json!({"form": form}), json!({})).unwrap();
    assert_eq!(kind, "application/x-www-form-urlencoded");
    assert_eq!(
        text,
        "email=ada%40example.com&flag=true&n=1.5&text=a%20b%26c%3Dd%25%C3%A9&metadata[auth0_id]=auth0%7Cada\
         &metadata[deep][x]=true&items[0][price]=p_1&items[1]=two&providers[0]=auth0&providers[1]=google-oauth2\
         &expand%5B%5D=data"
    );
    assert_eq!(body(json!({"form": {"a": "user.middle_name"}}), json!({})).unwrap().0, "");
}

#[test]
fn what_would_be_read_back_otherwise_is_not_sent() {
    let form = json!({"form": {"m": "user.user_metadata"}});
    for metadata in [
        json!({"a][b": "1"}),
        json!({"a[": 1}),
        json!({"": "x"}),
        json!({"a": {"b]": "x"}}),
        json!({"a": "\u{fffd}"}),
    ] {
        let found = body(form.clone(), json!({"user_metadata": metadata}));
        assert_eq!(found.unwrap_err(), "invalid:body-form", "{metadata}");
    }
    assert_eq!(
        body(json!({"form": {"a": "join(user.x, user.y)"}}), json!({})).unwrap_err(),
        "invalid:body-expression"
    );
}

/// What a token in a form says is no field of the form, whatever its names are.
#[test]
fn a_token_in_a_form_says_what_it_likes() {
    let jwt = json!({"jwt": {"secret": "KEY", "claims": {"m": "user.user_metadata"}}});
    let metadata = json!({"user_metadata": {"a[b]": 1, "": "x"}});
    let (form, _) = body(json!({"form": {"assertion": jwt}}), metadata.clone()).unwrap();
    assert!(form.starts_with("assertion=eyJ"), "{form}");
    let two = json!({"form": {"assertion": jwt, "m": "user.user_metadata"}});
    assert_eq!(body(two, metadata).unwrap_err(), "invalid:body-form");
}

fn any_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(|b| json!(b)),
        (-1_000_000i32..1_000_000).prop_map(|n| json!(n)),
        "\\PC{0,8}".prop_map(|text| json!(text)),
        "[ -~\r\n\t\0]{0,8}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("([a-z&=%+ é\\[\\]]|__proto__){0,4}", inner, 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the event holds: a server reads it back, or nothing is sent and the log says why.
    #[test]
    fn a_form_is_read_back_as_it_was(value in any_value()) {
        let user = json!({"user_metadata": {"v": value}});
        match body(json!({"form": {"before": "'x'", "v": "user.user_metadata.v", "after": "'y'"}}), user) {
            Ok((text, _)) => {
                let mut wanted = json!({"before": "x"});
                if let Some(said) = sayable(&value) {
                    wanted["v"] = said;
                }
                wanted["after"] = json!("y");
                prop_assert_eq!(parsed(&text), wanted, "{}", text);
            }
            Err(why) => prop_assert_eq!(why, "invalid:body-form"),
        }
    }

    #[test]
    fn a_text_is_what_the_event_says(value in any_value()) {
        let sent = body(json!({"text": "user.user_metadata.v"}), json!({"user_metadata": {"v": value}}));
        match &value {
            Json::String(text) if text.contains('\u{fffd}') => prop_assert_eq!(sent.unwrap_err(), "invalid:body-text"),
            Json::String(text) => prop_assert_eq!(&sent.unwrap().0, text),
            Json::Bool(_) | Json::Number(_) => prop_assert_eq!(sent.unwrap().0, value.to_string()),
            _ => prop_assert_eq!(sent.unwrap_err(), "invalid:body-text"),
        }
    }

    /// A header of the event arrives as it was: visible ASCII without blanks at its ends.
    #[test]
    fn a_header_is_read_back_as_it_was(value in any_value()) {
        let request = json!({"headers": {"x-v": {"value": "user.user_metadata.v"}}});
        let end = play(request, json!({}), json!({"user_metadata": {"v": value}}));
        let plain = match &value {
            Json::String(text) => Some(text.clone()),
            Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
            _ => None,
        };
        let passes = plain.filter(|text| {
            !text.is_empty() && text.trim_matches([' ', '\t']) == text && text.bytes().all(|b| (b' '..=b'~').contains(&b) || b == b'\t')
        });
        if let Some(text) = passes {
            prop_assert_eq!(end.sent[0].header("x-v"), Some(text.as_str()));
        } else {
            prop_assert_eq!(end.why("crm"), "invalid:header-value");
        }
    }
}

#[test]
fn a_text() {
    let (text, kind) = body(json!({"text": "join(';', [user.user_id, user.email])"}), json!({})).unwrap();
    assert_eq!((text.as_str(), kind.as_str()), ("auth0|ada;ada@example.com", "text/plain; charset=utf-8"));
    let xml = json!({"text": "'<a/>'", "headers": {"content-type": "application/xml"}});
    assert_eq!(body(xml, json!({})).unwrap().1, "application/xml");
}

#[test]
fn nulls_for_a_patch() {
    let fields = json!({"a": "user.middle_name", "b": {"c": null, "d": 1}, "e": [null]});
    let plain = json!({"method": "PATCH", "body": fields});
    assert_eq!(body(plain.clone(), json!({})).unwrap().0, r#"{"b":{"d":1},"e":[null]}"#);
    let nulls = with(plain, json!({"sendNulls": true}));
    assert_eq!(body(nulls, json!({})).unwrap().0, r#"{"a":null,"b":{"c":null,"d":1},"e":[null]}"#);
}

#[test]
fn forms_in_a_body() {
    let fields = json!({
        "key": {"secret": "KEY"}, "old": {"secret": ["UNSET", "KEY"], "prefix": "v1:"},
        "maybe": {"secret": "UNSET", "optional": true},
        "list": ["'a'", {"secret": "UNSET", "optional": true}, {"value": "'b'", "when": "user.email_verified"}, {"value": "'c'", "when": "user.x"}],
        "plan": {"value": {"id": "user.user_id"}, "when": "user.email_verified"},
        "hash": {"hmac": {"secret": "PEPPER", "of": "user.user_id"}},
        // No forms: 0.1 read them so.
        "token": {"token": "user.user_id"}, "bearer": {"bearer": "user.user_id"}, "value": {"value": "user.user_id"},
        "answer": {"secret": "'x'", "answer": "'y'"}, "jwt": {"jwt": "'z'"}
    });
    let (text, _) = body(json!({"body": fields}), json!({})).unwrap();
    let sent: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(
        sent,
        json!({
            "key": "k/1", "old": "v1:k/1", "list": ["a", "b"], "plan": {"id": "auth0|ada"},
            // `printf 'auth0|ada' | openssl dgst -sha256 -hmac p`
            "hash": "8d1db1c1c67efd244a527e62823e89ef2e36b8d6bf0b17503ed771ea93cbc654",
            "token": {"token": "auth0|ada"}, "bearer": {"bearer": "auth0|ada"}, "value": {"value": "auth0|ada"},
            "answer": {"secret": "x", "answer": "y"}, "jwt": {"jwt": "z"}
        })
    );
    // The fields of the body itself are fields.
    assert_eq!(
        body(json!({"body": {"secret": "user.user_id"}}), json!({})).unwrap().0,
        r#"{"secret":"auth0|ada"}"#
    );
    let (form, _) =
        body(json!({"form": {"api_key": {"secret": "KEY"}, "x": {"y": {"secret": "KEY"}}}}), json!({}))
            .unwrap();
    assert_eq!(form, "api_key=k%2F1&x[y]=k%2F1");
}

#[test]
fn a_secret_in_a_body_rotates() {
    for request in [
        json!({"form": {"key": {"secret": ["A", "B"]}}}),
        json!({"body": {"deep": [{"secret": ["A", "B"]}]}}),
        json!({"url": "https://crm.example.com/{key}", "params": {"key": {"secret": ["A", "B"]}}}),
        json!({"headers": {"x-k": {"hmac": {"secret": ["A", "B"], "of": "user.user_id"}}}}),
        json!({"headers": {"authorization": {"basic": {"password": ["A", "B"]}}}}),
        json!({"headers": {"x-j": {"jwt": {"secret": ["A", "B"], "audience": "x"}}}}),
        json!({"url": {"secret": ["A", "B"]}}),
    ] {
        let mut stage = Stage::new(
            one(json!({"request": request})),
            json!({"A": "https://a.example.com/a", "B": "https://a.example.com/b"}),
        );
        let mut seen = Vec::new();
        let end = stage.play(&event(), |sent| {
            seen.push((sent.request.url.clone(), sent.request.body.clone(), sent.request.headers.clone()));
            if seen.len() == 1 { status(401) } else { ok(json!({})) }
        });
        assert_eq!((end.sent.len(), end.outcome("crm")), (2, "ok"), "{request}");
        assert!(seen[0] != seen[1], "{request}");
        let again = stage.play(&event(), |_| ok(json!({})));
        assert_eq!(
            again.sent[0].request.body, end.sent[1].request.body,
            "the one that worked is remembered: {request}"
        );
    }
}

/// What is reused is found by what the event says; a rotated secret is the same request.
#[test]
fn the_key_of_reuse_has_the_event_and_no_secret() {
    let token = crate::common::token_until(3_000.0);
    let request = json!({
        "url": "https://{site}.crm.example.com/{id}/{key}", "params": {"site": {"secret": "SITE"}, "id": "user.user_id", "key": {"secret": ["A", "B"]}},
        "headers": {"x-ip": {"value": "request.ip"}, "authorization": {"bearer": ["A", "B"]}},
        "form": {"key": {"secret": ["A", "B"]}, "name": "user.name"}
    });
    let config = one(json!({"request": request, "response": {"token": "t"}, "reuse": true}));
    let mut stage = Stage::new(config, json!({"A": "a", "B": "b", "SITE": "acme"}));
    let mut login = |over: Json| {
        let mut first = true;
        let end = stage.play(&with(event(), over), |_| {
            if std::mem::take(&mut first) { status(401) } else { ok(json!({"t": token})) }
        });
        end.outcome("crm").to_string()
    };
    assert_eq!(login(json!({})), "ok");
    assert_eq!(login(json!({})), "reused", "another secret was sent, for the same request");
    for other in [json!({"request": {"ip": "192.0.2.8"}}), json!({"user": {"name": "A. L."}})] {
        assert_ne!(login(other.clone()), "reused", "{other}");
    }
}

#[test]
fn kinds_of_bodies() {
    accepts(&[
        one(
            json!({"request": {"body": {}, "headers": {"content-type": "application/vnd.api+json; charset=UTF-8"}}}),
        ),
        one(
            json!({"request": {"form": {}, "headers": {"content-type": "application/x-www-form-urlencoded"}}}),
        ),
        one(json!({"request": {"text": "user.email", "headers": {"content-type": "text/csv"}}})),
        one(json!({"request": {"headers": {"content-type": "x/y"}}})),
    ]);
}
