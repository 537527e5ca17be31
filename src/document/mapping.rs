//! A mapping: a document in which **every string is an expression and anything else is itself**, but for a few objects that
//! are value forms (`form.rs`): a secret, a signature, a token, a value with a condition.
//!
//! Bodies, claims and metadata are mappings, so one rule is learnt once.

mod form;
mod jwt;

pub(crate) use form::{Form, Forms};
pub(crate) use jwt::not_ours;

use crate::document::config_value::ConfigValue;
use crate::expression::Expression;
use crate::host::constant::Constant;
use crate::host::text::Text;
use crate::host::value::{FIRST_UNSAFE, Kind, Val, Value};

/// How deep a mapping may be nested. What an admin writes is two or three deep; an answer's shape is not copied here.
const DEEPEST: usize = 16;

/// A value with holes that a scope fills.
pub(crate) enum Mapping {
    /// A string of the document: what the expression gives.
    Expression(Expression),
    /// A number, a boolean or null: itself.
    Literal(Constant),
    /// A list of mappings.
    List(Vec<Mapping>),
    /// An object of mappings, in the document's order.
    Object(Vec<(Text, Mapping)>),
    /// What a value form gives.
    Form(Box<Form>),
}

/// Null. What a reader that found no mapping goes on with.
impl Default for Mapping {
    fn default() -> Self {
        Mapping::Literal(Constant::default())
    }
}

/// Fills a buffer with random bytes; `false` when there are none to be had. A value, so that a simulation can be
/// repeated.
pub(crate) type Entropy = fn(&mut [u8]) -> bool;

/// What a mapping is filled with.
#[derive(Clone, Copy)]
pub(crate) struct Filling<'a> {
    /// What expressions read.
    pub scope: &'a Val,
    /// Whether a field whose value is null stays.
    pub nulls: bool,
    /// Whether a form that gives none gives null: nothing of it may be missing.
    pub whole: bool,
    /// For forms that take more than the scope. Without it they give what they have of the scope: so a key is made that
    /// holds no secret, and is another one where something else is signed.
    pub means: Option<&'a Means<'a>>,
}

/// What forms take beyond the scope.
pub(crate) struct Means<'a> {
    /// The Action's secrets, by name.
    pub secrets: &'a Val,
    /// Which of several that are set.
    pub rotation: usize,
    /// Milliseconds since 1970.
    pub now: f64,
    /// Where ids come from.
    pub entropy: Entropy,
    /// The token of another system.
    pub token: Option<&'a Text>,
    /// The body of the request, for its headers.
    pub body: Option<&'a Text>,
}

