//! How many items each bin may hold.

/// The limits on the number of items in bins, and the numbers so far.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    count: Vec<u32>,
    /// The most items in a bin.
    most: u32,
    /// How many bins may hold as many as that.
    full_bins: usize,
    /// How many do.
    full: usize,
    /// Whether any number is forbidden.
    limited: bool,
    /// Whether the numbers may differ by one at most.
    equal: bool,
}

impl Counts {
    /// The limits of `n` items in `k` bins, all empty. Equal counts differ by one at most.
    pub fn new(n: usize, k: usize, max_count: Option<usize>, equal_count: bool) -> Self {
        let most = if equal_count { n.div_ceil(k) } else { max_count.unwrap_or(n).min(n) };
        let full_bins = if equal_count && !n.is_multiple_of(k) { n % k } else { k };
        let limited = equal_count || most < n;
        Self { count: vec![0; if limited { k } else { 0 }], most: most as u32, full_bins, full: 0, limited, equal: equal_count }
    }

    /// Whether any number of items is forbidden.
    pub fn limited(&self) -> bool {
        self.limited
    }

    /// Whether the numbers of items in two bins may differ by one at most.
    pub fn equal(&self) -> bool {
        self.equal
    }

    /// The most items in a bin, and how many bins may hold as many, if any number is forbidden.
    pub fn limits(&self) -> Option<(usize, usize)> {
        self.limited.then_some((self.most as usize, self.full_bins))
    }

    /// Whether a bin may take one more item.
    #[inline]
    pub fn open(&self, bin: usize) -> bool {
        !self.limited || self.count[bin] + 1 < self.most || (self.count[bin] + 1 == self.most && self.full < self.full_bins)
    }

    /// Counts an item into an open bin.
    #[inline]
    pub fn add(&mut self, bin: usize) {
        if self.limited {
            self.count[bin] += 1;
            self.full += usize::from(self.count[bin] == self.most);
        }
    }

    /// The same limits with all bins empty.
    pub fn cleared(&self) -> Self {
        Self { count: vec![0; self.count.len()], full: 0, ..*self }
    }

    /// Whether bins of these items respect the limits, which must be a largest count alone.
    pub fn allow(&self, bin: &[u32]) -> bool {
        let mut counts = self.cleared();
        bin.iter().all(|&b| {
            let open = counts.open(b as usize);
            if open {
                counts.add(b as usize);
            }
            open
        })
    }
}
