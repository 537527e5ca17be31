//! The engine's native tests: one crate, a module for each behaviour, most of them tables on a clock of their own.
//!
//! `common` is the stage on which logins are played; `simulation` the worlds of `worlds` and of `npm run soak`; `fleet` the
//! instances of `outages` and of `npm run fleet`; `clock` is the time of both.
//! One module alone: `cargo test --test native breaker::`.
#![cfg(not(target_family = "wasm"))]
#![allow(unreachable_pub, reason = "the crate is the tests themselves")]
#![allow(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod answer;
mod bodies;
mod breaker;
mod chains;
mod claims;
mod cleeng;
mod clock;
mod common;
mod compliance;
mod config;
mod config_request;
mod crm;
mod event_streams;
mod expression;
mod expression_functions;
mod expression_oracle;
mod expression_refused;
mod failed;
mod fleet;
mod flow;
mod flow_kept;
mod flows;
mod forms;
mod functions;
mod line;
mod log;
mod messages;
mod metrics;
mod okta_workflows;
mod outages;
mod outputs;
mod outputs_read;
mod patience;
mod policy;
mod presets;
mod records;
mod registration;
mod request;
mod retry;
mod reuse;
mod rooms;
mod root;
mod rotation;
mod rules;
mod scope;
mod seam;
mod shadow;
mod simulation;
mod token;
mod tokens;
mod tokens_failed;
mod userhub;
mod webhook;
mod worlds;
