//! What an answer must be, and what is taken from it.

use crate::document::config_value::ConfigValue;
use crate::document::fields::{Fields, NamedMappings};
use crate::document::names::{claim_name, metadata_key};
use crate::expression::Expression;
use crate::host::value::{DEEPEST_ANSWER, Kind, Val, Value};
use crate::request::token::{NotAToken, unchecked_expiry};
use crate::system::outcome::Outcome;
use crate::system::step::{Answer, TOO_LARGE, UNREADABLE};

/// What an entry says about the answer.
#[derive(Default)]
pub(crate) struct Response {
    /// The statuses that count as success; none means 200 to 299.
    success: Vec<u32>,
    /// Where in the answer the token is. It must be a JWT, and not expired.
    pub token: Option<Expression>,
    /// What must be true of a good answer: some systems say no with a status of success.
    expect: Option<Expression>,
    id_token: NamedMappings,
    access_token: NamedMappings,
    app_metadata: NamedMappings,
    /// What others read of the answer, and what is kept of it for them.
    keep: NamedMappings,
    /// Others read all of the answer.
    pub gives_whole: bool,
}

/// What was taken from an answer. Kept whole: for the login, in memory for reuse, in metadata while fresh.
#[derive(Clone, Default)]
pub struct AnswerFields {
    /// Claims of the ID token.
    pub id_token: Fields,
    /// Claims of the access token.
    pub access_token: Fields,
    /// Keys of app_metadata. Null takes a key away.
    pub app_metadata: Fields,
    /// What others read, if anything does.
    pub answer: Option<Val>,
    /// An expression failed, and its field is missing.
    pub partial: bool,
    /// Whether it may be kept: nothing is missing, and of what was asked for something was there. A lookup that found
    /// no one yet is asked again.
    pub lasting: bool,
}

/// An answer, judged.
pub(crate) struct Judgement {
    /// How the call ended.
    pub outcome: Outcome,
    /// A word for the log on what was wrong with an answer that came; never the other system's text.
    pub detail: &'static str,
    /// What was taken; empty unless the outcome is `ok`.
    pub taken: AnswerFields,
    /// When the token expires, in milliseconds since 1970, where there is one that says so, and the answer may be kept.
    pub expires: Option<f64>,
}

impl Response {
    /// Reads the response here, whose expressions read an answer.
    pub(crate) fn read(place: &ConfigValue) -> Self {
        place.knows_only(&["success", "token", "expect", "keep", "idToken", "accessToken", "appMetadata"]);
        let mut success = Vec::new();
        place.items_of("success", "statuses, such as [200, 404]", &mut |item| {
            success.push(item.whole(100, 599, ""));
        });
        Self {
            success,
            token: place.field("token").map(|token| token.expression()),
            expect: place.field("expect").map(|expect| expect.expression()),
            id_token: NamedMappings::read(place, "idToken", claim_name),
            access_token: NamedMappings::read(place, "accessToken", claim_name),
            app_metadata: NamedMappings::read(place, "appMetadata", metadata_key),
            keep: NamedMappings::read(place, "keep", kept_name),
            gives_whole: false,
        }
    }

    /// Whether it says what others read of the answer.
    pub(crate) fn gives_kept(&self) -> bool {
        !self.keep.is_empty()
    }

