//! Fuzzing: any JSON as what an event holds, sent in a form. A server reads it back as it was, or nothing is sent and the
//! log says why.
#![no_main]

#[path = "../../tests/native/common/mod.rs"]
mod common;

use common::form::{parsed, sayable};
use common::{Stage, event, ok, one, with};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value as Json, json};

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Json>(bytes) else { return };
    let form = json!({"before": "'x'", "v": "user.user_metadata.v", "in": {"v": "user.user_metadata.v"}});
    let mut stage = Stage::new(one(json!({"request": {"form": form}})), json!({}));
    let end = stage.play(&with(event(), json!({"user": {"user_metadata": {"v": value}}})), |_| ok(json!({})));
    let Some(sent) = end.sent.first() else {
        assert!(["invalid:body-form", "invalid:body-expression"].contains(&end.why("crm").as_str()), "{}", end.log);
        return;
    };
    let mut wanted = json!({"before": "x"});
    if let Some(said) = sayable(&value) {
        wanted["v"] = said.clone();
        wanted["in"] = json!({"v": said});
    }
    let text = sent.request.body.as_deref().unwrap_or_default();
    assert_eq!(parsed(text), wanted, "{text}");
});
