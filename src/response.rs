//! What an answer must be, and what is taken from it.

use crate::claims::{Command, Fields, Named, claim_name, commands, metadata_key};
use crate::document::Place;
use crate::expression::Expression;
use crate::policy::Outcome;
use crate::step::{Answer, UNREADABLE};
use crate::text::Text;
use crate::token::{NotAToken, unchecked_expiry};
use crate::value::{Kind, Val, Value};

/// What an entry says about the answer.
#[derive(Default)]
pub struct Response {
    /// The statuses that count as success; none means 200 to 299.
    success: Vec<u32>,
    /// Where in the answer the token stands that must be a JWT and unexpired.
    pub token: Option<Expression>,
    id_token: Named,
    access_token: Named,
    app_metadata: Named,
}

/// What was taken from an answer. Kept whole: for the login, in memory for reuse, in metadata while fresh.
#[derive(Clone, Default)]
pub struct Taken {
    /// Claims of the ID token.
    pub id_token: Fields,
    /// Claims of the access token.
    pub access_token: Fields,
    /// Keys of app_metadata.
    pub app_metadata: Fields,
}

/// An answer, judged.
pub struct Judgement {
    /// How the call ended.
    pub outcome: Outcome,
    /// A word for the log on what was wrong with an answer that came; never the other system's text.
    pub detail: &'static str,
    /// What was taken; empty unless the outcome is `ok`.
    pub taken: Taken,
    /// When the token expires, in milliseconds since 1970, where there is one and it says so.
    pub expires: Option<f64>,
}

impl Response {
    /// Reads the response here.
    pub fn read(place: &Place) -> Self {
        place.knows_only(&["success", "token", "idToken", "accessToken", "appMetadata"]);
        let mut success = Vec::new();
        place.items_of("success", &mut |item| success.push(item.whole(100, 599, "")));
        Self {
            success,
            token: place.field("token").map(|token| token.expression()),
            id_token: Named::read(place, "idToken", claim_name),
            access_token: Named::read(place, "accessToken", claim_name),
            app_metadata: Named::read(place, "appMetadata", metadata_key),
        }
    }

    /// What it sets, by the name of the field.
    pub fn sets(&self) -> [(&'static str, &Named); 3] {
        [
            ("idToken", &self.id_token),
            ("accessToken", &self.access_token),
            ("appMetadata", &self.app_metadata),
        ]
    }

    /// Whether anything is set.
    pub fn takes_anything(&self) -> bool {
        self.token.is_some() || self.sets().iter().any(|(_, named)| !named.is_empty())
    }

    /// Whether what is set comes from the answer, which must then be JSON. A literal needs none.
    fn reads_answer(&self) -> bool {
        self.token.is_some() || self.sets().iter().any(|(_, named)| !named.is_literal())
    }

    /// Judges an answer that arrived, and takes from it what the entry asks for.
    pub fn judge(&self, answer: &Answer, now: f64) -> Judgement {
        let counts = if self.success.is_empty() {
            (200..300).contains(&answer.status)
        } else {
            self.success.contains(&u32::from(answer.status))
        };
        if !counts {
            return failed(Outcome::of_status(answer.status), "");
        }
        let mut judged =
            Judgement { outcome: Outcome::Ok, detail: "", taken: Taken::default(), expires: None };
        let json = match self.reads_answer().then(|| answer.body.parse_json()) {
            None => Val::default(),
            Some(Some(json)) => json,
            Some(None) => return failed(Outcome::Invalid, unreadable(answer)),
        };
        if let Some(token) = &self.token {
            let token = token.evaluate(&json).ok().filter(|token| token.kind() == Kind::Text);
            match token.as_ref().map(unchecked_expiry) {
                None => return failed(Outcome::Invalid, "no-token"),
                Some(Err(NotAToken::Malformed)) => return failed(Outcome::Invalid, "not-a-jwt"),
                Some(Err(NotAToken::NoExpiry)) => {}
                Some(Ok(expires)) if expires <= now => return failed(Outcome::Invalid, "expired"),
                Some(Ok(expires)) => judged.expires = Some(expires),
            }
        }
        match self.take(&json) {
            Some(taken) => judged.taken = taken,
            None => return failed(Outcome::Invalid, "expression"),
        }
        judged
    }

    fn take(&self, json: &Val) -> Option<Taken> {
        let fill = |named: &Named| named.fill(json).ok();
        Some(Taken {
            id_token: fill(&self.id_token)?,
            access_token: fill(&self.access_token)?,
            app_metadata: fill(&self.app_metadata)?,
        })
    }
}

/// A word for the log on a body that is not JSON.
#[cold]
#[inline(never)]
fn unreadable(answer: &Answer) -> &'static str {
    let known = |word: &&str| answer.error.as_deref() == Some(word);
    UNREADABLE.into_iter().find(known).unwrap_or("not-json")
}

#[cold]
#[inline(never)]
fn failed(outcome: Outcome, detail: &'static str) -> Judgement {
    Judgement { outcome, detail, taken: Taken::default(), expires: None }
}

impl Taken {
    /// The claims as commands.
    pub fn claims(&self, out: &mut Vec<Command>) {
        commands(&self.id_token, Command::IdTokenClaim, out);
        commands(&self.access_token, Command::AccessTokenClaim, out);
    }

    /// How many bytes it takes in a token or in the metadata, but for the signs between fields.
    pub fn size(&self) -> usize {
        let mut size = 0;
        for fields in [&self.id_token, &self.access_token, &self.app_metadata] {
            for (name, value) in fields {
                size += name.len() + value.size();
            }
        }
        size
    }

    /// As text, which the host cannot change behind our back.
    pub fn to_text(&self) -> String {
        let object = |fields: &Fields| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name, value.clone())).collect();
            if fields.is_empty() { Val::default() } else { Val::from_fields(fields) }
        };
        Val::from_list([&self.id_token, &self.access_token, &self.app_metadata].map(object).into()).to_json()
    }

    /// From that text.
    pub fn from_text(text: &str) -> Self {
        let parts = Val::from_text(text).parse_json().unwrap_or_default();
        let fields = |index| {
            let object = parts.at(index);
            object.keys().iter().map(|name| (Text::new(name), object.get(name))).collect()
        };
        Self { id_token: fields(0), access_token: fields(1), app_metadata: fields(2) }
    }

    /// The claims as they are kept in app_metadata while fresh. As text: Auth0 refuses metadata with `.` or `$` in a
    /// key at any depth, and most claims have such names.
    pub fn to_record(&self, at: f64, of: &str) -> Val {
        let claims = Self { app_metadata: Vec::new(), ..self.clone() }.to_text();
        let fields =
            [("at", Val::from_f64(at)), ("of", Val::from_text(of)), ("claims", Val::from_text(&claims))];
        Val::from_object(fields.into())
    }

    /// From such a record, when it is `of` the same entry and not older than `fresh_ms`.
    pub fn from_record(record: &Val, of: &str, now: f64, fresh_ms: f64) -> Option<Self> {
        let at = record.get("at").as_f64()?;
        // A time in the future is a clock that was wrong: not fresh.
        let fresh = at <= now && now - at < fresh_ms && record.get("of").as_text()? == of;
        let claims = record.get("claims").as_text()?;
        fresh.then(|| Self::from_text(&claims))
    }
}
