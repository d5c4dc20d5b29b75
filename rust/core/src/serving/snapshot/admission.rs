//! Snapshots of admission.

use super::super::answer_lengths::AnswerLengths;
use super::super::batch::LAST_STEP;
use super::super::numbered::{AdmissionOptions, NumberedAdmission};
use super::super::prefixes::Prefix;
use super::super::request::{LARGEST, Request};
use super::{Reader, VERSION, require, write_list};
use crate::error::InputError;

impl NumberedAdmission {
    /// The slots in use in the order of their starts, and the complete state but for the options. The requests of a restored
    /// admission have the slots 0, 1, ... in that order.
    #[must_use]
    pub fn save(&self) -> (Vec<u32>, Vec<i64>) {
        let (unknown, recorded) = self.lengths.save();
        let mut words = vec![VERSION, self.batch.step, self.used as i64, self.draws as i64, unknown as i64];
        write_list(&mut words, recorded.into_iter());
        words.push(self.len() as i64);
        for (slot, request) in self.batch.in_order() {
            words.extend([request.base, request.begin.max(self.batch.step), request.end, request.first]);
            let (id, tokens) = request.prefix.map_or((0, -1), |prefix| (prefix.id as i64, prefix.tokens));
            words.extend([id, tokens]);
            write_list(&mut words, self.peaks.iter().map(|peaks| peaks.end(slot)));
        }
        (self.batch.in_order().map(|(slot, _)| slot).collect(), words)
    }

    /// The admission that was saved.
    ///
    /// # Errors
    /// Options out of range; words that are not such a state.
    pub fn restore(options: AdmissionOptions, words: &[i64]) -> Result<Self, InputError> {
        let mut restored = Self::new(options)?;
        let mut reader = Reader(words);
        require(reader.word()? == VERSION)?;
        let (step, used, draws, unknown) = (reader.word()?, reader.word()?, reader.word()?, reader.word()?);
        let recorded = reader.list()?;
        require((0..=LAST_STEP).contains(&step) && (0..=restored.peaks.len() as i64).contains(&draws) && unknown >= 0)?;
        require(recorded.iter().all(|length| (0..=LARGEST).contains(length)))?;
        require(unknown as usize <= options.window / 2 && unknown as usize + recorded.len() <= options.window)?;
        (restored.used, restored.draws) = (used as u64, draws as usize);
        restored.lengths = AnswerLengths::restore(options.window, unknown as usize, recorded.to_vec());
        let running = reader.count()?;
        // Requests are started anew at the steps at which they began, which gives the same sums and points.
        for slot in 0..running {
            let [base, begin, end, first, id, tokens] = *reader.several(6)? else { unreachable!("six words were read") };
            let drawn = reader.list()?;
            let prefix = (tokens >= 0).then_some(Prefix { id: id as u64, tokens });
            let steps = -LAST_STEP..=LAST_STEP + LARGEST;
            require(steps.contains(&begin) && steps.contains(&end))?;
            let last = begin.max(step);
            let held = i128::from(base) + i128::from(last) + i128::from(tokens.max(0));
            let produced = i128::from(last) - i128::from(first);
            require((0..=i128::from(LARGEST)).contains(&held) && (0..=held).contains(&produced))?;
            require(drawn.len() == restored.peaks.len() && drawn.iter().all(|end| steps.contains(end)))?;
            restored.batch.step = step;
            let (prompt_tokens, produced) = (held as i64, produced as i64);
            let request = Request { prompt_tokens, max_new_tokens: (end - last).max(0), produced, delay: last - step, prefix };
            restored.batch.judge(&request)?;
            require(restored.batch.can_count(&request))?;
            require(slot as u32 == restored.batch.start(&request, end))?;
            restored.enter_draws(slot as u32, drawn);
        }
        restored.batch.step = step;
        reader.end()?;
        Ok(restored)
    }
}
