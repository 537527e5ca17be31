//! What an answer must be, and what is taken from it.

use crate::document::config_value::ConfigValue;
use crate::document::fields::{Entries, Fields, NamedMappings};
use crate::document::mapping::{Filling, Forms};
use crate::document::outputs::{FilledOutputs, Outputs};
use crate::document::secrets::Secrets;
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
    /// What the login gets of it.
    pub outputs: Outputs,
    /// What others read of the answer, and what is kept of it for them.
    keep: NamedMappings,
    /// Others read all of the answer.
    pub gives_whole: bool,
}

/// What was taken from an answer. Kept whole: for the login, in memory for reuse, in metadata while fresh.
#[derive(Clone, Default)]
pub struct AnswerFields {
    /// What the login gets, in the order of [`OUTPUTS`](crate::document::outputs::OUTPUTS).
    pub fields: [Fields; 5],
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
    pub(crate) fn read(place: ConfigValue) -> Self {
        place.knows_only("success token expect keep idToken accessToken appMetadata userMetadata saml");
        let mut success = Vec::new();
        let secrets = Secrets::under("");
        let forms = Forms::plain(&secrets);
        place.items_of("success", "statuses, such as [200, 404]", &mut |item| {
            success.push(item.whole(100, 599, ""));
        });
        Self {
            success,
            token: place.field("token").map(ConfigValue::expression),
            expect: place.field("expect").map(ConfigValue::expression),
            outputs: Outputs::read(Some(place), place, [forms, forms]),
            keep: NamedMappings::read(place, "keep", kept_name, &forms),
            gives_whole: false,
        }
    }

    /// Whether it says what others read of the answer.
    pub(crate) fn gives_kept(&self) -> bool {
        !self.keep.is_empty()
    }

    /// Whether anything is read from the answer, which must then be JSON. A literal needs none.
    fn reads_answer(&self) -> bool {
        self.token.is_some() || self.expect.is_some() || self.asks()
    }

    /// Whether anything is asked for that an answer may have.
    fn asks(&self) -> bool {
        self.keep.asks() || self.outputs.asks()
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
        let (with, entries) = (Filling::of(json), Entries::default());
        let keep = self.keep.fill(with, false, entries);
        let FilledOutputs { fields, failed, found } = self.outputs.fill(with, entries);
        let (partial, found) = (failed || keep.failed, found || keep.found);
        let answer = if self.gives_kept() {
            (!keep.failed).then(|| object(&keep.fields))
        } else {
            self.gives_whole.then(|| json.clone())
        };
        let lasting = !partial && (found || !self.asks());
        (AnswerFields { fields, answer, partial, lasting }, found)
    }

    /// What is set at each login, of a text that was kept, see [`AnswerFields::to_text`]; and whether any of what was asked
    /// for is in it. In metadata others may have written into it: only names that the entry has are taken, where it has
    /// them. `None` when it cannot be read.
    pub(crate) fn restore(&self, text: &Val) -> Option<(AnswerFields, bool)> {
        let parts = text.parse_json()?;
        let (mut taken, mut found) = (AnswerFields::default(), false);
        let mut readable = parts.len() > 1;
        let mut restore = |part: usize, named: &NamedMappings| {
            let part = parts.at(part);
            readable &= matches!(part.kind(), Kind::Object | Kind::Null);
            let (fields, asked) = named.restore(&part);
            found |= asked;
            fields
        };
        let [id_token, access_token, .., saml] = &self.outputs.0;
        let [to_id_token, to_access_token, .., to_saml] = &mut taken.fields;
        *to_id_token = restore(0, id_token);
        *to_access_token = restore(1, access_token);
        let keep = restore(2, &self.keep);
        *to_saml = restore(3, saml);
        taken.answer = self.gives_kept().then(|| object(&keep));
        readable.then_some((taken, found))
    }

    /// What is set at each login, of a record, see [`AnswerFields::to_record`], when it is `of` the same entry and younger
    /// than so many milliseconds. Nothing is kept of nothing: of what the entry asks for, something must be in the record,
    /// or still in this user's metadata.
    pub(crate) fn restore_record(
        &self,
        record: &Val,
        of: &str,
        now: f64,
        younger_than: f64,
        user: &Val,
    ) -> Option<AnswerFields> {
        let age = now - record.get("at").as_f64()?;
        // A time in the future is a clock that was wrong: not fresh.
        let counts = age >= 0.0 && age < younger_than && record.get("of").as_text()? == of;
        let (taken, found) = if counts { self.restore(&record.get("claims")) } else { None }?;
        (found || !self.asks() || self.has_written(user)).then_some(taken)
    }

    /// Whether a key that it asks for is in this user's metadata.
    #[cold]
    #[inline(never)]
    fn has_written(&self, user: &Val) -> bool {
        let [.., app_metadata, user_metadata, _] = &self.outputs.0;
        let kept = |named: &NamedMappings, metadata: &str| named.restore(&user.get(metadata)).1;
        kept(app_metadata, "app_metadata") || kept(user_metadata, "user_metadata")
    }
}

/// Refuses a name that what is kept could not have.
fn kept_name(place: ConfigValue, name: &str) {
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
    /// What is set at each login, as text, which the host cannot change behind our back: claims of the ID token, of the
    /// access token; what others read; SAML attributes. Metadata are written when the answer comes, and never again.
    pub fn to_text(&self) -> String {
        let or_null = |fields| if Fields::is_empty(fields) { Val::default() } else { object(fields) };
        let [id_token, access_token, .., saml] = &self.fields;
        let mut parts = vec![or_null(id_token), or_null(access_token)];
        if self.answer.is_some() || !saml.is_empty() {
            parts.push(self.answer.clone().unwrap_or_default());
        }
        if !saml.is_empty() {
            parts.push(object(saml));
        }
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
