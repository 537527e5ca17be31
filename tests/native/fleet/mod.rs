//! A fleet: many instances of the real engine, each of which knows only itself, with one system behind them all, on a
//! virtual clock. Logins arrive at random, whatever becomes of those before, each at some instance, each of somebody new.
//!
//! `upstream.rs` is the system and how it fails, `world.rs` plays the shim and keeps what happened, `measure.rs` makes
//! figures of it, `scenes.rs` says which outages there are. `../outages.rs` holds the bounds; `npm run fleet` prints the
//! table of docs/failure.md.
#![allow(dead_code, reason = "the tests and the table each use a part")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a simulation's numbers are small, and it fails by panicking"
)]

pub mod measure;
pub mod scenes;
pub mod upstream;
pub mod world;
