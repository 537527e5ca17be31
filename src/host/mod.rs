//! The seam to the host: what a value is, how one is read, made and kept. The one room, with `wasm.rs`, that names
//! JavaScript.
//!
//! Imports nothing of the other rooms.

pub(crate) mod constant;
#[cfg(target_arch = "wasm32")]
pub(crate) mod js;
pub(crate) mod kept;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod native;
pub(crate) mod text;
pub(crate) mod value;
