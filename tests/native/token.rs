//! The expiry of a token that no one verified: jwt-compact's decoder is the oracle. Nothing is accepted that it refuses.

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::{Claims, Empty, UntrustedToken};
use login_sync::{Native, NotAToken, Value};
use proptest::prelude::*;

fn unchecked_expiry(token: &str) -> Result<f64, NotAToken> {
    login_sync::unchecked_expiry(&Native::from_text(token))
}

/// What the oracle says: an expiry in seconds, none, or a refusal.
fn oracle(token: &str) -> Result<Option<i64>, ()> {
    let token = UntrustedToken::new(token).map_err(drop)?;
    let claims: Claims<Empty> = token.deserialize_claims_unchecked().map_err(drop)?;
    Ok(claims.expiration.map(|expiry| expiry.timestamp()))
}

/// Both say the same, but that we may refuse what the oracle accepts. It also reads `iat`, `nbf`, `kid` and the like, of
/// which we take no notice: none of them is in these tests.
fn agrees(token: &str) -> Result<(), String> {
    let ours = unchecked_expiry(token);
    #[expect(clippy::cast_possible_truncation, reason = "the oracle truncates so too")]
    let same = match (ours, oracle(token)) {
        // From here on we read milliseconds.
        (Ok(ms), Ok(Some(seconds))) if seconds.abs() >= 1_000_000_000_000 => ms as i64 == seconds,
        (Ok(ms), Ok(Some(seconds))) => (ms / 1000.0) as i64 == seconds,
        (Err(NotAToken::NoExpiry), Ok(None)) | (Err(NotAToken::Malformed), _) => true,
        _ => false,
    };
    if same { Ok(()) } else { Err(format!("{token}: {ours:?}, the oracle {:?}", oracle(token))) }
}

fn part(json: &str) -> String {
    Base64UrlUnpadded::encode_string(json.as_bytes())
}

