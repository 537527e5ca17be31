//! Value forms in headers and claims: secrets, Basic, signatures, tokens, values with a condition; hosts of an account; the
//! key for what is sent twice.

use crate::common::config::{accepts, problems, problems_with};
use crate::common::{End, EventStream, Stage, entry, event, ok, one, status, with};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde_json::{Value as Json, json};

const SECRETS: &str = r#"{"KEY": "k-1", "NEXT": "k-2", "BOTH": "ada:pw", "USER": "ada", "COLON": "a:b", "PW": "p:w",
    "PEM": "-----BEGIN PRIVATE KEY-----", "WHSEC": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "BARE": "c2Vjb25kIGtleSBvZiAyNCBieXRlcw=="}"#;

fn secrets() -> Json {
    serde_json::from_str(SECRETS).unwrap()
}

fn play(request: Json) -> End {
    Stage::new(one(json!({"request": request})), secrets()).play(&event(), |_| ok(json!({})))
}

/// The header `x-a` with this value, or the outcome; a header that is left out is empty.
fn header(value: Json) -> String {
    let end = play(json!({"headers": {"x-a": value}, "body": {"id": "user.user_id"}}));
    end.sent.first().map_or_else(|| end.why("crm"), |sent| sent.header("x-a").unwrap_or_default().to_string())
}

