//! One system in one login: is a request needed, may it be sent, what does the answer mean, is it tried again, what is
//! kept of it.
//!
//! May import `host`, `expression`, `document` and `request`.

pub mod breaker;
pub mod failed;
pub mod guard;
pub mod patience;
pub mod response;
pub mod retry;
pub mod reuse;
pub mod step;
pub mod sync;
pub mod users;
