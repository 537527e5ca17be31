//! What an admin might write: several systems, a policy for each outcome, rules, secrets in rotation.

use super::people::CANARY;
use super::plan::{Auth, FAILURES, KNOWN_OTHERWISE, Mfa, Plan, Policy, Shape, SystemPlan, When};
use base64ct::{Base64UrlUnpadded, Encoding};
use fastrand::Rng;
use serde_json::{Map, Value as Json, json};

impl Plan {
    /// A config of one to four systems.
    pub fn any(rng: &mut Rng) -> Self {
        let budget_ms = match rng.u8(0..4) {
            0 => rng.u32(100..=1_000),
            1 => rng.u32(1_000..=15_000),
            _ => 8_000,
        };
        let shapes = [Shape::Cleeng, Shape::UserHub, Shape::Workflows];
        let mut presets: Vec<Shape> = shapes.into_iter().filter(|_| rng.u8(0..4) == 0).collect();
        rng.shuffle(&mut presets);
        let own = rng.usize(if presets.is_empty() { 1..4 } else { 0..3 });
        let mut plan = Self::empty(budget_ms);
        let mut entries = Vec::new();
        for number in 0..own {
            let shape = if rng.u8(0..3) == 0 { Shape::Get } else { Shape::Post };
            entries.push(plan.add(rng, shape, format!("s{number}")));
        }
        plan.link(rng, &mut entries, own);
        for shape in presets {
            let name = match shape {
                Shape::Cleeng => "cleeng",
                Shape::UserHub => "userhub",
                _ => "okta-workflows",
            };
            entries.push(plan.add(rng, shape, name.to_string()));
        }
        plan.claim_from_event = rng.bool();
        plan.gives_from_event = rng.bool();
        plan.deny_blocked = rng.bool().then_some("Your account is on hold.");
        plan.mfa_in_europe = match rng.u8(0..4) {
            0 => Some((Mfa::Provider(if rng.bool() { "guardian" } else { "none" }), rng.bool())),
            1 => Some((Mfa::Challenge(rng.bool()), rng.bool())),
            _ => None,
        };
        plan.wrong = rng.u8(0..60) == 0;
        if rng.u8(0..3) > 0 {
            plan.send_tokens(rng, &mut entries);
        }
        plan.write(rng, &entries);
        plan
    }

    /// One system that keeps everybody's token for reuse.
    pub fn reusing(rng: &mut Rng) -> Self {
        loop {
            let mut plan = Self::empty(8_000);
            let entry = plan.add(rng, Shape::Cleeng, "cleeng".to_string());
            if plan.systems[0].when == When::Always {
                plan.write(rng, &[entry]);
                return plan;
            }
        }
    }

    fn empty(budget_ms: u32) -> Self {
        Self {
            document: Json::Null,
            secrets: json!({}),
            systems: Vec::new(),
            sources: 0,
            budget_ms,
            deny_blocked: None,
            deny_conflict: None,
            mfa_in_europe: None,
            claim_from_event: false,
            gives_from_event: false,
            wrong: false,
        }
    }

