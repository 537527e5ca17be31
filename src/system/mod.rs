//! One system: its entry in the config, and its part in a login. Is a request needed, may it be sent, what does the answer
//! mean, is it tried again, what is kept of it?
//!
//! May import `host`, `expression`, `document` and `request`.

pub mod breaker;
pub mod context;
pub mod entry;
pub mod failed;
pub mod finished;
pub mod guard;
pub mod memory;
pub mod outcome;
pub mod patience;
pub mod policy;
pub mod presets;
pub mod response;
pub mod retry;
pub mod reuse;
pub mod step;
pub mod sync;
pub mod users;
