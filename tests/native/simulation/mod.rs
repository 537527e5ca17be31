//! The world that logins are run in: everything that the engine meets outside, made up from one seed.
//!
//! `configs.rs` writes what an admin might write (`plan.rs` says what it means), `people.rs` who logs in, `tokens.rs` the access tokens that entries send, `systems.rs`
//! what the other systems answer and how they fail; `shim.rs` plays the shim between them on a clock (`../clock.rs`) of its own,
//! `story.rs` keeps what one login did, and **`invariants.rs` says what must hold whatever happens: the failure policy, as a list.**
//!
//! Nothing here calls the parts of the engine that it judges: what a status means (`answers.rs`) or whom the guard
//! refuses (`guard.rs`) is said a second time, in the words of the policy.
#![allow(dead_code, reason = "the tests and the soak each use a part")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::struct_excessive_bools,
    reason = "a simulation's numbers are small, its configs are full of switches, and it fails by panicking"
)]

pub mod answers;
pub mod auth0;
pub mod conduct;
pub mod configs;
pub mod guard;
pub mod invariants;
pub mod links;
pub mod outcomes;
pub mod people;
pub mod plan;
pub mod report;
pub mod shim;
pub mod story;
pub mod systems;
pub mod takings;
pub mod tokens;
pub mod world;