    fn write(&mut self, rng: &mut Rng, entries: &[Json]) {
        let mut document = json!({ "syncs": entries });
        if self.sources > 0 {
            document["tokens"] = self.written_sources();
            self.secrets["CLIENT"] = json!("client");
        }
        if self.budget_ms != 8_000 || rng.bool() {
            document["budgetMs"] = json!(self.budget_ms);
        }
        if rng.u8(0..4) == 0 {
            document["log"] = json!("json");
        }
        if self.claim_from_event {
            document["claims"] =
                json!({"idToken": {"ev_plan": "user.user_metadata.plan", "ev_leak": "[@][0].secrets"}});
        }
        let mut rules = Vec::new();
        if let Some(number) = self.deny_conflict {
            // First, and weighed last.
            let when = format!("syncs.s{number}.outcome == 'conflict'");
            rules.push(json!({"when": when, "reason": KNOWN_OTHERWISE}));
        }
        if self.gives_from_event {
            let id = json!({"ev_id": "user.user_id"});
            document["appMetadata"] = id.clone();
            document["userMetadata"] = id.clone();
            document["saml"] = id;
            document["scopes"] = json!({
                "add": ["user.user_metadata.plan && join(':', ['plan', user.user_metadata.plan])", "'read:x'"],
                "remove": ["request.geoip.continentCode == 'EU' && 'read:x' || `null`"],
            });
        }
        if let Some(reason) = self.deny_blocked {
            rules.push(json!({"when": "user.app_metadata.blocked", "reason": reason}));
        }
        if !rules.is_empty() {
            document["deny"] = json!(rules);
        }
        if let Some((mfa, always)) = self.mfa_in_europe {
            let mut rule = json!({"when": "request.geoip.continentCode == 'EU'"});
            if always {
                rule["always"] = json!(true);
            }
            match mfa {
                Mfa::Provider(provider) => rule["provider"] = json!(provider),
                Mfa::Challenge(enroll) => {
                    rule["challengeWith"] = json!(["otp", "email"]);
                    if enroll {
                        rule["enrollWith"] = json!(["otp"]);
                    }
                }
            }
            // What comes after the rule that applies counts for nothing.
            document["mfa"] = json!([rule, rule]);
        }
        if self.wrong {
            document["syncs"][0]["retry"] = json!(2);
        }
        self.document = document;
    }

    /// One more entry, as text and as its meaning.
    fn add(&mut self, rng: &mut Rng, shape: Shape, name: String) -> Json {
        let mut system = SystemPlan::any(rng, shape, name, self.budget_ms);
        let entry = system.entry(rng, self);
        self.systems.push(system);
        entry
    }

    /// A secret under this name, remembered as the system's.
    pub(super) fn secret(&mut self, rng: &mut Rng, name: &str) -> String {
        let mut text = format!("{CANARY}-{name}-{:08x}", rng.u32(..));
        if rng.u8(0..4) == 0 {
            // Some secrets are tokens, and some of those have had their day.
            let claims = json!({"name": name, "exp": if rng.bool() { 1 } else { 4_000_000_000_u32 }});
            text = jwt(&claims);
        }
        self.secrets[name] = json!(text);
        text
    }
}

impl SystemPlan {
    pub(super) fn any(rng: &mut Rng, shape: Shape, name: String, budget_ms: u32) -> Self {
        let preset = !matches!(shape, Shape::Post | Shape::Get);
        let when =
            [When::Phone, When::Europe, When::Fragile].get(rng.usize(0..12)).copied().unwrap_or(When::Always);
        let host = match shape {
            Shape::Cleeng => "identity.api.prod.cleeng.com".to_string(),
            Shape::UserHub => "api.userhub.com".to_string(),
            Shape::Workflows => "acme.workflows.okta.com".to_string(),
            Shape::Post | Shape::Get | Shape::Source => format!("{name}.example.com"),
        };
        let auth = match shape {
            Shape::Cleeng | Shape::UserHub => Auth::Bearer,
            Shape::Workflows => Auth::Header("x-api-client-token"),
            Shape::Source => Auth::Form,
            _ => [Auth::Bearer, Auth::Header("x-api-key"), Auth::Jwt][rng.usize(0..3)],
        };
        let mut system = Self {
            host,
            shape,
            auth,
            keys: Vec::new(),
            on_login: true,
            on_registration: shape == Shape::Cleeng,
            when,
            policies: FAILURES.map(|outcome| (outcome, Policy::Allow)),
            reuse: shape == Shape::Cleeng,
            fresh_ms: None,
            stale_ms: 0.0,
            expects: false,
            timeout_ms: 0,
            retries: 1,
            success: Vec::new(),
            token: (shape == Shape::Cleeng).then_some("accessToken"),
            claims: Vec::new(),
            writes: false,
            gives: false,
            anonymous: shape == Shape::Post && auth == Auth::Jwt && rng.bool(),
            source: None,
            keeps: false,
            gives_whole: false,
            shadow: false,
            fragile_body: shape == Shape::Post && rng.u8(0..6) == 0,
            name,
        };
        system.timeout_ms = rng.u32(50..=budget_ms.min(4_000));
        if preset {
            return system;
        }
        (system.on_login, system.on_registration) =
            [(true, false), (true, false), (true, true), (false, true)][rng.usize(0..4)];
        if system.on_login {
            system.token = rng.bool().then_some("token");
            system.reuse = system.token.is_some() && rng.u8(0..4) > 0;
            if system.token.is_none() && rng.bool() {
                system.fresh_ms = Some(f64::from(rng.u32(60..=7_200)) * 1_000.0);
                if rng.bool() {
                    system.stale_ms = f64::from(rng.u32(60..=14_400)) * 1_000.0;
                }
            }
        }
        if rng.u8(0..6) == 0 {
            system.success = vec![200, 202, 302];
        }
        system.expects = rng.u8(0..4) == 0;
        system
    }

