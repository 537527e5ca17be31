//! The body of a request: JSON, a form or a text. **One of them, and a `content-type` that says so.**
//!
//! A form is what browsers send: `a=1&b[c]=2&d[0]=3`, all but letters, digits and `-._~` percent-encoded, so that whatever
//! an event holds is read back as it was. What could be read back as something else is not sent.

use crate::document::config_value::ConfigValue;
use crate::document::mapping::{Filling, Forms, Mapping, Means, Unfilled};
use crate::document::secrets::Secrets;
use crate::expression::Expression;
use crate::host::kept::Kept;
use crate::host::text::{Text, decimal, encode, has, is_whole, until};
use crate::host::value::{Kind, Val, Value};
use crate::request::attempt::Unbuildable;
use crate::request::plain::plain;
use crate::request::scope::Scope;

/// What an entry says about the body.
pub(crate) struct Body {
    content: Kept<Content>,
    /// Fields whose value is null stay.
    nulls: bool,
    /// It is another one at each try: it holds what is made of secrets.
    pub varies: bool,
}

enum Content {
    Nothing,
    Json(Mapping),
    Form(Mapping),
    Text(Expression),
}

/// The fields that say what the body is.
const KINDS: [&str; 3] = ["body", "form", "text"];

impl Body {
    /// Reads the fields of this request; the names of secrets that were read before stay with their place.
    pub(crate) fn read(request: ConfigValue, get: bool, secrets: &Secrets) -> Self {
        let mut content = Kept::new(Content::Nothing);
        let before = secrets.count();
        for key in KINDS {
            let Some(place) = request.field(key) else { continue };
            if get {
                place.refuse(
                    "a GET request cannot have a body: use POST, or put values into the url with `params`",
                );
            }
            if !matches!(*content, Content::Nothing) {
                place.refuse("is a second body: a request can only have one");
            }
            content = Kept::new(match key {
                "body" => Content::Json(Mapping::read_fields(place, &Forms::body(secrets))),
                "form" => read_form(place, secrets),
                _ => Content::Text(place.expression()),
            });
        }
        let nulls = request.flag("sendNulls");
        if nulls && !matches!(*content, Content::Json(_)) {
            request.refuse("`sendNulls` needs `body`: only JSON has null");
        }
        Self { content, nulls, varies: secrets.count() > before }
    }

    /// The `content-type` that says what it is; empty without a body.
    pub(crate) fn content_type(&self) -> &'static str {
        match *self.content {
            Content::Nothing => "",
            Content::Json(_) => "application/json",
            Content::Form(_) => "application/x-www-form-urlencoded",
            Content::Text(_) => "text/plain; charset=utf-8",
        }
    }

    /// Refuses a `content-type` that says something else.
    #[cold]
    #[inline(never)]
    pub(crate) fn check_content_type(&self, place: ConfigValue) {
        let text = place.value.as_text().unwrap_or_default().to_ascii_lowercase();
        let kind = until(&text, ";");
        let fits = match *self.content {
            Content::Nothing => true,
            Content::Json(_) => kind.ends_with("json") || kind == "text/plain",
            Content::Form(_) => kind == "application/x-www-form-urlencoded",
            Content::Text(_) => !kind.is_empty(),
        };
        if !fits {
            place.refuse(&["contradicts the body, which is ", self.content_type(), ": remove it"].concat());
        }
    }

    /// The body for this event. Without `means` nothing of it is made of secrets: it is for telling requests apart.
    pub(crate) fn fill(&self, scope: &Scope, means: Option<&Means>) -> Result<Option<Text>, Unbuildable> {
        let with = Filling { nulls: self.nulls, ..scope.filling(means) };
        let failed =
            |why| if why == Unfilled::EXPRESSION { Unbuildable::Invalid("body-expression") } else { why };
        let text = match &*self.content {
            Content::Nothing => return Ok(None),
            Content::Json(mapping) | Content::Form(mapping) => {
                let value = mapping.fill(with).map_err(failed)?.unwrap_or_default();
                // What a token in a form says is no field of the form: for telling requests apart that is JSON as well.
                if matches!(*self.content, Content::Form(_)) && (means.is_some() || !self.varies) {
                    return form(&value).map(Some);
                }
                let json = value.stringify();
                if json.is_null() {
                    return Err(failed(Unfilled::EXPRESSION));
                }
                Text::of(json)
            }
            Content::Text(expression) => {
                let value = expression.evaluate(with.scope).map_err(|_| failed(Unfilled::EXPRESSION))?;
                Text::new(&plain(&value).ok_or(Unbuildable::Invalid("body-text"))?)
            }
        };
        Ok(Some(text))
    }

    /// Which of its fields are absent or empty: what to look at when the other system refuses it. Their names, as
    /// `empty-email-lastName`, never their values.
    #[cold]
    #[inline(never)]
    pub(crate) fn empty_fields(&self, scope: &Scope) -> String {
        let mut names = String::new();
        if let Content::Json(Mapping::Object(fields)) | Content::Form(Mapping::Object(fields)) =
            &*self.content
        {
            for (name, mapping) in fields {
                let value = match mapping.fill(scope.filling(None)) {
                    // It is left out, or made of a secret.
                    Ok(None) => continue,
                    value => value.ok().flatten().unwrap_or_default(),
                };
                if value.is_null() || value.as_text().is_some_and(|text| text.is_empty()) {
                    names.push_str(if names.is_empty() { "empty-" } else { "-" });
                    names.extend(name.chars().filter(char::is_ascii_alphanumeric));
                }
            }
        }
        names.truncate(60);
        names
    }
}

