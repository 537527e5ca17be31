//! What an answer means when it arrives: the policy's table of outcomes, said a second time.

use super::plan::SystemPlan;
use super::story::Arrived;
use super::systems::{Fault, Reply};
use login_sync::{Now, STALE, TIMEOUT, TOO_LARGE, Value};
use serde_json::Value as Json;
use std::time::UNIX_EPOCH;

/// An answer as it arrives. A sync forgives one stale connection; `stale_before` says that it has had its one.
pub fn arrive(plan: &SystemPlan, stale_before: bool, reply: &Reply, now: Now) -> Arrived {
    let answer = &reply.answer;
    let status = answer.status;
    let counts =
        if plan.success.is_empty() { (200..300).contains(&status) } else { plan.success.contains(&status) };
    let mut body = Json::Null;
    let means = match answer.error.as_deref() {
        Some(STALE) if !stale_before => "stale",
        Some(TOO_LARGE) => "invalid",
        Some(_) => "unavailable",
        None if counts && !plan.reads_answers() && !plan.gives_whole => "ok",
        // An empty body that others read whole is null.
        None if counts && !plan.reads_answers() && !answer.body.is_truthy() => "ok",
        None if counts => {
            let text = answer.body.as_text().unwrap_or_default();
            body = serde_json::from_str(&text).unwrap_or_default();
            let json = text == "null" || !body.is_null();
            // Some say no with a status of success.
            let refused = plan.is_source() && !body["access_token"].is_string() && !body["error"].is_null();
            let good_token = plan.token.is_none_or(|field| {
                let unexpired = reply.expires.is_none_or(|expires| expires > now.wall);
                body[field].is_string() && reply.fault != Fault::BadToken && unexpired
            });
            match (json, plan.expects && body["id"].is_null(), good_token) {
                _ if refused => "unauthorized",
                (true, true, _) => "rejected",
                (true, false, true) => "ok",
                _ => "invalid",
            }
        }
        None => match status {
            400 if plan.is_source() => "unauthorized",
            401 | 403 => "unauthorized",
            409 => "conflict",
            408 | 425 | 429 | 500..=599 => "unavailable",
            400..=499 => "rejected",
            _ => "invalid",
        },
    };
    if means != "ok" {
        body = Json::Null;
    }
    let no_answer = answer.error.is_some() && means == "unavailable";
    let may_pass =
        no_answer || (!counts && matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 520..=524 | 530));
    let retry_after = answer.retry_after.as_deref().and_then(|text| asked_ms(text, now.wall));
    let too_late =
        answer.error.as_deref() == Some(TIMEOUT) && !matches!(reply.fault, Fault::Silent | Fault::Drip);
    let fault = if too_late { Fault::Slow } else { reply.fault };
    Arrived {
        tick: now.tick,
        fault,
        status,
        means,
        may_pass,
        retry_after,
        known: false,
        in_vain: false,
        body,
    }
}

/// A `Retry-After`, in milliseconds from now; `None` when it says nothing.
fn asked_ms(text: &str, wall: f64) -> Option<f64> {
    let text = text.trim();
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse::<f64>().ok().map(|seconds| seconds * 1_000.0);
    }
    let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((since.as_millis() as f64 - wall).max(0.0))
}
