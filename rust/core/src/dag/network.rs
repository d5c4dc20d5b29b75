//! The links between processors, and the time that data take on them.

use super::graph::{HORIZON, TaskGraph};
use crate::error::{Error, InputError, check_each, check_length};
use crate::memory;

/// Up to this many processors the links of a uniform network are summed one by one, as those of a matrix are; beyond, multiplied.
const MOST_SUMMED: usize = 256;

/// One number for every link, or a row-major matrix `[source, target]` whose diagonal is ignored.
#[derive(Debug, Clone, PartialEq)]
pub enum PerLink {
    /// One value for all links.
    Uniform(f64),
    /// `values[p * size + q]` for the link from `p` to `q`.
    Matrix {
        /// Row-major.
        values: Vec<f64>,
        /// Number of processors.
        size: usize,
    },
}

impl PerLink {
    #[inline]
    fn at(&self, p: usize, q: usize) -> f64 {
        match self {
            Self::Uniform(value) => *value,
            Self::Matrix { values, size } => values[p * size + q],
        }
    }

    fn size(&self) -> Option<usize> {
        match self {
            Self::Uniform(_) => None,
            Self::Matrix { size, .. } => Some(*size),
        }
    }

    /// The one value of all links; `None` if they differ.
    fn uniform(&self) -> Option<f64> {
        match self {
            Self::Uniform(value) => Some(*value),
            Self::Matrix { values, size } => {
                let mut links = links(*size).map(|(p, q)| values[p * size + q]);
                let first = links.next()?;
                links.all(|value| value == first).then_some(first)
            }
        }
    }

    /// The values for `size + 1` processors; without `new` the last one is like all others.
    fn with_processor(&self, size: usize, new: Option<&NewLinks>, field: &'static str, rules: &[Rule]) -> Result<Self, Error> {
        let uniform = self.uniform();
        let given = match (new, uniform) {
            (Some(new), _) => new.clone(),
            (None, Some(value)) => NewLinks::One(value),
            (None, None) => return Err(InputError::new(field, "must be given, because the links of the network differ").into()),
        };
        given.check(field, size, rules)?;
        if let (Self::Uniform(value), Some(_)) = (self, uniform)
            && (0..size).all(|p| given.at(p) == (*value, *value))
        {
            return Ok(self.clone());
        }
        let width = size + 1;
        memory::require(width.saturating_mul(width).saturating_mul(8))?;
        let mut values = vec![0.0; width * width];
        for (p, q) in links(size) {
            values[p * width + q] = self.at(p, q);
        }
        for p in 0..size {
            (values[p * width + size], values[size * width + p]) = given.at(p);
        }
        Ok(Self::Matrix { values, size: width })
    }

    /// The values of the first `size` processors.
    fn leading(&self, size: usize) -> Self {
        match self {
            Self::Uniform(_) => self.clone(),
            Self::Matrix { .. } => {
                let values = (0..size * size).map(|k| self.at(k / size, k % size)).collect();
                Self::Matrix { values, size }
            }
        }
    }

    /// Checks every link; the diagonal may hold anything.
    fn check(&self, field: &'static str, reason: &'static str, ok: impl Fn(f64) -> bool) -> Result<(), InputError> {
        match self {
            Self::Uniform(value) if ok(*value) => Ok(()),
            Self::Uniform(value) => Err(InputError::new(field, reason).value(*value)),
            Self::Matrix { values, size } => {
                if size.checked_mul(*size) != Some(values.len()) {
                    return Err(InputError::new(field, "must be a square matrix"));
                }
                let mut bad = links(*size).map(|(p, q)| (p, q, values[p * size + q])).filter(|&(_, _, value)| !ok(value));
                match bad.next() {
                    None => Ok(()),
                    Some((p, q, value)) => Err(InputError::new(field, reason).at([p, q], value).more(bad.count())),
                }
            }
        }
    }
}

/// The links between a processor that joins and all others.
#[derive(Debug, Clone, PartialEq)]
pub enum NewLinks {
    /// One value for all of them.
    One(f64),
    /// One value for each other processor, in both directions.
    Each(Vec<f64>),
    /// From each other processor to the new one, and back.
    EachWay {
        /// To the new processor.
        to: Vec<f64>,
        /// From the new processor.
        from: Vec<f64>,
    },
}

impl NewLinks {
    /// The values from and to processor `p`.
    fn at(&self, p: usize) -> (f64, f64) {
        match self {
            Self::One(value) => (*value, *value),
            Self::Each(values) => (values[p], values[p]),
            Self::EachWay { to, from } => (to[p], from[p]),
        }
    }