// Apart, and so not compiled before a config has a form: docs/performance.md.
#[cold]
#[inline(never)]
fn read_form(place: ConfigValue, secrets: &Secrets) -> Content {
    if place.kind != Kind::Object {
        place.refuse("must be an object: its keys are the fields of the form");
    }
    let mapping = Mapping::read_fields(place, &Forms::form(secrets));
    if let Mapping::Object(fields) = &mapping {
        for (_, field) in fields {
            refuse_brackets(place, field);
        }
    }
    Content::Form(mapping)
}

/// A name inside another one is in brackets, so it cannot hold any.
fn refuse_brackets(place: ConfigValue, mapping: &Mapping) {
    match mapping {
        Mapping::Object(fields) => {
            for (name, field) in fields {
                if !is_inner_name(name) {
                    place.refuse_text(
                        "has a field ",
                        name,
                        " inside another one: a name in a form has no `[` or `]` and is not empty",
                    );
                }
                refuse_brackets(place, field);
            }
        }
        Mapping::List(items) => items.iter().for_each(|item| refuse_brackets(place, item)),
        Mapping::Expression(_) | Mapping::Literal(_) | Mapping::Form(_) => {}
    }
}

fn is_inner_name(name: &str) -> bool {
    !name.is_empty() && is_whole(name) && !has(name, "[]")
}

/// An object as a form.
#[inline(never)]
fn form(fields: &Val) -> Result<Text, Unbuildable> {
    let mut form = String::new();
    add_field("", fields, &mut form).ok_or(Unbuildable::Invalid("body-form"))?;
    Ok(Text::new(&form))
}

/// Adds a field of this name, or the fields of an object or a list; `None` where one would not be read back as it is.
fn add_field(name: &str, value: &Val, form: &mut String) -> Option<()> {
    let mut keys = Vec::new();
    match value.kind() {
        // As in JSON.
        Kind::Null => {}
        Kind::Object => keys = value.keys(),
        Kind::List => {
            for index in 0..value.len() {
                keys.push(decimal(u32::try_from(index).ok()?));
            }
        }
        Kind::Text | Kind::Number | Kind::Bool => {
            form.push_str(if form.is_empty() { "" } else { "&" });
            form.push_str(name);
            form.push('=');
            encode(&plain(value)?, true, form);
        }
    }
    for (index, key) in keys.iter().enumerate() {
        // The outermost names are the config's.
        let (open, close) = if name.is_empty() { ("", "") } else { ("[", "]") };
        if !name.is_empty() && !is_inner_name(key) {
            return None;
        }
        let mut full = [name, open].concat();
        encode(key, true, &mut full);
        full.push_str(close);
        let inner = if value.kind() == Kind::List { value.at(index) } else { value.get(key) };
        add_field(&full, &inner, form)?;
    }
    Some(())
}
