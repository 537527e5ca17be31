//! Async inside, sans-IO outside.
//!
//! A login is an ordinary `async fn` over [`Driver`]. It never awaits the host: it asks for something and is pending;
//! the engine hands what it asked for to its driver, and polls it again when an answer has arrived. So every
//! call into the engine is synchronous, time comes in as a value, and a native test can drive a million logins on a
//! clock of its own.

use crate::host::value::Val;
use crate::request::template::Request;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What a login asks its driver to do.
#[derive(Debug)]
pub enum Effect {
    /// Send this, answer with what comes back.
    Send(Request),
    /// Answer after so many milliseconds. Asked again under the same number, the new time counts.
    Wait(u32),
    /// The login has given up what was asked for under this number; it stays on the line of this system all the same,
    /// and what comes of it goes to `Engine::overhear`, even when the login is over.
    Stay(usize),
}

/// What the driver brings back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status; 0 when there is none.
    pub status: u16,
    /// The body, as a string.
    pub body: Val,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// Why there is no answer: [`TIMEOUT`], [`TOO_LARGE`], [`STALE`], or the host's code such as `ECONNREFUSED`. With a
    /// status, why its body cannot be read: one of [`UNREADABLE`].
    pub error: Option<String>,
}

/// The whole time of a try is over.
pub const TIMEOUT: &str = "timeout";
/// The answer is larger than anyone needs (1 MiB).
pub const TOO_LARGE: &str = "too-large";
/// What an answer's body may be instead of a text: nothing; bytes that are none in its charset; compressed in a way that is
/// not known; broken or cut off in its compression.
pub const UNREADABLE: [&str; 4] = ["empty", "charset", "content-encoding", "decompress"];
/// A kept-alive connection had been closed by the other side; nothing came back.
pub const STALE: &str = "stale";

/// The time, as the driver knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Now {
    /// Milliseconds since 1970, for what other systems say about time. It may jump.
    pub wall: f64,
    /// Milliseconds of a clock that only goes forward, for budgets and waits.
    pub tick: f64,
}

/// The number of an effect, unique within its login.
pub type EffectId = u32;

/// The driver, as a login sees it: its only way to the outside. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Driver(Rc<Inner>);

#[derive(Default)]
struct Inner {
    now: Cell<Now>,
    next: Cell<EffectId>,
    asked: RefCell<Vec<(EffectId, Effect)>>,
    arrived: RefCell<Vec<(EffectId, Answer)>>,
}

impl Driver {
    /// The time of the latest call in.
    pub(crate) fn now(&self) -> Now {
        self.0.now.get()
    }

    /// Asks, and is pending until the answer has arrived.
    pub(crate) fn ask(&self, effect: Effect) -> impl Future<Output = Answer> + use<'_> {
        let id = self.number();
        self.0.asked.borrow_mut().push((id, effect));
        self.answer_to(id)
    }

    /// A number for something to be asked under.
    pub(crate) fn number(&self) -> EffectId {
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        id
    }

    /// Asks under a number.
    pub(crate) fn ask_as(&self, id: EffectId, effect: Effect) {
        self.0.asked.borrow_mut().push((id, effect));
    }

    /// Pending until the answer to this number has arrived.
    pub(crate) fn answer_to(&self, id: EffectId) -> impl Future<Output = Answer> + use<'_> {
        poll_fn(move |_| self.take(id).map_or(Poll::Pending, Poll::Ready))
    }

    /// The driver's side: an answer arrives.
    pub(crate) fn arrive(&self, id: EffectId, answer: Answer) {
        self.0.arrived.borrow_mut().push((id, answer));
    }

    /// The driver's side: it is now so late.
    pub(crate) fn set_now(&self, now: Now) {
        self.0.now.set(now);
    }

    /// The driver's side: what has been asked for since the last time.
    pub(crate) fn take_effects(&self) -> Vec<(EffectId, Effect)> {
        self.0.asked.take()
    }

    #[inline(never)]
    fn take(&self, id: EffectId) -> Option<Answer> {
        let mut arrived = self.0.arrived.borrow_mut();
        let at = arrived.iter().position(|(of, _)| *of == id)?;
        Some(arrived.swap_remove(at).1)
    }
}

/// A future that owns or borrows what it needs.
pub(crate) type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Polls without a waker: the engine knows itself when to poll again.
pub(crate) fn poll<T>(task: &mut Task<'_, T>) -> Poll<T> {
    task.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Panics when told to, for the tests of what a panic does.
#[cfg(feature = "test-panic")]
pub(crate) fn panic_on_request(told: bool) {
    assert!(!told, "a panic on request");
}