    /// What it sets, by the name of the field.
    pub(crate) fn sets(&self) -> [(&'static str, &NamedMappings); 3] {
        [
            ("idToken", &self.id_token),
            ("accessToken", &self.access_token),
            ("appMetadata", &self.app_metadata),
        ]
    }

    /// Whether anything is set.
    pub(crate) fn takes_anything(&self) -> bool {
        self.token.is_some() || self.sets().iter().any(|(_, named)| !named.is_empty())
    }

    /// Whether anything is read from the answer, which must then be JSON. A literal needs none.
    fn reads_answer(&self) -> bool {
        self.token.is_some() || self.expect.is_some() || self.asks()
    }

    /// Whether anything is asked for that an answer may have.
    fn asks(&self) -> bool {
        [&self.keep, &self.id_token, &self.access_token, &self.app_metadata].iter().any(|named| named.asks())
    }

    /// Judges what came of a request, and takes from it what the entry asks for. One that is too large is an answer.
    pub(crate) fn judge(&self, answer: &Answer, now: f64) -> Judgement {
        match (answer.status, answer.error.as_deref()) {
            (0, Some(TOO_LARGE)) => return failed(Outcome::Invalid, TOO_LARGE),
            (0, Some(_)) => return failed(Outcome::Unavailable, ""),
            _ => {}
        }
        let counts = if self.success.is_empty() {
            (200..300).contains(&answer.status)
        } else {
            self.success.contains(&u32::from(answer.status))
        };
        if !counts {
            return failed(Outcome::of_status(answer.status), "");
        }
        let mut judged =
            Judgement { outcome: Outcome::Ok, detail: "", taken: AnswerFields::default(), expires: None };
        // An empty one that others read whole is null.
        let reads = self.reads_answer() || self.gives_whole && !is_empty(answer);
        let json = match reads.then(|| answer.body.parse_within(DEEPEST_ANSWER)) {
            None => Val::default(),
            Some(Some(json)) => json,
            Some(None) => return failed(Outcome::Invalid, unreadable(answer)),
        };
        let true_of = |expect: &Expression| expect.evaluate(&json).is_ok_and(|value| value.is_truthy());
        if !self.expect.as_ref().is_none_or(true_of) {
            return failed(Outcome::Rejected, "expect");
        }
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
        let (taken, found) = self.take(&json);
        if taken.partial {
            judged.detail = "expression";
            if !found || taken.answer.is_none() && self.gives_kept() {
                // Nothing of it could be taken, or what others decide by.
                return failed(Outcome::Invalid, judged.detail);
            }
        }
        judged.expires = judged.expires.filter(|_| taken.lasting);
        judged.taken = taken;
        judged
    }

    /// What the entry asks for, and whether any of that was there.
    fn take(&self, json: &Val) -> (AnswerFields, bool) {
        let id = self.id_token.fill(json, false);
        let access = self.access_token.fill(json, false);
        let metadata = self.app_metadata.fill(json, true);
        let keep = self.keep.fill(json, false);
        let partial = id.failed || access.failed || metadata.failed || keep.failed;
        let found = id.found || access.found || metadata.found || keep.found;
        let answer = if self.gives_kept() {
            (!keep.failed).then(|| object(&keep.fields))
        } else {
            self.gives_whole.then(|| json.clone())
        };
        let taken = AnswerFields {
            id_token: id.fields,
            access_token: access.fields,
            app_metadata: metadata.fields,
            answer,
            partial,
            lasting: !partial && (found || !self.asks()),
        };
        (taken, found)
    }

    /// The claims of a text that was kept, see [`AnswerFields::to_text`]. In metadata others may have written into it:
    /// only names that the entry has are taken, for the token it has them for. `None` when it cannot be read, or holds
    /// nothing of what an answer is kept for.
    pub(crate) fn restore(&self, text: &Val) -> Option<AnswerFields> {
        let parts = text.parse_json()?;
        let (id, access) = (parts.at(0), parts.at(1));
        let keep = if self.gives_kept() { parts.at(2) } else { Val::default() };
        let readable = |part: &Val| matches!(part.kind(), Kind::Object | Kind::Null);
        if parts.len() < 2 || !readable(&id) || !readable(&access) || self.gives_kept() && !readable(&keep) {
            return None;
        }
        let (id_token, id_asked) = self.id_token.restore(&id);
        let (access_token, access_asked) = self.access_token.restore(&access);
        let (keep, keep_asked) = self.keep.restore(&keep);
        let asks = self.id_token.asks() || self.access_token.asks() || self.keep.asks();
        let found = id_asked || access_asked || keep_asked;
        (found || !asks || self.app_metadata.asks()).then(|| AnswerFields {
            id_token,
            access_token,
            answer: self.gives_kept().then(|| object(&keep)),
            ..AnswerFields::default()
        })
    }

    /// The claims of a record, see [`AnswerFields::to_record`], when it is `of` the same entry and younger than so many
    /// milliseconds.
    pub(crate) fn restore_record(
        &self,
        record: &Val,
        of: &str,
        now: f64,
        younger_than: f64,
    ) -> Option<AnswerFields> {
        let age = now - record.get("at").as_f64()?;
        // A time in the future is a clock that was wrong: not fresh.
        let counts = age >= 0.0 && age < younger_than && record.get("of").as_text()? == of;
        if counts { self.restore(&record.get("claims")) } else { None }
    }
}

/// Refuses a name that what is kept could not have.
fn kept_name(place: &ConfigValue, name: &str) {
    if name == "__proto__" {
        place.refuse("`__proto__` cannot be a key: choose another name");
    }
}

fn object(fields: &Fields) -> Val {
    Val::from_fields(fields.iter().map(|(name, value)| (name, value.clone())).collect())
}

/// Whether there is no body.
fn is_empty(answer: &Answer) -> bool {
    answer.error.as_deref().is_none_or(|error| error == UNREADABLE[0]) && !answer.body.is_truthy()
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
    Judgement { outcome, detail, taken: AnswerFields::default(), expires: None }
}

impl AnswerFields {
    /// The claims as text, which the host cannot change behind our back: those of the ID token, those of the access
    /// token, and what others read, if there is any. Metadata are written when the answer comes, and never again.
    pub fn to_text(&self) -> String {
        let or_null = |fields| if Fields::is_empty(fields) { Val::default() } else { object(fields) };
        let mut parts = vec![or_null(&self.id_token), or_null(&self.access_token)];
        parts.extend(self.answer.clone());
        Val::from_list(parts).to_json()
    }

    /// The claims as they are kept in app_metadata while fresh. As text: Auth0 refuses metadata with `.` or `$` in a
    /// key at any depth, and most claims have such names.
    pub fn to_record(&self, at: f64, of: &str) -> Val {
        let fields = [
            ("at", Val::from_f64(at)),
            ("of", Val::from_text(of)),
            ("claims", Val::from_text(&self.to_text())),
        ];
        Val::from_object(fields.into())
    }
}