    fn check(&self, field: &'static str, size: usize, rules: &[Rule]) -> Result<(), InputError> {
        let vector = |values: &[f64]| check_length(field, values.len(), size);
        match self {
            Self::One(_) => {}
            Self::Each(values) => vector(values)?,
            Self::EachWay { to, from } => vector(to).and_then(|()| vector(from))?,
        }
        for &(reason, ok) in rules {
            match self {
                Self::One(value) if !ok(*value) => return Err(InputError::new(field, reason).value(*value)),
                Self::One(_) => {}
                Self::Each(values) => check_each(field, values, reason, ok)?,
                Self::EachWay { to, from } => {
                    for (row, values) in [to, from].into_iter().enumerate() {
                        if let Some(p) = values.iter().position(|&value| !ok(value)) {
                            return Err(InputError::new(field, reason).at([row, p], values[p]));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// A condition on a link's value, behind its description.
type Rule = (&'static str, fn(f64) -> bool);

const BANDWIDTH: [Rule; 2] =
    [("must be > 0", |b| b > 0.0), ("its reciprocal is beyond the range of floats", |b| (1.0 / b).is_finite())];
const LATENCY: [Rule; 1] = [("must be finite and >= 0", |l| l.is_finite() && l >= 0.0)];

/// All ordered pairs of different processors, row by row.
fn links(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(move |p| (0..size).filter(move |&q| q != p).map(move |q| (p, q)))
}

/// Links between processors: sending `d` units from `p` to `q != p` takes `latency[p, q] + d / bandwidth[p, q]`, and nothing if
/// `p = q`. There is no contention.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    bandwidth: PerLink,
    latency: PerLink,
}

impl Default for Network {
    /// Bandwidth 1, latency 0.
    fn default() -> Self {
        Self { bandwidth: PerLink::Uniform(1.0), latency: PerLink::Uniform(0.0) }
    }
}

impl Network {
    /// Validates the links.
    ///
    /// # Errors
    /// A bandwidth that is not positive (infinite is legal), or so small that its reciprocal is infinite; a latency that is
    /// negative or not finite; matrices that are not square or differ in size.
    pub fn new(bandwidth: PerLink, latency: PerLink) -> Result<Self, InputError> {
        for (reason, ok) in BANDWIDTH {
            bandwidth.check("bandwidth", reason, ok)?;
        }
        for (reason, ok) in LATENCY {
            latency.check("latency", reason, ok)?;
        }
        if let (Some(a), Some(b)) = (bandwidth.size(), latency.size())
            && a != b
        {
            return Err(InputError::new("latency", format!("has {b} rows, but bandwidth has {a}")));
        }
        Ok(Self { bandwidth, latency })
    }

    /// Bandwidths as given.
    #[must_use]
    pub fn bandwidth(&self) -> &PerLink {
        &self.bandwidth
    }

    /// Latencies as given.
    #[must_use]
    pub fn latency(&self) -> &PerLink {
        &self.latency
    }

    /// `(bandwidth, latency)` if all links are equal. O(P^2).
    #[must_use]
    pub fn uniform(&self) -> Option<(f64, f64)> {
        self.bandwidth.uniform().zip(self.latency.uniform())
    }

    /// The time that `data` take from processor `p` to `q`.
    #[inline]
    #[must_use]
    pub fn time(&self, data: f64, p: usize, q: usize) -> f64 {
        if p == q { 0.0 } else { self.latency.at(p, q) + data / self.bandwidth.at(p, q) }
    }

    /// The links of `size` processors and one more. Without a value the new one has those of all others, if these are equal.
    ///
    /// # Errors
    /// Values as in [`new`](Self::new), another number of them than `size`, none although links differ, too little memory.
    pub fn with_processor(&self, size: usize, bandwidth: Option<&NewLinks>, latency: Option<&NewLinks>) -> Result<Self, Error> {
        Ok(Self {
            bandwidth: self.bandwidth.with_processor(size, bandwidth, "bandwidth", &BANDWIDTH)?,
            latency: self.latency.with_processor(size, latency, "latency", &LATENCY)?,
        })
    }

    /// The links of the first `size` processors.
    #[must_use]
    pub fn leading(&self, size: usize) -> Self {
        Self { bandwidth: self.bandwidth.leading(size), latency: self.latency.leading(size) }
    }

    /// The sums of latencies and of reciprocals of bandwidths over all links of `width` processors, and the number of links; `uniform` is
    /// [`uniform`](Self::uniform).
    pub(crate) fn sums(&self, width: usize, uniform: Option<(f64, f64)>) -> (f64, f64, f64) {
        let pairs = width as f64 * width.saturating_sub(1) as f64;
        let (latency, reciprocal) = match uniform {
            Some((bandwidth, latency)) if width > MOST_SUMMED => (latency * pairs, pairs / bandwidth),
            _ => links(width).fold((0.0, 0.0), |(latency, reciprocal), (p, q)| {
                (latency + self.latency.at(p, q), reciprocal + 1.0 / self.bandwidth.at(p, q))
            }),
        };
        (latency, reciprocal, pairs)
    }

    /// Number of processors, if bandwidth or latency is a matrix.
    #[must_use]
    pub fn num_processors(&self) -> Option<usize> {
        self.bandwidth.size().or(self.latency.size())
    }
}

/// A network seen from one graph: sizes agree, and no time can overflow.
#[derive(Debug, Clone)]
pub struct Links<'a> {
    network: &'a Network,
    uniform: Option<(f64, f64)>,
    sum_latency: f64,
    sum_reciprocal: f64,
    pairs: f64,
}

impl<'a> Links<'a> {
    /// Joins a network to a graph. O(P^2).
    ///
    /// # Errors
    /// Another number of processors, or communication times whose sum exceeds the horizon.
    pub fn new(network: &'a Network, graph: &TaskGraph) -> Result<Self, InputError> {
        let width = graph.num_processors();
        for (field, size) in [("bandwidth", network.bandwidth.size()), ("latency", network.latency.size())] {
            if let Some(size) = size
                && size != width
            {
                return Err(InputError::new(field, format!("has {size} rows, but the graph has {width} processors")));
            }
        }
        let uniform = network.uniform();
        let (sum_latency, sum_reciprocal, pairs) = network.sums(width, uniform);
        // The sums bound every single link, so nothing that is added up later can overflow.
        let longest = graph.total_cost() + graph.dag().num_edges() as f64 * sum_latency + graph.total_data() * sum_reciprocal;
        if longest.is_nan() || longest > HORIZON {
            return Err(InputError::new("network", format!("costs and communication times add up to more than {HORIZON:e}")));
        }
        Ok(Self { network, uniform, sum_latency, sum_reciprocal, pairs })
    }

    /// `(bandwidth, latency)` if all links are equal.
    #[must_use]
    pub fn uniform(&self) -> Option<(f64, f64)> {
        self.uniform
    }

    /// The time that `data` take from processor `p` to `q`.
    #[inline]
    #[must_use]
    pub fn time(&self, data: f64, p: usize, q: usize) -> f64 {
        self.network.time(data, p, q)
    }

    /// The mean of [`time`](Self::time) over all pairs of different processors; 0 if there is one processor.
    #[inline]
    #[must_use]
    pub fn mean(&self, data: f64) -> f64 {
        if self.pairs == 0.0 { 0.0 } else { (self.sum_latency + data * self.sum_reciprocal) / self.pairs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_matrices_are_recognised_and_the_diagonal_is_ignored() {
        let matrix = PerLink::Matrix { values: vec![f64::NAN, 2.0, 2.0, -7.0], size: 2 };
        let network = Network::new(matrix, PerLink::Uniform(1.0)).unwrap();
        assert_eq!(network.bandwidth.uniform(), Some(2.0));
        assert_eq!(network.num_processors(), Some(2));
    }

    #[test]
    fn a_processor_joins_and_the_others_keep_their_links() {
        let network = Network::default();
        assert_eq!(network.with_processor(2, None, Some(&NewLinks::One(0.0))).unwrap(), network);
        let wider = network.with_processor(2, Some(&NewLinks::Each(vec![2.0, 4.0])), None).unwrap();
        assert_eq!([wider.time(4.0, 0, 1), wider.time(4.0, 0, 2), wider.time(4.0, 2, 1)], [4.0, 2.0, 1.0]);
        assert_eq!(wider.leading(2).uniform(), network.uniform());
        let ways = NewLinks::EachWay { to: vec![1.0; 3], from: vec![8.0; 3] };
        let widest = wider.with_processor(3, Some(&ways), None).unwrap();
        assert_eq!([widest.time(8.0, 2, 3), widest.time(8.0, 3, 2), widest.time(4.0, 2, 1)], [8.0, 1.0, 1.0]);
        assert_eq!(widest.leading(3), wider);
        assert!(wider.with_processor(3, None, None).is_err()); // the links differ
        assert!(network.with_processor(2, Some(&NewLinks::Each(vec![1.0])), None).is_err());
    }

    #[test]
    fn links_are_named() {
        let refused =
            |values: Vec<f64>| Network::new(PerLink::Matrix { values, size: 2 }, PerLink::Uniform(0.0)).unwrap_err().to_string();
        assert_eq!(refused(vec![1.0, 0.0, -1.0, 1.0]), "bandwidth[0, 1] = 0.0: must be > 0; 1 more");
        assert_eq!(refused(vec![1.0, 1.0]), "bandwidth: must be a square matrix");
        assert!(Network::new(PerLink::Uniform(f64::INFINITY), PerLink::Uniform(f64::INFINITY)).is_err());
        assert!(Network::new(PerLink::Uniform(1e-320), PerLink::Uniform(0.0)).is_err());
    }
}