    /// The entry as an admin writes it, with its secrets set.
    fn entry(&mut self, rng: &mut Rng, plan: &mut Plan) -> Json {
        let mut entry = Map::new();
        match self.shape {
            Shape::Post | Shape::Get => self.own_entry(rng, plan, &mut entry),
            _ => self.preset_entry(rng, plan, &mut entry),
        }
        entry.insert("timeoutMs".into(), json!(self.timeout_ms));
        if rng.bool() {
            self.retries = rng.u32(0..=5);
            entry.insert("retries".into(), json!(self.retries));
        } else if self.shape == Shape::Workflows {
            self.retries = 0;
        }
        if let Some(when) = self.when.expression() {
            entry.insert("when".into(), json!(when));
        }
        self.on_failure(rng, &mut entry);
        Json::Object(entry)
    }

    fn preset_entry(&mut self, rng: &mut Rng, plan: &mut Plan, entry: &mut Map<String, Json>) {
        entry.insert("use".into(), json!(self.name));
        match self.shape {
            Shape::Cleeng => {
                self.keys.push(plan.secret(rng, "CLEENG_CLIENT_SECRET"));
                if rng.bool() {
                    self.keys.push(plan.secret(rng, "CLEENG_CLIENT_SECRET_NEXT"));
                }
                self.claims.push((false, "cleeng_access_token".into(), "accessToken"));
                entry.insert(
                    "on".into(),
                    json!(["post-login", "post-user-registration", "post-change-password"]),
                );
                // What the entry says is laid over the preset's body.
                entry.insert("request".into(), json!({"body": {"plan": "user.user_metadata.plan"}}));
            }
            Shape::UserHub => {
                self.keys.push(plan.secret(rng, "USERHUB_API_KEY"));
                plan.secrets["USERHUB_CONNECTION_ID"] = json!("conn_x");
            }
            _ => {
                let key = format!("{CANARY}flo{:08x}", rng.u32(..));
                let url = format!("https://{}/api/flo/abc/invoke?clientToken={key}&v=1", self.host);
                plan.secrets["OKTA_WORKFLOWS_URL"] = json!(url);
                self.keys.push(key);
            }
        }
    }

    fn own_entry(&mut self, rng: &mut Rng, plan: &mut Plan, entry: &mut Map<String, Json>) {
        entry.insert("name".into(), json!(self.name));
        let triggers = [
            (self.on_login, "post-login"),
            (self.on_registration, "post-user-registration"),
            (self.on_registration, "post-change-password"),
        ];
        let on: Vec<_> = triggers.iter().filter(|(runs, _)| *runs).map(|(_, name)| *name).collect();
        entry.insert("on".into(), json!(on));
        let header = match self.auth {
            Auth::Header(name) => name,
            _ => "authorization",
        };
        let many = if self.auth == Auth::Jwt { 1 } else { rng.usize(1..=3) };
        let names: Vec<_> = (0..many).map(|n| format!("{}_KEY_{n}", self.name.to_uppercase())).collect();
        self.keys = names.iter().map(|name| plan.secret(rng, name)).collect();
        let value = match self.auth {
            Auth::Bearer => json!({ "bearer": names }),
            Auth::Header(_) => json!({ "secret": names }),
            Auth::Jwt | Auth::Token(_) | Auth::Form => {
                json!({"jwt": {"secret": names[0], "audience": self.host, "expiresInSeconds": 30}})
            }
        };
        let mut request = json!({"headers": {header: value}});
        if self.shape == Shape::Get {
            request["method"] = json!("GET");
            request["url"] = json!(format!("https://{}/users/{{id}}?plan={{plan}}", self.host));
            request["params"] = json!({"id": "user.user_id", "plan": "user.user_metadata.plan"});
        } else {
            request["url"] = json!(format!("https://{}/sync", self.host));
            request["body"] = json!({
                "id": "user.user_id", "plan": "user.user_metadata.plan", "email": "user.email", "n": 1,
                "password": "[@][0].request.body.password", "all": "[@][0].secrets", "code": "[@][0].request.query.code",
            });
            if self.anonymous {
                request["body"] = json!({"plan": "user.user_metadata.plan"});
            }
            if self.fragile_body {
                request["body"]["length"] = json!("length(user.user_metadata.plan)");
            }
        }
        entry.insert("request".into(), request);
        let response = self.response(rng);
        if !response.is_empty() {
            entry.insert("response".into(), Json::Object(response));
        }
        if self.reuse {
            entry.insert("reuse".into(), json!(true));
        }
        if let Some(ms) = self.fresh_ms {
            entry.insert("freshForSeconds".into(), json!(ms / 1_000.0));
        }
        if self.stale_ms > 0.0 {
            entry.insert("staleForSeconds".into(), json!(self.stale_ms / 1_000.0));
        }
    }

