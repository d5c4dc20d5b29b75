//! A tree over the intervals of one machine by their earliest starts, which knows when sets of them complete at the earliest
//! (Vilim 2004).
//!
//! Some intervals are in the set, others are optional: the tree also knows the latest of the completion times of the set with one
//! optional interval more, and which one that is.

/// Earlier than every time.
const NEVER: i64 = i64::MIN / 4;
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Node {
    /// Total length of the set, and its earliest completion.
    sum: i64,
    end: i64,
    /// The same with one optional interval more, and which.
    optional_sum: i64,
    optional_end: i64,
    in_sum: u32,
    in_end: u32,
}

const EMPTY: Node = Node { sum: 0, end: NEVER, optional_sum: NEVER, optional_end: NEVER, in_sum: NONE, in_end: NONE };

/// The tree; its leaves are places in the order of earliest starts.
#[derive(Debug, Default)]
pub struct ThetaTree {
    nodes: Vec<Node>,
    leaves: usize,
}

impl ThetaTree {
    /// The set of all intervals, given by start and length in the order of their starts.
    pub fn fill(&mut self, intervals: impl ExactSizeIterator<Item = (i32, i32)>) {
        self.leaves = intervals.len().next_power_of_two();
        self.nodes.resize(2 * self.leaves, EMPTY);
        let count = intervals.len();
        for (place, (start, length)) in intervals.enumerate() {
            let (start, length) = (i64::from(start), i64::from(length));
            self.nodes[self.leaves + place] = Node { sum: length, end: start + length, ..EMPTY };
        }
        self.nodes[self.leaves + count..].fill(EMPTY);
        for k in (1..self.leaves).rev() {
            self.update(k);
        }
    }

    /// The earliest completion of the set.
    pub fn end(&self) -> i64 {
        self.nodes[1].end
    }

    /// The latest of the earliest completions of the set with one optional interval more, and the place of that one.
    pub fn optional_end(&self) -> Option<(i64, usize)> {
        let Node { optional_end, in_end, .. } = self.nodes[1];
        (in_end != NONE).then_some((optional_end, in_end as usize))
    }

    /// Makes an interval of the set optional.
    pub fn make_optional(&mut self, place: usize) {
        let Node { sum, end, .. } = self.nodes[self.leaves + place];
        let place_of = place as u32;
        self.set(place, Node { optional_sum: sum, optional_end: end, in_sum: place_of, in_end: place_of, ..EMPTY });
    }

    /// Takes an interval away.
    pub fn remove(&mut self, place: usize) {
        self.set(place, EMPTY);
    }

    fn set(&mut self, place: usize, node: Node) {
        let mut k = self.leaves + place;
        self.nodes[k] = node;
        while k > 1 {
            k /= 2;
            self.update(k);
        }
    }

    #[inline]
    fn update(&mut self, k: usize) {
        let (left, right) = (self.nodes[2 * k], self.nodes[2 * k + 1]);
        let (with_left, with_right) = (left.optional_sum + right.sum, left.sum + right.optional_sum);
        let (optional_sum, in_sum) = if with_left >= with_right { (with_left, left.in_sum) } else { (with_right, right.in_sum) };
        let mut optional_end = right.optional_end;
        let mut in_end = right.in_end;
        for (end, place) in [(left.end + right.optional_sum, right.in_sum), (left.optional_end + right.sum, left.in_end)] {
            if place != NONE && end > optional_end {
                (optional_end, in_end) = (end, place);
            }
        }
        self.nodes[k] = Node {
            sum: left.sum + right.sum,
            end: right.end.max(left.end + right.sum),
            optional_sum,
            optional_end,
            in_sum,
            in_end,
        };
    }
}
