//! Of the seam's table: what the host computes for the engine, from secrets and digests to the clock.

use super::read;
use login_sync::{Text, Value};

pub fn secrets<V: Value>() {
    let table = [
        ("abc", Some("abc")),
        (" abc\r\n", Some("abc")),
        ("\u{feff}abc", Some("abc")),
        ("\u{a0}\u{feff}\n\t", None),
        ("a b", Some("a b")),
        ("", None),
        ("   ", None),
        ("##CRM_KEY##", None),
        ("##crm-key##", None),
        (" @@CRM_KEY@@\n", None),
        ("Bearer ##CRM_KEY##", None),
        ("https://h.example.com/@@KEY@@/x", None),
        ("${CRM_KEY}", None),
        ("{{ crm.key }}", None),
        ("<your key>", None),
        ("a##b##c", Some("a##b##c")),
        ("##", Some("##")),
        ("#@{$<>", Some("#@{$<>")),
        (r#"{"a":{"b":1}}"#, Some(r#"{"a":{"b":1}}"#)),
    ];
    for (secret, wanted) in table {
        let secrets = V::from_object(vec![("KEY", V::from_text(secret))]);
        assert_eq!(secrets.secret(&Text::new("KEY")).as_text().as_deref(), wanted, "{secret}");
    }
    for (secrets, name) in [
        (r#"{"KEY":7}"#, "KEY"),
        (r#"{"KEY":["x"]}"#, "KEY"),
        ("{}", "constructor"),
        ("null", "KEY"),
        (r#""KEY""#, "length"),
    ] {
        assert!(read::<V>(secrets).secret(&Text::new(name)).is_null(), "{secrets} {name}");
    }
}

pub fn unchecked_claims<V: Value>() {
    let header = "eyJhbGciOiJIUzI1NiJ9";
    // (claims, signature, what is read)
    let table = [
        ("eyJhIjoxfQ", "c2ln", Some(r#"{"a":1}"#)),
        ("eyJhIjoibmHDr3ZlIPCfkYsifQ", "c2ln", Some(r#"{"a":"naïve 👋"}"#)),
        ("eyJhIjoxfQ", "", Some(r#"{"a":1}"#)),
        ("eyJleHAiOjd9", "c2ln", Some(r#"{"exp":7}"#)),
        ("eyJleHAiOiI3In0", "c2ln", None),
        ("eyJleHAiOm51bGx9", "c2ln", None),
        // A signature is bytes that need not be a text.
        ("eyJhIjoxfQ", "_-7d", Some(r#"{"a":1}"#)),
        // Another alphabet, padding, a length that cannot be, bits that should be zero, and what is not in it at all.
        ("eyJhIjoxfQ", "77u/eA", None),
        ("eyJhIjoxfQ", "eA==", None),
        ("eyJhIjoxfQ", "A", None),
        ("eyJhIjoxfQ", "eB", None),
        ("eyJhIjoxfQ", "e A", None),
        ("eyJhIjoxfQ", "é", None),
        ("eyJhIjoxfQ", "c2ln.", None),
        ("eyJhIjoxfQ==", "c2ln", None),
        ("eyJhIjoxfR", "c2ln", None),
        ("eyJhIjoi/yJ9", "c2ln", None),
        // Bytes that are no text, a byte order mark, and JSON that is no object.
        ("eyJhIjoi_yJ9", "c2ln", None),
        ("77u_e30", "c2ln", None),
        ("W10", "c2ln", None),
        ("bnVsbA", "c2ln", None),
        ("", "c2ln", None),
    ];
    for (claims, signature, wanted) in table {
        let token = V::from_text(&[header, claims, signature].join("."));
        let claims = token.unchecked_claims().map(|claims| claims.to_json());
        assert_eq!(claims.as_deref(), wanted, "{}", token.to_json());
    }
    for value in [V::default(), V::from_f64(1.0), V::from_list(Vec::new()), V::from_text("")] {
        assert!(value.unchecked_claims().is_none(), "{} is no token", value.to_json());
    }
}

pub fn digests<V: Value>() {
    // FIPS 180-4, RFC 4231 (case 2), and what is not ASCII.
    let table = [
        ("", None, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", None, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("naïve 👋", None, "7e47a38b6324d8a301e6281b101d0efe2e9c037310afedf8ec9c38cb9f536ed2"),
        (
            "what do ya want for nothing?",
            Some("Jefe"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("é", Some("clé"), "379aed3ea9ad6435d18a87afff6c5836f34e35ead0bc0a014c25014a0f008b5b"),
    ];
    for (text, key, wanted) in table {
        let digest = V::from_text(text).digest("sha256 hex", key.map(V::from_text).as_ref());
        assert_eq!(digest.as_text().as_deref(), Some(wanted), "{text} {key:?}");
    }
    // RFC 4231 (case 2) and RFC 2202 (case 2), a key in base64, a text that is only written otherwise.
    let jefe = "what do ya want for nothing?";
    let table = [
        (
            jefe,
            Some("Jefe"),
            "sha256 hex",
            Some("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ),
        (
            jefe,
            Some("SmVmZQ=="),
            "sha256 base64 base64",
            Some("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
        ),
        (jefe, Some("Jefe"), "sha1 hex", Some("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")),
        (
            jefe,
            Some("Jefe"),
            "sha512 base64",
            Some("Fkt6e/z4GeLjlfvnO1bgo4e9ZCIugx/WECcM1+olBVSXWL91wFqZSm0DT2X48Ob9yuqxo01Ka0tjbgcKOLznNw=="),
        ),
        ("é👋", None, "text base64", Some("w6nwn5GL")),
        ("x", Some("SmVmZQ"), "sha256 hex base64", None),
        ("x", Some("!"), "sha256 hex base64", None),
        ("x", Some(""), "sha256 hex base64", None),
        ("x", Some("no key"), "RS256 binary", None),
        ("x", Some("-----BEGIN PRIVATE"), "nothing hex", None),
    ];
    for (text, key, how, wanted) in table {
        let digest = V::from_text(text).digest(how, key.map(V::from_text).as_ref());
        assert_eq!(digest.as_text().as_deref(), wanted, "{text} {key:?} {how}");
    }
}

pub fn clock<V: Value>() {
    let table = [
        (0.0, "1970-01-01T00:00:00.000Z", 0.0, 4.0, 0.0),
        (951_827_696_789.0, "2000-02-29T12:34:56.789Z", 951_827_696.0, 2.0, 12.0),
        (1_709_251_199_999.0, "2024-02-29T23:59:59.999Z", 1_709_251_199.0, 4.0, 23.0),
        (1_735_689_600_000.0, "2025-01-01T00:00:00.000Z", 1_735_689_600.0, 3.0, 0.0),
        (1_793_534_400_000.0, "2026-11-01T12:00:00.000Z", 1_793_534_400.0, 0.0, 12.0),
        (4_102_444_799_000.0, "2099-12-31T23:59:59.000Z", 4_102_444_799.0, 4.0, 23.0),
    ];
    for (ms, iso, seconds, weekday, hour) in table {
        let clock = V::clock(ms);
        assert_eq!(clock.keys(), ["iso", "seconds", "ms", "weekday", "hour"]);
        assert_eq!(clock.get("iso").as_text().as_deref(), Some(iso));
        for (name, number) in [("seconds", seconds), ("ms", ms), ("weekday", weekday), ("hour", hour)] {
            assert_eq!(clock.get(name).as_f64(), Some(number), "{name} {iso}");
        }
    }
}

pub fn dates<V: Value>() {
    assert_eq!(V::parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000.0));
    assert_eq!(V::parse_date("Fri, 31 Dec 1999 23:59:59 GMT"), Some(946_684_799_000.0));
    for text in ["", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
        assert_eq!(V::parse_date(text), None, "{text}");
    }
}
