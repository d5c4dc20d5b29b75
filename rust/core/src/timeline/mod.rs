//! Timelines: which activity uses which resource at which time. Activities are placed on them one after the other.
//!
//! A timeline knows, in one direction of time, the capacity that calendars, the fixed past and the activities placed so far leave of
//! every resource. All kernels give equal slots; which one serves is a question of speed.
//!
//! | kernel | file | chosen when | gain | oracle |
//! | --- | --- | --- | --- | --- |
//! | segments | `segments.rs` | always possible | | an enumeration tick by tick |
//! | slots | `slots.rs` | more than one pass is made, no activity may overlap with a predecessor, all times have a common tick, the horizon has at most 2^15 of them, and the packed demands of all resources fit into 64 bits | 5.7 times in the search and 2.8 times in `serial_sgs_many`, on projects of 60 to 120 activities; 1.15 times in a single pass, which is left to the segments | the segments |
//! | slots, AVX-512 | `simd/avx512.rs` | the processor has it | 1.6 times in the search | its portable twin |
//! | slots, AVX2 | `simd/avx2.rs` | the processor has it, but not AVX-512 | 1.4 times in the search and in `serial_sgs_many` | its portable twin |

pub mod segments;
pub mod slots;
pub(crate) mod unary;

use self::segments::Slot;

/// What a schedule generation scheme asks of a timeline.
pub trait Timeline {
    /// Removes all placed activities.
    fn clear(&mut self);

    /// The earliest slot for an activity that starts at `from` or later; `None` if there is none within 2^53 ticks, or within the
    /// timeline's horizon.
    fn find(&mut self, activity: usize, from: i64) -> Option<Slot>;

    /// Places an activity into a slot that was just found.
    fn take(&mut self, activity: usize, slot: Slot);

    /// The number of segments read so far.
    fn segments_read(&self) -> u64;
}
