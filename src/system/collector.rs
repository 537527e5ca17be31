//! What the config says about metrics: where they go, and how often.

use crate::document::config_value::ConfigValue;
use crate::document::secrets::Secrets;
use crate::host::text::has;
use crate::host::value::{Kind, Val, Value};
use crate::request::template::RequestTemplate;

/// Where metrics go, and how often.
pub(crate) struct Collector {
    /// Its body is the host's.
    pub request: RequestTemplate,
    /// At most one in so many milliseconds.
    pub every_ms: f64,
}

impl Collector {
    /// Reads the field `metrics`. A secret that is not set refuses no login: then nothing is sent.
    // Apart, and so not compiled where a config has none.
    #[cold]
    #[inline(never)]
    pub(crate) fn read(place: ConfigValue) -> Self {
        let before = place.problems();
        place.knows_only("url headers everySeconds");
        place.fields_of("headers", false, &mut |_, header| {
            // What else a header may be is made of a login.
            if header.kind == Kind::Object {
                header.knows_only("secret bearer basic prefix optional");
            }
        });
        // One mistake is said once.
        let good = place.problems() == before;
        let every = place.whole_of("everySeconds", 60, 10, 3_600, " of seconds");
        let object = || Val::from_object(Vec::new());
        let mut request = object().with("body", object()).with("idempotency", Val::from_bool(false));
        let mut url = place.needed("url");
        if url.value.as_text().is_some_and(|text| has(&text, "{")) {
            url.refuse("cannot have a `{name}`: write all of it, or use `{ \"secret\": NAME }`");
            url = url.replaced_by(Val::from_text("https://x"));
        }
        request = request.with("url", url.value.clone());
        if good {
            request = request.with("headers", place.value.get("headers"));
        }
        let request = RequestTemplate::read(place.replaced_by(request), &Secrets::under(""));
        Self { request, every_ms: f64::from(every) * 1000.0 }
    }
}
