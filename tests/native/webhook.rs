//! Signed requests: the token in the header holds for its receiver, this body, a short time, and once.
//! The oracle is jwt-compact's own decoder.

use crate::common::{START, Sent, Stage, event, one, status};
use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, TimeDelta, Utc};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, TimeOptions, UntrustedToken};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

const KEY: &str = "a key that both sides know";

fn stage(jwt: Json, header: &str) -> Stage {
    let jwt = crate::common::with(json!({"secret": "SIGN", "audience": "https://hooks.example.com"}), jwt);
    let config = one(
        json!({"retries": 1, "request": {"headers": {header: {"jwt": jwt}}, "body": {"id": "user.user_id"}}}),
    );
    Stage::new(config, json!({"SIGN": KEY}))
}

/// What a receiver reads once it has verified the signature.
fn verified(token: &str, key: &str) -> Result<Claims<Map<String, Json>>, String> {
    let token = UntrustedToken::new(token).map_err(|error| error.to_string())?;
    assert_eq!((token.algorithm(), token.header().token_type.as_deref()), ("HS256", Some("JWT")));
    let token = Hs256
        .validator(&Hs256Key::new(key.as_bytes()))
        .validate(&token)
        .map_err(|error| error.to_string())?;
    Ok(token.claims().clone())
}

fn digest(body: &str) -> Json {
    json!(Base64UrlUnpadded::encode_string(&Sha256::digest(body.as_bytes())))
}

fn moment(ms: f64) -> DateTime<Utc> {
    #[expect(clippy::cast_possible_truncation, reason = "a time of this test")]
    DateTime::from_timestamp(ms as i64 / 1000, 0).unwrap()
}

#[test]
fn a_receiver_can_verify_it() {
    let mut stage = stage(json!({}), "x-signature");
    stage.pass(1_700.0);
    let end = stage.login(&event(), &[status(200)]);
    let sent = end.sent.first().unwrap();
    let claims = verified(sent.header("x-signature").unwrap(), KEY).unwrap();
    assert_eq!(claims.custom["iss"], "login-sync");
    assert_eq!(claims.custom["sub"], "auth0|ada");
    assert_eq!(claims.custom["aud"], "https://hooks.example.com");
    assert_eq!(claims.custom["body_sha256"], digest(sent.request.body.as_deref().unwrap()));
    assert_eq!(claims.issued_at, Some(moment(START + 1_000.0)), "whole seconds, rounded down");
    assert_eq!(claims.expiration, Some(moment(START + 61_000.0)));
    let at = |ms: f64| TimeOptions::new(TimeDelta::zero(), move || moment(ms));
    assert!(claims.validate_expiration(&at(START + 61_000.0)).is_ok());
    assert!(claims.validate_expiration(&at(START + 62_000.0)).is_err());
    assert_eq!(
        verified(sent.header("x-signature").unwrap(), "another key").unwrap_err(),
        "signature has failed verification"
    );
}

#[test]
fn settings() {
    let end = stage(json!({"expiresInSeconds": 5}), "Authorization").login(&event(), &[status(200)]);
    let header = end.sent.first().unwrap().header("authorization").unwrap();
    let claims = verified(header.strip_prefix("Bearer ").unwrap(), KEY).unwrap();
    assert_eq!(claims.expiration, Some(moment(START + 5_000.0)));
}

#[test]
fn no_body_has_the_digest_of_nothing() {
    let jwt = json!({"jwt": {"secret": "SIGN", "audience": "a"}});
    let config = one(json!({"request": {"method": "GET", "headers": {"x-signature": jwt}}}));
    let end = Stage::new(config, json!({"SIGN": KEY})).login(&event(), &[status(200)]);
    let claims = verified(end.sent.first().unwrap().header("x-signature").unwrap(), KEY).unwrap();
    assert_eq!(claims.custom["body_sha256"], digest(""));
}

/// A receiver may refuse a `jti` that it has seen: a retry needs a new one, and a new time.
#[test]
fn each_request_has_a_token_of_its_own() {
    let mut stage = stage(json!({}), "x-signature");
    let mut sent: Vec<Sent> = Vec::new();
    for _ in 0..20 {
        sent.extend(stage.login(&event(), &[status(503).after(1_500.0), status(200)]).sent);
        for _ in 0..10 {
            sent.extend(stage.login(&event(), &[status(200)]).sent);
        }
    }
    let claims: Vec<_> =
        sent.iter().map(|sent| verified(sent.header("x-signature").unwrap(), KEY).unwrap()).collect();
    let ids: HashSet<_> = claims.iter().map(|claims| claims.custom["jti"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 240);
    assert!(ids.iter().all(|id| id.len() == 32));
    assert!(claims[1].issued_at > claims[0].issued_at, "a retry is issued when it is sent");
}
