//! How the search is dosed: sizes that follow the budget, found on projects of 30 to 120 activities.

/// What the search is run with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Settings {
    /// Schedules in each population.
    pub population: usize,
    /// First solutions drawn for every place in the population.
    pub oversampling: usize,
    /// Of 100 first solutions, how many by the parallel scheme.
    pub parallel_percent: u64,
    /// Schedules after which children are decoded by the serial scheme.
    pub parallel_schedules: u64,
    /// Contenders for being the second parent.
    pub tournament: usize,
    /// Shifts in a child, on average: what keeps a long search of a small project moving only disturbs a large one.
    pub shifts: f64,
}

/// Entries of all first lists together: 64 MB.
const MOST_ENTRIES: f64 = 16e6;
const OVERSAMPLING: usize = 4;

impl Settings {
    /// Settings for about `schedules` schedules of `n` activities.
    ///
    /// Square roots alone, which are exact everywhere, so that a seed means the same on every machine.
    pub fn new(schedules: u64, n: usize) -> Self {
        let root = (schedules as f64).sqrt();
        // 0.046 b^(3/4): 27 at 5,000, 154 at 50,000, 3,300 at 3 million.
        let n = n.max(1) as f64;
        let most = MOST_ENTRIES / (OVERSAMPLING as f64 * n);
        let population = (0.046 * root * root.sqrt()).min(most);
        Self {
            population: population.clamp(12.0, 4000.0) as usize,
            oversampling: OVERSAMPLING,
            parallel_percent: 70,
            parallel_schedules: (1600.0 + 3.0 * root).min(0.3 * schedules as f64) as u64,
            tournament: 3,
            shifts: (50.0 * (60.0 / n).max(1.0) * root.min(350.0) / (n * n)).clamp(0.2, 5.0),
        }
    }

    /// The same for schedules on a timeline: none by the parallel scheme, and fewer samples, which cost more than children there.
    pub fn on_timeline(self) -> Self {
        Self { parallel_percent: 0, parallel_schedules: 0, oversampling: OVERSAMPLING / 2, ..self }
    }
}
