//! `npm run soak`: the simulation of the tests, for a million logins.
//!
//! A file of its own, so that inside WebAssembly nothing is left of it.
#![cfg_attr(target_family = "wasm", no_main)]
#![allow(unreachable_pub, reason = "the crate is a program")]

#[cfg(not(target_family = "wasm"))]
#[path = "../native/clock.rs"]
mod clock;
#[cfg(not(target_family = "wasm"))]
#[path = "../native/simulation/mod.rs"]
mod simulation;
#[cfg(not(target_family = "wasm"))]
#[path = "../native/simulation/soak.rs"]
mod soak;

#[cfg(not(target_family = "wasm"))]
fn main() -> std::process::ExitCode {
    soak::main()
}