impl<'a> Filling<'a> {
    /// The scope alone.
    pub(crate) fn of(scope: &'a Val) -> Self {
        Self { scope, nulls: false, whole: false, means: None }
    }
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfilled {
    /// A secret that it needs is not set.
    NoSecret,
    /// Something would not be what it must be; a word on that for the log.
    Invalid(&'static str),
}

impl Unfilled {
    /// An expression failed, or what it gives cannot be written.
    pub(crate) const EXPRESSION: Self = Self::Invalid("expression");
}

impl Mapping {
    /// Reads the mapping here, which may have these forms.
    pub(crate) fn read(place: ConfigValue, forms: &Forms) -> Self {
        Self::read_nested(place, forms, DEEPEST)
    }

    /// The same, where an object is a mapping whatever its keys are.
    pub(crate) fn read_fields(place: ConfigValue, forms: &Forms) -> Self {
        if place.kind == Kind::Object {
            Self::read_object(place, forms, DEEPEST)
        } else {
            Self::read(place, forms)
        }
    }

    fn read_nested(place: ConfigValue, forms: &Forms, deeper: usize) -> Self {
        if deeper == 0 {
            place.refuse("is nested too deep: at most 16 levels");
            return Mapping::default();
        }
        match place.kind {
            Kind::Text => Mapping::Expression(place.expression()),
            Kind::List => {
                let mut list = Vec::new();
                for item in place.items("mappings") {
                    list.push(Self::read_nested(item, forms, deeper - 1));
                }
                Mapping::List(list)
            }
            Kind::Object => match Form::read_in(place, forms) {
                Some(form) => Mapping::Form(Box::new(form)),
                None => Self::read_object(place, forms, deeper),
            },
            Kind::Null | Kind::Bool | Kind::Number => {
                if place.value.as_f64().is_some_and(|number| number.abs() >= FIRST_UNSAFE) {
                    place.refuse(
                        "is too large for JavaScript to keep its last digits: write it as a string, \"'…'\"",
                    );
                }
                Mapping::Literal(Constant::new(&place.value))
            }
        }
    }

    fn read_object(place: ConfigValue, forms: &Forms, deeper: usize) -> Self {
        let mut object = Vec::new();
        for key in place.keys() {
            let field = place.needed(key);
            if key == "__proto__" {
                field.refuse("`__proto__` cannot be a key: choose another name");
            }
            object.push((Text::new(key), Self::read_nested(field, forms, deeper - 1)));
        }
        Mapping::Object(object)
    }

    /// Whether it asks the scope for anything; else it is the same for all.
    pub(crate) fn asks(&self) -> bool {
        match self {
            Mapping::Expression(expression) => expression.literal().is_none(),
            Mapping::Literal(_) => false,
            Mapping::List(list) => list.iter().any(Self::asks),
            Mapping::Object(object) => object.iter().any(|(_, mapping)| mapping.asks()),
            Mapping::Form(form) => form.asks(),
        }
    }

    /// Whether any of what it asks for was there: `value` is what it was filled to.
    pub(crate) fn found(&self, value: &Val) -> bool {
        match self {
            Mapping::Expression(_) | Mapping::Literal(_) | Mapping::Form(_) => {
                self.asks() && !value.is_null()
            }
            Mapping::List(list) => {
                list.iter().enumerate().any(|(index, mapping)| mapping.found(&value.at(index)))
            }
            Mapping::Object(object) => object.iter().any(|(key, mapping)| mapping.found(&value.field(key))),
        }
    }

    /// Whether nothing is left of it: `value` is what it was filled to. An object without fields is meant to be one.
    pub(crate) fn is_empty(&self, value: &Val) -> bool {
        match self {
            Mapping::Object(object) if !object.is_empty() => {
                object.iter().all(|(key, mapping)| mapping.is_empty(&value.field(key)))
            }
            _ => value.is_null(),
        }
    }

    /// The value for this scope, as it may be sent or set; `None` where a form says that there is to be none. A field
    /// whose value is null is left out, as `JSON.stringify` leaves out what is undefined; in a list it stays null.
    pub(crate) fn fill(&self, with: Filling) -> Result<Option<Val>, Unfilled> {
        match self.fill_nested(&with)? {
            Some(value) => value.writable().map(Some).ok_or(Unfilled::EXPRESSION),
            None => Ok(None),
        }
    }

    fn fill_nested(&self, with: &Filling) -> Result<Option<Val>, Unfilled> {
        Ok(Some(match self {
            Mapping::Expression(expression) => {
                expression.evaluate(with.scope).map_err(|_| Unfilled::EXPRESSION)?
            }
            Mapping::Literal(constant) => constant.value().clone(),
            Mapping::List(list) => {
                let mut items = Vec::with_capacity(list.len());
                for mapping in list {
                    items.extend(mapping.fill_nested(with)?);
                }
                Val::from_list(items)
            }
            Mapping::Object(object) => {
                let mut fields = Vec::with_capacity(object.len());
                for (key, mapping) in object {
                    fields.extend(mapping.fill_nested(with)?.map(|value| (key, value)));
                }
                if with.nulls { Val::from_fields(fields) } else { Val::from_present(fields) }
            }
            Mapping::Form(form) => return form.fill(with),
        }))
    }
}
