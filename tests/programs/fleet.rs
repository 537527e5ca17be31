//! `npm run fleet`: what the guard does in each kind of outage, as tables.
//!
//! A file of its own, so that inside WebAssembly nothing is left of it.
#![cfg_attr(target_family = "wasm", no_main)]
#![allow(unreachable_pub, reason = "the crate is a program")]

#[cfg(not(target_family = "wasm"))]
#[path = "../native/clock.rs"]
mod clock;
#[cfg(not(target_family = "wasm"))]
#[path = "../native/fleet/mod.rs"]
mod fleet;
#[cfg(not(target_family = "wasm"))]
#[path = "../native/fleet/table.rs"]
mod table;

#[cfg(not(target_family = "wasm"))]
fn main() -> std::process::ExitCode {
    table::main()
}
