//! The seam over `serde_json` does what the seam's table says; `wasm.rs` says the same of the seam over JavaScript.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads best as a table"
)]

mod common;

use login_sync::native::Native;

#[test]
fn the_table_holds_natively() {
    for (name, check) in common::seam::checks::<Native>() {
        println!("{name}");
        check();
    }
}
