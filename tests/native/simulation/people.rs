//! Who logs in. Few people who come again and again, often at the same moment, each with secrets of their own to lose.

use fastrand::Rng;
use serde_json::{Map, Value as Json, json};

/// Stands in every secret, token and personal field, and must stand in no output.
pub const CANARY: &str = "CANARY";

/// One user and what Auth0 keeps of them.
pub struct Person {
    /// `user.user_id`
    pub id: String,
    /// Whether `user.phone_number` is there.
    pub phone: bool,
    /// `request.geoip.continentCode`; some requests come from nowhere.
    pub continent: Option<&'static str>,
    /// The factor in `user.enrolledFactors`.
    pub factor: Option<&'static str>,
    /// `user.app_metadata`, as the logins so far have left it.
    pub metadata: Json,
}

/// `transaction.protocol` and `transaction.prompt`, and whether somebody sits in front of Auth0's page.
const FLOWS: [(&str, &str, bool); 6] = [
    ("oidc-basic-profile", "login", true),
    ("samlp", "", true),
    ("oidc-basic-profile", "none", false),
    ("oauth2-refresh-token", "", false),
    ("oauth2-token-exchange", "", false),
    ("oauth2-password", "", false),
];

/// Whether the rules for a second factor count for a login with this event.
pub fn is_interactive(event: &Json) -> bool {
    let of = |key: &str| &event["transaction"][key];
    let flow =
        FLOWS.iter().find(|(protocol, prompt, _)| *of("protocol") == *protocol && of("prompt")[0] == *prompt);
    flow.is_none_or(|(.., interactive)| *interactive)
}

impl Person {
    /// Somebody.
    pub fn any(rng: &mut Rng, number: usize) -> Self {
        let metadata = match rng.u8(0..50) {
            // A custom database may put anything there.
            0 => json!("not an object"),
            1 => json!({"login_sync": "not ours", "blocked": false}),
            2 => {
                json!({"login_sync": {"s0": {"at": "yesterday"}, "s1": {"at": 1, "of": "00000000", "idToken": []}}})
            }
            3 => json!({"large": "x".repeat(31_900)}),
            4 => json!({"blocked": true}),
            5 => Json::Null,
            _ => json!({"theme": "dark"}),
        };
        Self {
            id: format!("auth0|{CANARY}-{number}"),
            phone: rng.bool(),
            continent: [Some("EU"), Some("NA"), None][rng.usize(0..3)],
            factor: [Some("otp"), Some("email"), Some("phone"), None][rng.usize(0..4)],
            metadata,
        }
    }

    /// `blocked` of their metadata.
    pub fn blocked(&self) -> bool {
        self.metadata["blocked"] == json!(true)
    }

    /// The event of one login. What the user chose for this one, their `plan`, goes into request bodies.
    pub fn event(&self, rng: &mut Rng, login: u32, plan: Option<&str>, secrets: &Json) -> Json {
        let mut user = Map::new();
        user.insert("user_id".into(), json!(self.id));
        user.insert("email".into(), json!(format!("{CANARY}@example.com")));
        user.insert("given_name".into(), json!(CANARY));
        if self.phone {
            user.insert("phone_number".into(), json!(format!("+1555{CANARY}")));
        }
        if !self.metadata.is_null() {
            user.insert("app_metadata".into(), self.metadata.clone());
        }
        user.insert("user_metadata".into(), plan.map_or(json!({}), |plan| json!({ "plan": plan })));
        if let Some(factor) = self.factor {
            user.insert("enrolledFactors".into(), json!([{ "type": factor, "method": factor }]));
        }
        let geoip = self.continent.map_or(json!({}), |code| json!({"continentCode": code}));
        let mut event = json!({
            "user": user,
            "request": {
                "ip": format!("203.0.113.{CANARY}"),
                "geoip": geoip,
                "body": {"password": format!("{CANARY}-password")},
                "query": {"code": format!("{CANARY}-code")},
            },
            "client": {"client_id": "app"},
            "connection": {"name": "customers", "strategy": "auth0"},
            "stats": {"logins_count": rng.u32(1..9)},
            "secrets": secrets,
        });
        if rng.u8(0..8) > 0 {
            let (protocol, prompt, _) = FLOWS[rng.usize(0..FLOWS.len())];
            event["transaction"] =
                json!({"id": format!("t{login}"), "protocol": protocol, "prompt": [prompt]});
        }
        event
    }
}
