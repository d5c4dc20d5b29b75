//! Who uses what when: timelines on which activities are placed one after the other.
//!
//! A timeline knows, in one direction of time, what calendars and the fixed past leave of every resource and what has been placed
//! since. All kernels give equal slots; which one serves is a question of speed.
//!
//! | kernel | file | chosen when | gain | oracle |
//! | --- | --- | --- | --- | --- |
//! | segments | `segments.rs` | always possible | | an enumeration tick by tick |
//! | slots | `slots.rs` | more than one pass is made, all times have a common tick, the horizon has at most 2^15 of them, and the lanes fit into 64 bits | 5.7 in the search and 2.8 in `serial_sgs_many`, on projects of 60 to 120 activities; 1.15 in a single pass, which is left to the segments | the segments |
//! | slots, AVX-512 | `simd.rs` | the processor has it | 1.6 in the search | its portable twin |

pub mod segments;
pub mod slots;
pub(crate) mod unary;

use self::segments::Slot;

/// What a schedule generation scheme asks of a timeline.
pub trait Timeline {
    /// Takes everything out that was placed.
    fn clear(&mut self);

    /// The earliest slot for an activity that starts at `from` or later; `None` if there is none within 2^53 ticks, or within the
    /// timeline's horizon.
    fn find(&mut self, activity: usize, from: i64) -> Option<Slot>;

    /// Places an activity into a slot that was just found.
    fn take(&mut self, activity: usize, slot: Slot);

    /// What it has cost so far, in looks at segments.
    fn seen(&self) -> u64;
}
