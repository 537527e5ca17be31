//! The seam over `serde_json` does what the seam's table says; `wasm.rs` says the same of the seam over JavaScript.

use login_sync::Native;

#[test]
fn the_table_holds_natively() {
    for (name, check) in crate::common::seam::checks::<Native>() {
        println!("{name}");
        check();
    }
}
