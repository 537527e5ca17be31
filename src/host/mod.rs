//! The seam to the host: what a value is, how one is read, made and kept. The one room, with `wasm.rs`, that names
//! JavaScript.
//!
//! Imports nothing of the other rooms.

pub mod constant;
#[cfg(target_arch = "wasm32")]
pub mod js;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
pub mod text;
pub mod value;
