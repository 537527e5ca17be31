//! What lives as long as the instance. In the wasm nothing of it is ever dropped: an instance ends as a whole, and the code
//! that would drop a config part by part weighs 1 % of the paste. Natively, where one process reads many configs, it is.

#[cfg(target_arch = "wasm32")]
pub use std::mem::ManuallyDrop as Kept;

/// A value that is kept.
#[cfg(not(target_arch = "wasm32"))]
pub type Kept<T> = Box<T>;