    fn response(&mut self, rng: &mut Rng) -> Map<String, Json> {
        let mut response = Map::new();
        if !self.success.is_empty() {
            response.insert("success".into(), json!(self.success));
        }
        if self.expects {
            response.insert("expect".into(), json!("id"));
        }
        if !self.on_login {
            return response;
        }
        let name = self.name.clone();
        for field in ["id", "plan", "@"] {
            if rng.bool() {
                self.claims.push((false, format!("https://{name}.example.com/{field}"), field));
            }
        }
        if let Some(token) = self.token {
            response.insert("token".into(), json!(token));
            self.claims.push((false, format!("{name}_token"), token));
        }
        if rng.bool() {
            self.claims.push((true, format!("{name}_user"), "id"));
        }
        for (access, claim, field) in &self.claims {
            let of = if *access { "accessToken" } else { "idToken" };
            let named = response.entry(of).or_insert_with(|| json!({}));
            named[claim] = json!(field);
        }
        self.writes = rng.u8(0..3) == 0;
        if self.writes {
            response.insert("appMetadata".into(), json!({format!("{name}_user"): "id"}));
        }
        self.gives = rng.u8(0..4) == 0;
        if self.gives {
            for of in ["userMetadata", "saml"] {
                response.insert(of.into(), json!({format!("{name}_user"): "id"}));
            }
        }
        response
    }

    fn on_failure(&mut self, rng: &mut Rng, entry: &mut Map<String, Json>) {
        let closes = self.on_login;
        let any = |rng: &mut Rng| match rng.u8(0..if closes { 5 } else { 1 }) {
            0 | 1 => Policy::Allow,
            2 => Policy::Deny(None),
            3 => Policy::Deny(Some("Please try again later.")),
            _ => Policy::Mfa,
        };
        let written = |policy: &Policy| match policy {
            Policy::Allow => json!("allow"),
            Policy::Deny(None) => json!("deny"),
            Policy::Deny(Some(reason)) => json!({ "deny": reason }),
            Policy::Mfa => json!("mfa"),
        };
        if matches!(self.shape, Shape::Cleeng | Shape::UserHub) {
            self.policies = FAILURES.map(|outcome| (outcome, Policy::Deny(None)));
        }
        match rng.u8(0..3) {
            0 => {}
            1 => {
                let policy = any(rng);
                entry.insert("onFailure".into(), written(&policy));
                self.policies = FAILURES.map(|outcome| (outcome, policy.clone()));
            }
            _ => {
                let mut some = Map::new();
                for (outcome, policy) in &mut self.policies {
                    if rng.bool() {
                        *policy = any(rng);
                        some.insert((*outcome).into(), written(policy));
                    }
                }
                entry.insert("onFailure".into(), Json::Object(some));
            }
        }
    }
}

/// A token with these claims. No one checks its signature, in which the canary sits.
pub fn jwt(claims: &Json) -> String {
    let part = |value: &Json| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    format!("{}.{}.{CANARY}{CANARY}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims))
}
