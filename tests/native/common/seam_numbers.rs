//! Of the seam's table: numbers, none of which changes its value on the way.

use super::read;
use login_sync::{Kind, Value};

pub fn numbers<V: Value>() {
    // What comes back when it is written again: the same number, or the string of its digits.
    let table = [
        ("0", "0"),
        ("-0", "0"),
        ("0.0", "0"),
        ("0e99999", "0"),
        ("1e3", "1000"),
        ("1.50", "1.5"),
        ("1e21", "1e+21"),
        ("1E-7", "1e-7"),
        ("123456789012345680", "123456789012345680"),
        ("100000000000000000000000", "1e+23"),
        ("9007199254740992", "9007199254740992"),
        ("0.30000000000000004", "0.30000000000000004"),
        // Seventeen digits of a double, as many systems write one.
        ("0.69999999999999996", "0.7"),
        ("-19.989999999999998", "-19.99"),
        ("5.9334591000000003e1", "59.334591"),
        ("0.69999999999999995", r#""0.69999999999999995""#),
        ("1.2345678901234567e18", r#""1.2345678901234567e18""#),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740993", r#""9007199254740993""#),
        ("-227490627192107011", r#""-227490627192107011""#),
        ("1152921504606846976", r#""1152921504606846976""#),
        ("12345678901234567890.0", r#""12345678901234567890.0""#),
        ("123456789012345678.5", r#""123456789012345678.5""#),
        ("1.2345678901234567891e18", r#""1.2345678901234567891e18""#),
        ("0.1000000000000000055", r#""0.1000000000000000055""#),
        ("90071992547409.931", r#""90071992547409.931""#),
        ("1e400", r#""1e400""#),
        ("-1E+400", r#""-1E+400""#),
        ("1e-400", r#""1e-400""#),
        ("1e99999999999999999999", r#""1e99999999999999999999""#),
    ];
    for (number, wanted) in table {
        let around = [
            (number.to_string(), wanted.to_string()),
            (format!(" [ {number} ,{number}\n]"), format!("[{wanted},{wanted}]")),
            (
                format!(r#"{{"a":{{"b\\" : {number}}},"c":"{number}\"{number}"}}"#),
                format!(r#"{{"a":{{"b\\":{wanted}}},"c":"{number}\"{number}"}}"#),
            ),
        ];
        for (text, wanted) in around {
            assert_eq!(read::<V>(&text).to_json(), wanted, "{text}");
            // Written by us, and read again: nothing changes any more.
            assert_eq!(read::<V>(&wanted).to_json(), wanted, "{text}");
        }
    }
    for text in [
        "012345678901234567890",
        "12345678901234567890 1",
        "[1e400",
        "{12345678901234567890:1}",
        "1e400e1",
        "--12345678901234567890",
    ] {
        assert!(V::from_text(text).parse_json().is_none(), "{text} is not JSON");
    }
}

/// A number by its digits: what it is worth, exactly.
fn worth(number: &str) -> (bool, String, i64) {
    let (digits, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all = format!("{}{part}", whole.trim_start_matches('-')).trim_start_matches('0').to_string();
    let mut power =
        power.parse::<i64>().unwrap_or(i64::MAX / 2) - i64::try_from(part.len()).unwrap_or_default();
    while all.ends_with('0') {
        all.pop();
        power += 1;
    }
    (number.starts_with('-') && !all.is_empty(), all.clone(), if all.is_empty() { 0 } else { power })
}

/// No number changes its value, but that seventeen digits of a double may come back as fewer; and both sides of the seam keep and change the same, by a digest of all that came.
pub fn numbers_at_random<V: Value>() {
    let mut state = 7_u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut all = String::new();
    for _ in 0..3_000 {
        let mut digits = |most: u32| {
            (0..=random(most))
                .map(|_| char::from(b'0' + u8::try_from(random(10)).unwrap_or_default()))
                .collect::<String>()
        };
        let (whole, part, power) = (digits(22), digits(20), digits(3));
        let mut number = whole.trim_start_matches('0').to_string();
        number = if number.is_empty() { "0".to_string() } else { number };
        if random(3) == 0 {
            number = format!("{number}.{part}");
        }
        if random(4) == 0 {
            number = format!(
                "{number}{}{}{power}",
                ["e", "E"][random(2) as usize],
                ["", "-", "+"][random(3) as usize]
            );
        }
        if random(4) == 0 {
            number.insert(0, '-');
        }
        let back = read::<V>(&format!(r#"{{"a":[{number}]}}"#)).get("a").at(0);
        let text = back.as_text().unwrap_or_else(|| back.to_json());
        let same_double = text.parse::<f64>() == number.parse::<f64>() && worth(&number).1.len() == 17;
        let held = worth(&text) == worth(&number) || same_double;
        assert!(held, "{number} came back as {text}");
        assert!(back.kind() == Kind::Number || text == number, "{number} came back as {text}");
        all.push_str(&back.to_json());
    }
    let digest = V::from_text(&all).digest("sha256 hex", None).as_text().unwrap_or_default();
    assert_eq!(digest, "4d6c28af68b32cab49bbab7b3f57460a692ff7ae0ded22a1b3752c3e86d19257");
}
