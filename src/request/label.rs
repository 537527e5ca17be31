//! One label of a url's host that is not in the url: a secret, or a constant text. No event and no answer can be.

use crate::document::mapping::{Mapping, Means};
use crate::host::text::{Text, cut, parts, until};
use crate::host::value::Value;
use crate::request::attempt::Unbuildable;
use crate::request::scope::Scope;

/// The label, and the host before and after it.
pub(crate) struct Label {
    before: String,
    mapping: Mapping,
    after: String,
}

impl Label {
    /// What this gives, between these parts of a host. A port ends the last one.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(before: &str, mapping: Mapping, after: &str) -> Self {
        Self { before: before.to_ascii_lowercase(), mapping, after: until(after, ":").to_ascii_lowercase() }
    }

    /// Whether it is a secret, or a text that makes a host.
    pub(crate) fn is_fixed(&self) -> bool {
        match &self.mapping {
            Mapping::Form(_) => true,
            Mapping::Expression(expression) => {
                let text = expression.literal().and_then(Value::as_text);
                self.host_of(&text.unwrap_or_default()).is_some()
            }
            _ => false,
        }
    }

    /// The host with this label in its place.
    #[cold]
    #[inline(never)]
    pub(crate) fn host(&self, scope: &Scope, means: &Means) -> Result<Text, Unbuildable> {
        let value = self.mapping.fill(scope.filling(Some(means)))?.and_then(|value| value.as_text());
        self.host_of(&value.unwrap_or_default()).ok_or(Unbuildable::Invalid("url-host"))
    }

    fn host_of(&self, label: &str) -> Option<Text> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let ends = label.starts_with('-') || label.ends_with('-') || label.is_empty();
        let host = [&self.before, label, &self.after].concat().to_ascii_lowercase();
        (!ends && label.len() < 64 && host.len() < 254 && label.bytes().all(plain)).then(|| Text::new(&host))
    }
}

/// A url with a `{name}` in its host: the host before it, the name, the host and port after it, and the path. None where
/// that is no whole label with two more after it.
#[cold]
#[inline(never)]
pub(crate) fn cut_label(text: &str) -> Option<[&str; 4]> {
    let rest = text.strip_prefix("https://")?;
    let authority = until(rest, "/?#");
    let path = rest.get(authority.len()..)?;
    let (before, rest) = cut(authority, "{")?;
    let (name, after) = cut(rest, "}")?;
    let whole = (before.is_empty() || before.ends_with('.')) && after.starts_with('.');
    (whole && parts(after, ".").len() > 2).then_some([before, name, after, path])
}
