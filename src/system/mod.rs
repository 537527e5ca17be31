//! One system: its entry in the config, and its part in a login. Is a request needed, may it be sent, what does the answer
//! mean, is it tried again, what is kept of it?
//!
//! May import `host`, `expression`, `document` and `request`.

pub(crate) mod breaker;
pub(crate) mod collector;
pub(crate) mod context;
pub(crate) mod entry;
pub(crate) mod failed;
pub(crate) mod finished;
pub(crate) mod grant;
pub(crate) mod guard;
pub(crate) mod memory;
pub(crate) mod metrics;
pub(crate) mod outcome;
pub(crate) mod patience;
pub(crate) mod policy;
pub(crate) mod presets;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod reuse;
pub(crate) mod step;
pub(crate) mod sync;
pub(crate) mod token_source;
pub(crate) mod users;
