//! Time: what is due when. The tick only goes forward; the wall clock, which the engine sees too, jumps both ways.
#![allow(dead_code, reason = "the simulation, the fleets and their tables each use a part")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    reason = "a simulation's numbers are small, and it fails by panicking"
)]

use login_sync::Now;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// 2026-01-01, when the worlds begin.
const GENESIS: f64 = 1_767_225_600_000.0;

/// A clock, and what will happen by it.
pub struct Clock<T> {
    tick_us: u64,
    wall_ahead: f64,
    queue: BinaryHeap<Reverse<Due<T>>>,
    orders: u64,
}

/// Something that is due. What was ordered first comes first, of what is due at the same time.
struct Due<T> {
    at_us: u64,
    order: u64,
    what: T,
}

impl<T> Clock<T> {
    /// A clock whose tick has come so far, in microseconds.
    pub fn new(tick_us: u64) -> Self {
        Self { tick_us, wall_ahead: 0.0, queue: BinaryHeap::new(), orders: 0 }
    }

    /// Milliseconds of the clock that only goes forward.
    pub fn tick(&self) -> f64 {
        self.tick_us as f64 / 1_000.0
    }

    /// The time that other systems go by, in milliseconds since 1970.
    pub fn true_time(&self) -> f64 {
        (GENESIS + self.tick()).floor()
    }

    /// The time as the engine is told.
    pub fn now(&self) -> Now {
        Now { wall: self.true_time() + self.wall_ahead, tick: self.tick() }
    }

    /// The wall clock is set to another time.
    pub fn jump(&mut self, by_ms: f64) {
        self.wall_ahead += by_ms;
    }

    /// Lets something happen after so many milliseconds; the number of the order.
    pub fn order(&mut self, after_ms: f64, what: T) -> u64 {
        self.orders += 1;
        let at_us = self.tick_us + (after_ms.max(0.0) * 1_000.0) as u64;
        self.queue.push(Reverse(Due { at_us, order: self.orders, what }));
        self.orders
    }

    /// What happens next, and the number under which it was ordered. It is then so late.
    pub fn next(&mut self) -> Option<(u64, T)> {
        let Reverse(due) = self.queue.pop()?;
        self.tick_us = due.at_us;
        Some((due.order, due.what))
    }
}

impl<T> Ord for Due<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at_us, self.order).cmp(&(other.at_us, other.order))
    }
}

impl<T> PartialOrd for Due<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Due<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Due<T> {}
