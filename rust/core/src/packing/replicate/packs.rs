//! Two greedy rules: replicas for the heaviest experts, and equally many items for each pack.

/// A 32-bit or 64-bit float that is not negative.
pub(super) trait Float: Copy + Default + std::ops::Add<Output = Self> + std::ops::Div<Output = Self> {
    /// A load and an index in one integer, which has the order of the load, ties by index.
    type Word: Copy + Ord;
    /// The largest word.
    const LARGEST: Self::Word;
    /// A count as a float.
    fn of(count: u32) -> Self;
    /// The word in which the least load comes first.
    fn least_first(self, index: u32) -> Self::Word;
    /// The word in which the largest load comes first.
    fn largest_first(self, index: u32) -> Self::Word;
    /// The index in a word.
    fn index(word: Self::Word) -> u32;
}

/// Floats that are not negative have the order of their bits; adding zero makes the negative zero positive.
macro_rules! float {
    ($float:ty, $word:ty, $of:expr) => {
        impl Float for $float {
            type Word = $word;
            const LARGEST: $word = <$word>::MAX;

            fn of(count: u32) -> Self {
                $of(count)
            }

            fn least_first(self, index: u32) -> $word {
                <$word>::from((self + 0.0).to_bits()) << 32 | <$word>::from(index)
            }

            fn largest_first(self, index: u32) -> $word {
                <$word>::from(!(self + 0.0).to_bits()) << 32 | <$word>::from(index)
            }

            fn index(word: $word) -> u32 {
                word as u32
            }
        }
    };
}
float!(f32, u64, |count: u32| count as f32);
float!(f64, u128, f64::from);

/// The least of some words, of which any can change: a binary tree in which each node holds the lesser of its two children.
struct Least<F: Float> {
    /// The root is node 1; the children of node n are 2 n and 2 n + 1, the words are the last half.
    nodes: Vec<F::Word>,
}

impl<F: Float> Least<F> {
    fn new(words: impl ExactSizeIterator<Item = F::Word>) -> Self {
        let half = words.len().next_power_of_two();
        let mut nodes = vec![F::LARGEST; 2 * half];
        for (node, word) in nodes[half..].iter_mut().zip(words) {
            *node = word;
        }
        for parent in (1..half).rev() {
            nodes[parent] = nodes[2 * parent].min(nodes[2 * parent + 1]);
        }
        Self { nodes }
    }

    /// The index in the least word.
    fn index(&self) -> u32 {
        F::index(self.nodes[1])
    }

    /// Gives the index another word.
    fn set(&mut self, index: u32, word: F::Word) {
        let mut node = self.nodes.len() / 2 + index as usize;
        self.nodes[node] = word;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node].min(self.nodes[2 * node + 1]);
        }
    }
}

/// The number of replicas of each expert and, beyond the first of each, the experts in the order in which they get one: every further
/// slot goes to the expert with the largest load for each replica, ties to the lowest.
pub(super) fn replicas<F: Float>(load: &[F], slots: usize) -> (Vec<u32>, Vec<u32>) {
    let mut count = vec![1_u32; load.len()];
    let mut further = Vec::with_capacity(slots - load.len());
    if slots > load.len() {
        let mut heaviest = Least::<F>::new(load.iter().enumerate().map(|(e, load)| load.largest_first(e as u32)));
        for _ in load.len()..slots {
            let e = heaviest.index();
            let (load, count) = (load[e as usize], &mut count[e as usize]);
            *count += 1;
            heaviest.set(e, (load / F::of(*count)).largest_first(e));
            further.push(e);
        }
    }
    (count, further)
}

/// The items of each pack, in the order in which they are packed: the largest item first, ties by index, each into the least loaded
/// pack that still has a place, ties to the lowest. If each pack holds one item, item i goes to pack i.
pub(super) fn balanced<F: Float>(load: &[F], packs: usize) -> Vec<Vec<u32>> {
    let places = load.len() / packs;
    if places == 1 {
        return (0..load.len() as u32).map(|item| vec![item]).collect();
    }
    let mut items: Vec<F::Word> = load.iter().enumerate().map(|(item, load)| load.largest_first(item as u32)).collect();
    items.sort_unstable();
    let mut least = Least::<F>::new((0..packs).map(|pack| F::default().least_first(pack as u32)));
    let mut sum = vec![F::default(); packs];
    let mut content: Vec<Vec<u32>> = (0..packs).map(|_| Vec::with_capacity(places)).collect();
    for item in items.into_iter().map(F::index) {
        let pack = least.index();
        let (content, sum) = (&mut content[pack as usize], &mut sum[pack as usize]);
        content.push(item);
        *sum = *sum + load[item as usize];
        least.set(pack, if content.len() == places { F::LARGEST } else { sum.least_first(pack) });
    }
    content
}
