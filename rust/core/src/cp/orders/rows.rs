//! Lists of values by row, side by side in memory.

#[derive(Debug)]
pub(super) struct Rows<T> {
    /// The values of row `k` are those from `offset[k]` up to `offset[k + 1]`.
    offset: Vec<u32>,
    values: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl<T> Rows<T> {
    pub fn new(rows: Vec<Vec<T>>) -> Self {
        let (mut offset, mut values) = (vec![0], Vec::new());
        for row in rows {
            values.extend(row);
            offset.push(values.len() as u32);
        }
        Self { offset, values }
    }

    #[inline]
    pub fn of(&self, row: usize) -> &[T] {
        &self.values[self.offset[row] as usize..self.offset[row + 1] as usize]
    }
}