#[test]
fn forms_of_a_header() {
    let basic = |text: &str| format!("Basic {}", Base64::encode_string(text.as_bytes()));
    let table = [
        (json!({"secret": "KEY"}), "k-1".to_string()),
        (json!({"secret": "KEY", "prefix": "Klaviyo-API-Key "}), "Klaviyo-API-Key k-1".into()),
        (json!({"secret": "UNSET", "optional": true}), String::new()),
        (json!({"bearer": ["UNSET", "NEXT"]}), "Bearer k-2".into()),
        (json!({"basic": "BOTH"}), basic("ada:pw")),
        (json!({"basic": {"user": "USER", "password": "PW"}}), basic("ada:p:w")),
        (json!({"basic": {"user": "KEY"}}), basic("k-1:")),
        (json!({"basic": {"password": "KEY"}}), basic(":k-1")),
        (json!({"basic": "UNSET", "optional": true}), String::new()),
        (json!({"basic": {"user": "USER", "password": "UNSET"}, "optional": true}), String::new()),
        // A user with a colon would be read as another one.
        (json!({"basic": {"user": "COLON", "password": "KEY"}}), "invalid:basic".into()),
        (json!({"basic": "KEY"}), "invalid:basic".into()),
        // `printf '{"id":"auth0|ada"}' | openssl dgst -sha256 -hmac k-1`, and so on.
        (json!({"hmac": {"secret": "KEY", "of": "body"}}), hmac("sha256", r#"{"id":"auth0|ada"}"#)),
        (
            json!({"hmac": {"secret": "KEY", "of": "user.user_id", "encoding": "base64", "prefix": "v0="}}),
            "v0=dugDqRmGXMEAmbl+9aSaU6su+iJRco7fJKdtFdToyCM=".into(),
        ),
        (
            json!({"hmac": {"secret": "KEY", "of": "user.user_id", "algorithm": "sha1"}}),
            hmac("sha1", "auth0|ada"),
        ),
        (
            json!({"hmac": {"secret": "KEY", "of": "user.user_id", "algorithm": "sha512"}}),
            hmac("sha512", "auth0|ada"),
        ),
        (json!({"hmac": {"secret": "KEY", "of": "user.middle_name"}}), "invalid:hmac".into()),
        (json!({"hmac": {"secret": "KEY", "of": "user.identities"}}), "invalid:hmac".into()),
        (json!({"value": "user.user_id"}), "auth0|ada".into()),
        (json!({"value": "stats.logins_count"}), "3".into()),
        (json!({"value": 7}), "7".into()),
        (json!({"value": "user.email", "when": "user.email_verified"}), "ada@example.com".into()),
        (json!({"value": "user.email", "when": "user.missing"}), String::new()),
        (json!({"value": "user.missing"}), "invalid:header-value".into()),
        (json!({"value": "user.identities"}), "invalid:header-value".into()),
        (json!({"value": "join(user.x, user.x)"}), "invalid:header-value".into()),
        (json!({"value": "'user.email'"}), "user.email".into()),
    ];
    for (value, wanted) in table {
        assert_eq!(header(value.clone()), wanted, "{value}");
    }
}

/// By the crate `hmac`, which is no part of the engine in wasm; openssl says the same.
fn hmac(algorithm: &str, text: &str) -> String {
    use hmac::{Hmac, Mac};
    macro_rules! by {
        ($of:ty) => {
            login_sync::hex(
                &Hmac::<$of>::new_from_slice(b"k-1").unwrap().chain_update(text).finalize().into_bytes(),
            )
        };
    }
    match algorithm {
        "sha1" => by!(sha1::Sha1),
        "sha512" => by!(sha2::Sha512),
        _ => by!(sha2::Sha256),
    }
}

/// A text that reads like an expression or a template was meant to be filled.
#[test]
fn a_text_that_someone_meant_to_be_filled() {
    let message = "is sent as it is: write {\"value\": …} for an expression, {\"secret\": NAME} or {\"bearer\": NAME} for a secret";
    for text in [
        "user.email",
        "secrets.KEY",
        "event.user.user_id",
        "{{user.email}}",
        "Bearer {{KEY}}",
        "Bearer ${KEY}",
        "request.ip || ''",
        "syncs.find.answer.id",
    ] {
        let found = problems(&one(json!({"request": {"headers": {"x-a": text}}})));
        assert_eq!(found, [format!("config.syncs[0].request.headers.x-a: {message}")], "{text}");
    }
    for text in [
        "2025-05-01",
        "application/json",
        "users.email",
        "user",
        "user. x",
        "{\"a\":1}",
        "$5 {}",
        "x.y",
        "a{b}",
        "client/1.0",
    ] {
        accepts(&[one(json!({"request": {"headers": {"x-a": text}}}))]);
    }
}

#[test]
fn a_credential_is_never_made_of_an_event() {
    for name in [
        "authorization",
        "Cookie",
        "x-api-key",
        "api-key",
        "apikey",
        "x-auth-token",
        "x-secret",
        "x-password",
        "x-authorization",
        "api_key",
        "X-Api-Keys",
        "x-access-key",
        "Cookie2",
        "x-token-1",
    ] {
        let found = problems(&one(json!({"request": {"headers": {name: {"value": "user.user_id"}}}})));
        assert_eq!(
            found,
            [format!(
                "config.syncs[0].request.headers.{name}: carries a credential, which must be a secret: use `secret`, `bearer` or `basic`"
            )]
        );
    }
    for name in ["x-user", "x-token-type", "x-partition-key", "x-keys"] {
        accepts(&[one(json!({"request": {"headers": {name: {"value": "user.user_id"}}}}))]);
    }
}

fn parts(token: &str) -> (Json, Json) {
    let mut parts = token.split('.').map(|part| Base64UrlUnpadded::decode_vec(part).unwrap());
    let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (json(), json())
}

#[test]
fn a_token_with_claims() {
    let jwt = json!({"jwt": {
        "secret": "KEY", "header": {"kid": "k1", "typ": "at+jwt"}, "expiresInSeconds": 86_400,
        "claims": {"iss": "'me'", "sub": "user.missing", "aud": ["'a'", "'b'"], "role": "'authenticated'", "n": "request.x || `1.5`",
            "no": {"value": "'x'", "when": "user.missing"}, "nested": {"a": "user.email", "b": "user.missing"}}
    }});
    let (head, claims) = parts(&header(jwt));
    assert_eq!(head, json!({"alg": "HS256", "kid": "k1", "typ": "at+jwt"}));
    let id = claims["jti"].as_str().unwrap().to_string();
    let digest = claims["body_sha256"].clone();
    assert_eq!((id.len(), digest.as_str().unwrap().len()), (32, 43));
    let iat = 1_793_491_200;
    assert_eq!(
        claims,
        json!({"iat": iat, "exp": iat + 86_400, "jti": id, "body_sha256": digest, "iss": "me", "aud": ["a", "b"],
            "role": "authenticated", "n": 1.5, "nested": {"a": "ada@example.com"}})
    );
    let (head, _) = parts(&header(json!({"jwt": {"secret": "PEM", "alg": "RS256", "audience": "a"}})));
    assert_eq!(head, json!({"alg": "RS256", "typ": "JWT"}));
    // A key that is none.
    assert_eq!(header(json!({"jwt": {"secret": "KEY", "alg": "RS256", "audience": "a"}})), "invalid:jwt");
    // No user, no subject: null would be none that a receiver must take.
    let end = Stage::new(
        json!({"syncs": [entry(json!({"on": ["event-stream"], "request": {"headers":
            {"x": {"jwt": {"secret": "KEY", "audience": "a"}}}}}))]}),
        secrets(),
    )
    .run(EventStream, &crate::flows::message("e1", json!({})), |_| ok(json!({})));
    assert_eq!(parts(end.sent[0].header("x").unwrap()).1.get("sub"), None);
    // In a form there is no body to vouch for.
    let end = play(
        json!({"form": {"grant_type": "'x'", "assertion": {"jwt": {"secret": "KEY", "audience": "a"}}}}),
    );
    let body = end.sent[0].request.body.as_deref().unwrap().to_string();
    let (_, claims) = parts(body.strip_prefix("grant_type=x&assertion=").unwrap());
    assert_eq!((&claims["sub"], &claims["body_sha256"]), (&json!("auth0|ada"), &Json::Null));
}

#[test]
fn forms_in_claims() {
    let config = json!({"claims": {
        "idToken": {
            "hash": {"hmac": {"secret": "KEY", "of": "user.user_id"}},
            "yes": {"value": "user.email", "when": "user.email_verified"}, "no": {"value": "user.email", "when": "user.missing"},
            "list": [{"value": "'a'", "when": "user.missing"}, "'b'"]
        },
        "accessToken": {
            "supabase": {"jwt": {"secret": "KEY", "audience": "authenticated", "claims": {"role": "'authenticated'"}, "expiresInSeconds": 3600}},
            "bad": {"hmac": {"secret": "KEY", "of": "user.missing"}}, "good": "user.name"
        }
    }});
    let end = Stage::new(config.clone(), secrets()).play(&event(), |_| panic!("nothing is sent"));
    assert_eq!(
        end.commands.as_array().unwrap()[..3],
        [
            json!(["idToken", "hash", hmac("sha256", "auth0|ada")]),
            json!(["idToken", "yes", "ada@example.com"]),
            json!(["idToken", "list", ["b"]])
        ]
    );
    let token = end.commands[3][2].as_str().unwrap();
    let (_, claims) = parts(token);
    assert_eq!(
        (&claims["role"], &claims["sub"], &claims["body_sha256"]),
        (&json!("authenticated"), &json!("auth0|ada"), &Json::Null)
    );
    assert_eq!(
        (end.commands[4].clone(), end.logged("warn")),
        (json!(["accessToken", "good", "Ada Lovelace"]), "claims-expression")
    );
    assert_eq!(
        problems_with(&config, Some(&json!({})))[0],
        "config.claims.idToken.hash.hmac.secret: the secret `KEY` is not set: add it to the Action's secrets and deploy the Action again"
    );
}

#[test]
fn no_key_vouches_for_a_claim_and_a_webhook() {
    let claim = json!({"idToken": {"x": {"hmac": {"secret": ["OTHER", "KEY"], "of": "user.user_id"}}}});
    for request in [
        json!({"sign": {"standardWebhooks": ["A", "KEY"]}}),
        json!({"headers": {"x-a": {"jwt": {"secret": "KEY", "audience": "a"}}}}),
        json!({"text": "user.user_id", "headers": {"x-a": {"hmac": {"secret": "KEY", "of": "body"}}}}),
    ] {
        let config = with(one(json!({"request": request})), json!({"claims": claim}));
        assert_eq!(
            problems(&config),
            [
                "config: signs with `KEY` both for a claim and for a request: a user who has the claim could send the request"
            ]
        );
    }
    let body = json!({"body": {"hash": {"hmac": {"secret": "KEY", "of": "user.user_id"}}}});
    accepts(&[with(one(json!({"request": body})), json!({"claims": claim}))]);
}

#[test]
fn a_host_of_an_account() {
    let host = |site: Json, secrets: Json| {
        let request = json!({"url": "https://{site}.Chargebee.com/api/{id}", "params": {"site": site, "id": "user.name"}});
        let end = Stage::new(one(json!({"request": request})), secrets).play(&event(), |_| ok(json!({})));
        end.sent.first().map_or_else(|| end.why("crm"), crate::common::Sent::url)
    };
    assert_eq!(
        host(json!({"secret": "SITE"}), json!({"SITE": "Acme-1"})),
        "https://acme-1.chargebee.com/api/Ada%20Lovelace"
    );
    assert_eq!(host(json!("'acme'"), json!({})), "https://acme.chargebee.com/api/Ada%20Lovelace");
    for site in ["evil.example", "a.", "a/b", "a@b", "a:1", "-a", "a-", "é", "a b", "xn_", &"a".repeat(64)] {
        assert_eq!(host(json!({"secret": "SITE"}), json!({"SITE": site})), "invalid:url-host", "{site}");
    }
    accepts(&[one(
        json!({"request": {"url": "https://api.{dc}.example.com:8443/x?y={q}", "params": {"dc": "'us1'", "q": "user.name"}}}),
    )]);
    let fixed = "must have a fixed host: `{name}` can only be in the path or the query, or one label before the last two";
    for url in [
        "https://{a}.com/",
        "https://a.{a}.com",
        "https://x{a}.b.com",
        "https://{a}x.b.com",
        "https://{a}.{b}.c.com",
        "https://{a}",
        "https://{a/",
        "https://u@{a}.b.com",
    ] {
        let found = problems(&one(json!({"request": {"url": url, "params": {"a": "'x'"}}})));
        assert!(
            found[0].contains(fixed) || found[0].contains("must not contain a user name"),
            "{url}: {found:?}"
        );
    }
    for param in ["user.name", "'x' || user.name", "'a.b'", "'a_b'", "''", "`7`"]
        .map(Json::from)
        .into_iter()
        .chain([json!(7)])
    {
        let found = problems(&one(json!({"request": {"url": "https://{a}.b.com", "params": {"a": param}}})));
        assert_eq!(
            found,
            [
                "config.syncs[0].request.params.a: is a part of the host: it must be a `secret`, or letters, digits and `-` in quotes"
            ]
        );
    }
}

#[test]
fn the_idempotency_key() {
    let keys = |idempotency: Json, over: Json| {
        let config = one(json!({"request": {"body": {"name": "user.name"}, "idempotency": idempotency}}));
        let mut stage = Stage::new(config, json!({}));
        let mut keys = Vec::new();
        for _ in 0..2 {
            let mut first = keys.is_empty();
            let end = stage.play(&with(event(), over.clone()), |_| {
                if std::mem::take(&mut first) { status(503) } else { ok(json!({})) }
            });
            let all: Vec<_> = end
                .sent
                .iter()
                .map(|sent| {
                    sent.header("x-key").or(sent.header("idempotency-key")).unwrap_or_default().to_string()
                })
                .collect();
            assert!(
                all.iter().all(|key| *key == all[0]) && all.len() == 2 - keys.len(),
                "the same for all tries: {all:?}"
            );
            keys.push(all[0].clone());
        }
        keys
    };
    for of in [json!(null), json!({}), json!({"of": "login"}), json!({"header": "X-Key"})] {
        let keys = keys(of.clone(), json!({}));
        assert!(keys[0].len() == 32 && keys[0] != keys[1], "{of}: {keys:?}");
    }
    assert_eq!(keys(json!(false), json!({})), ["", ""]);
    let user = json!({"of": "user", "header": "x-key"});
    let mine = keys(user.clone(), json!({}));
    assert!(mine[0] == mine[1] && mine[0].len() == 32, "{mine:?}");
    for other in [json!({"user": {"user_id": "auth0|eve"}}), json!({"user": {"name": "A"}})] {
        assert_ne!(keys(user.clone(), other.clone())[0], mine[0], "{other}");
    }
    assert_eq!(
        keys(user, json!({"user": {"email": "x@example.com"}}))[0],
        mine[0],
        "what is not sent does not count"
    );
}

#[test]
fn a_standard_webhook() {
    let request =
        json!({"sign": {"standardWebhooks": ["WHSEC", "UNSET", "BARE"]}, "body": {"id": "user.user_id"}});
    let mut stage = Stage::new(one(json!({"request": request})), secrets());
    stage.pass(1_999.0);
    let mut replies = vec![ok(json!({})), status(503).after(1_000.0)];
    let end = stage.play(&event(), |_| replies.pop().unwrap());
    let [first, again] = end.sent.as_slice() else { panic!("{end:?}") };
    let of = |sent: &crate::common::Sent, name: &str| sent.header(name).unwrap().to_string();
    assert_eq!(of(first, "webhook-id"), of(again, "webhook-id"));
    assert_eq!(of(first, "webhook-timestamp"), "1793491201");
    assert_ne!(of(first, "webhook-timestamp"), of(again, "webhook-timestamp"));
    let signatures = of(first, "webhook-signature");
    let keys =
        [Base64::decode_vec("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(), b"second key of 24 bytes".to_vec()];
    let signed = [
        of(first, "webhook-id"),
        of(first, "webhook-timestamp"),
        first.request.body.as_deref().unwrap().into(),
    ]
    .join(".");
    let wanted = keys.map(|key| {
        use hmac::Mac;
        let mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap().chain_update(&signed);
        format!("v1,{}", Base64::encode_string(&mac.finalize().into_bytes()))
    });
    assert_eq!(signatures, wanted.join(" "));
    for key in ["whsec_", "whsec_!!", "whsec_YQ", "not base64"] {
        let config = one(json!({"request": {"sign": {"standardWebhooks": "S"}}}));
        let end = Stage::new(config, json!({"S": key})).play(&event(), |_| panic!("nothing is sent"));
        assert_eq!(end.why("crm"), "invalid:sign-key", "{key}");
    }
}
