//! A mapping: a document in which **every string is an expression and anything else is itself**.
//!
//! Bodies, claims and metadata are mappings, so one rule is learnt once.

use crate::document::config_value::ConfigValue;
use crate::expression::{EvaluateError, Expression};
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
}

impl Mapping {
    /// Reads the mapping here.
    pub(crate) fn read(place: &ConfigValue) -> Self {
        Self::read_nested(place, DEEPEST)
    }

    fn read_nested(place: &ConfigValue, deeper: usize) -> Self {
        if deeper == 0 {
            place.refuse("is nested too deep: at most 16 levels");
            return Mapping::Literal(Constant::default());
        }
        match place.kind {
            Kind::Text => Mapping::Expression(place.expression()),
            Kind::List => {
                let mut list = Vec::new();
                for item in place.items("mappings") {
                    list.push(Self::read_nested(&item, deeper - 1));
                }
                Mapping::List(list)
            }
            Kind::Object => {
                let mut object = Vec::new();
                for key in &place.keys() {
                    let field = place.needed(key);
                    if key == "__proto__" {
                        field.refuse("`__proto__` cannot be a key: choose another name");
                    }
                    object.push((Text::new(key), Self::read_nested(&field, deeper - 1)));
                }
                Mapping::Object(object)
            }
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

    /// Whether it asks the scope for anything; else it is the same for all.
    pub(crate) fn asks(&self) -> bool {
        match self {
            Mapping::Expression(expression) => expression.literal().is_none(),
            Mapping::Literal(_) => false,
            Mapping::List(list) => list.iter().any(Self::asks),
            Mapping::Object(object) => object.iter().any(|(_, mapping)| mapping.asks()),
        }
    }

    /// Whether any of what it asks for was there: `value` is what it was filled to.
    pub(crate) fn found(&self, value: &Val) -> bool {
        match self {
            Mapping::Expression(_) | Mapping::Literal(_) => self.asks() && !value.is_null(),
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

    /// Whether nothing in it is null: `value` is what it was filled to.
    #[cold]
    #[inline(never)]
    pub(crate) fn is_whole(&self, value: &Val) -> bool {
        match self {
            Mapping::Object(object) => {
                object.iter().all(|(key, mapping)| mapping.is_whole(&value.field(key)))
            }
            Mapping::List(list) => {
                list.iter().enumerate().all(|(index, mapping)| mapping.is_whole(&value.at(index)))
            }
            Mapping::Expression(_) | Mapping::Literal(_) => holds_no_null(value),
        }
    }

    /// The value for this scope, as it may be sent or set. A field whose value is null is left out, as `JSON.stringify`
    /// leaves out what is undefined; in a list it stays null.
    pub(crate) fn fill(&self, scope: &Val) -> Result<Val, EvaluateError> {
        self.fill_nested(scope)?.writable().ok_or(EvaluateError::UNWRITABLE)
    }

    fn fill_nested(&self, scope: &Val) -> Result<Val, EvaluateError> {
        Ok(match self {
            Mapping::Expression(expression) => expression.evaluate(scope)?,
            Mapping::Literal(constant) => constant.value().clone(),
            Mapping::List(list) => {
                let mut items = Vec::with_capacity(list.len());
                for mapping in list {
                    items.push(mapping.fill_nested(scope)?);
                }
                Val::from_list(items)
            }
            Mapping::Object(object) => {
                let mut fields = Vec::with_capacity(object.len());
                for (key, mapping) in object {
                    fields.push((key, mapping.fill_nested(scope)?));
                }
                Val::from_present(fields)
            }
        })
    }
}

fn holds_no_null(value: &Val) -> bool {
    match value.kind() {
        Kind::Null => false,
        Kind::List => value.items().iter().all(holds_no_null),
        Kind::Object => value.values().items().iter().all(holds_no_null),
        Kind::Bool | Kind::Number | Kind::Text => true,
    }
}