fn token(header: &str, claims: &str) -> String {
    format!("{}.{}.c2ln", part(header), part(claims))
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

#[test]
fn good_tokens() {
    let table = [
        (r#"{"exp":1793491200}"#, Ok(1_793_491_200_000.0)),
        (r#"{"exp":1.7934912e9}"#, Ok(1_793_491_200_000.0)),
        (r#"{"exp":1793491200.5}"#, Ok(1_793_491_200_500.0)),
        (r#"{"exp":0}"#, Ok(0.0)),
        // The last second of the year 9999 is in seconds; what cannot be, in milliseconds.
        (r#"{"exp":253402300799}"#, Ok(253_402_300_799_000.0)),
        (r#"{"exp":1793491200000}"#, Ok(1_793_491_200_000.0)),
        (r#"{"exp":-1}"#, Ok(-1000.0)),
        (r#"{ "sub" : "x", "exp" : 7 }"#, Ok(7000.0)),
        (r#"{"exp":7,"aud":["a","b"],"nested":{"exp":"no"}}"#, Ok(7000.0)),
        (r#"{"customerId":1}"#, Err(NotAToken::NoExpiry)),
        ("{}", Err(NotAToken::NoExpiry)),
    ];
    for (claims, wanted) in table {
        let token = token(HEADER, claims);
        assert_eq!(unchecked_expiry(&token), wanted, "{claims}");
        agrees(&token).unwrap();
    }
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"RS256","kid":"k","x":[1]}"#] {
        assert_eq!(unchecked_expiry(&token(header, r#"{"exp":7}"#)), Ok(7000.0), "{header}");
    }
    let unsigned = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(r#"{"exp":7}"#));
    assert_eq!(unchecked_expiry(&unsigned), Ok(7000.0));
}

/// Each is refused by us, and by the oracle too.
#[test]
fn mangled_tokens() {
    let good = token(HEADER, r#"{"exp":1793491200}"#);
    let (header, claims) = (part(HEADER), part(r#"{"exp":1793491200}"#));
    let table = [
        ("nothing", String::new()),
        ("dots", "..".to_string()),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{good}.")),
        ("no header", format!(".{claims}.c2ln")),
        ("no claims", format!("{header}..c2ln")),
        ("a space before", format!(" {good}")),
        ("a line after", format!("{good}\n")),
        ("padding", format!("{header}.{claims}.c2lnbg==")),
        ("the other alphabet", format!("{header}.{claims}.ab+/")),
        ("bits left over", format!("{header}.{claims}.c2lnbh")),
        ("a length that base64 has not", format!("{header}.{claims}.c2lna")),
        ("letters beyond ascii", format!("{header}.{claims}.é")),
        ("a nul", format!("{header}.{claims}.\0")),
        ("a header of claims", format!("{claims}.{header}.c2ln")),
        ("an array for a header", token("[]", r#"{"exp":1}"#)),
        ("a string for a header", token(r#""HS256""#, r#"{"exp":1}"#)),
        ("null for a header", token("null", r#"{"exp":1}"#)),
        ("no algorithm", token("{}", r#"{"exp":1}"#)),
        ("an algorithm that is no string", token(r#"{"alg":256}"#, r#"{"exp":1}"#)),
        ("an array for claims", token(HEADER, "[1]")),
        ("a string for claims", token(HEADER, "\"exp\"")),
        ("a number for claims", token(HEADER, "7")),
        ("null for claims", token(HEADER, "null")),
        ("claims cut short", token(HEADER, r#"{"exp":1"#)),
        ("claims with more", token(HEADER, r#"{"exp":1}{"#)),
        ("an expiry in words", token(HEADER, r#"{"exp":"1793491200"}"#)),
        ("an expiry that is null", token(HEADER, r#"{"exp":null}"#)),
        ("an expiry that is a list", token(HEADER, r#"{"exp":[1]}"#)),
        ("an expiry beyond all time", token(HEADER, r#"{"exp":1e20}"#)),
        ("an expiry before all time", token(HEADER, r#"{"exp":-1e20}"#)),
        (
            "bytes that are no text",
            format!("{header}.{}.c2ln", Base64UrlUnpadded::encode_string(b"{\"exp\":\xff}")),
        ),
    ];
    for (name, token) in table {
        assert_eq!(unchecked_expiry(&token), Err(NotAToken::Malformed), "{name}");
        assert!(oracle(&token).is_err(), "{name}: the oracle takes it");
    }
}

/// Every token with one character changed, one left out, or cut short.
#[test]
fn every_single_fault() {
    let good = token(HEADER, r#"{"exp":1793491200,"sub":"x"}"#);
    for at in 0..good.len() {
        for c in ['A', 'z', '_', '.', '=', '+', '\u{e9}'] {
            let mut mangled: Vec<char> = good.chars().collect();
            mangled[at] = c;
            agrees(&mangled.iter().collect::<String>()).unwrap();
        }
        let mut shorter = good.clone();
        shorter.remove(at);
        agrees(&shorter).unwrap();
        agrees(good.get(..at).unwrap()).unwrap();
    }
}

/// JSON objects in which the names that matter come often, each name once (of two, `JSON.parse` takes the last, and the
/// oracle neither).
fn object() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("json has no others", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        (-1e13..1e13).prop_map(|n: f64| n.to_string()),
        "\"[a-zA-Z0-9é ]{0,8}\"",
        Just("null".to_string()),
        Just("true".to_string()),
        Just("[1,{}]".to_string()),
        Just("{\"exp\":1}".to_string()),
    ];
    let names = prop::sample::subsequence(vec!["alg", "exp", "sub", "other", ""], 0..5);
    (names, prop::collection::vec(value, 5)).prop_map(|(names, values)| {
        let fields: Vec<_> =
            names.iter().zip(values).map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        agrees(&text).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_parts(text in "[A-Za-z0-9_=.-]{0,60}") {
        agrees(&text).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_claims(claims in object()) {
        agrees(&token(HEADER, &claims)).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_header(header in object(), claims in object()) {
        agrees(&token(&header, &claims)).map_err(TestCaseError::fail)?;
    }
}
