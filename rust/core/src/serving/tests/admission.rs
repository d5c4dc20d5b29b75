//! Admission against the plain formula.

use super::super::*;
use crate::error::InputError;
use crate::names::Named;
use crate::random::Random;

fn admission(capacity: i64, policy: &str) -> NumberedAdmission {
    let policy = AdmissionPolicy::from_name(policy).unwrap();
    NumberedAdmission::new(AdmissionOptions { capacity, policy, reserve: 0.0, ..AdmissionOptions::default() }).unwrap()
}

/// The need of a batch, by the definitions.
fn need(policy: &str, batch: &[Request]) -> i64 {
    let last = |request: &Request| request.delay + request.max_new_tokens;
    let mut prefixes: Vec<(Prefix, i64)> = Vec::new();
    for request in batch {
        let Some(prefix) = request.prefix else { continue };
        match prefixes.iter_mut().find(|(known, _)| *known == prefix) {
            Some((_, until)) => *until = (*until).max(last(request)),
            None => prefixes.push((prefix, last(request))),
        }
    }
    let own = |request: &Request| request.prompt_tokens - request.prefix.map_or(0, |prefix| prefix.tokens);
    let shared: i64 = prefixes.iter().map(|(prefix, _)| prefix.tokens).sum();
    match policy {
        "future" => {
            let at = |step: i64| {
                let alive = batch.iter().filter(|r| last(r) >= step);
                let common = prefixes.iter().filter(|(_, until)| *until >= step).map(|(prefix, _)| prefix.tokens);
                alive.map(|r| own(r) + (step - r.delay).max(0)).chain(common).sum::<i64>()
            };
            (0..=batch.iter().map(last).max().unwrap_or(0)).map(at).max().unwrap_or(0)
        }
        "conservative" => shared + batch.iter().map(|r| own(r) + r.max_new_tokens).sum::<i64>(),
        _ => shared + batch.iter().map(own).sum::<i64>(),
    }
}

fn random_request(random: &mut Random) -> Request {
    let id = random.below(6);
    let prefix = (id < 3).then(|| Prefix { id, tokens: 2 + id as i64 });
    let delay = if random.below(3) == 0 { random.between(1, 9) } else { 0 };
    Request { prompt_tokens: random.between(5, 30), max_new_tokens: random.between(0, 20), produced: 0, delay, prefix }
}

#[test]
fn needs_and_answers_equal_the_definitions() {
    for policy in ["future", "conservative", "aggressive"] {
        let mut random = Random::new(11);
        for _ in 0..60 {
            let capacity = random.between(0, 400);
            let mut admission = admission(capacity, policy);
            // What runs, as requests that would have come at this moment.
            let mut batch: Vec<(u32, Request)> = Vec::new();
            for _ in 0..60 {
                match random.below(4) {
                    0 | 1 => {
                        let request = random_request(&mut random);
                        batch.push((admission.start(&request).unwrap(), request));
                    }
                    2 if !batch.is_empty() => {
                        let (slot, _) = batch.swap_remove(random.below(batch.len() as u64) as usize);
                        admission.finished(slot, 3).unwrap();
                    }
                    _ => {
                        let tokens = random.between(0, 3);
                        admission.advance(tokens).unwrap();
                        for (_, request) in &mut batch {
                            let late = tokens.min(request.delay);
                            request.delay -= late;
                            request.prompt_tokens += tokens - late;
                            request.max_new_tokens = (request.max_new_tokens - (tokens - late)).max(0);
                        }
                    }
                }
                let mut running: Vec<Request> = batch.iter().map(|&(_, request)| request).collect();
                assert_eq!(admission.peak(), need(policy, &running), "{policy}");
                let waiting: Vec<Request> = (0..random.below(5)).map(|_| random_request(&mut random)).collect();
                let expected = waiting
                    .iter()
                    .take_while(|&&request| {
                        running.push(request);
                        need(policy, &running) < capacity
                    })
                    .count();
                let read = waiting.iter().map(|&request| Ok::<_, InputError>(request));
                assert_eq!(admission.admit(read).unwrap(), expected, "{policy}");
            }
        }
    }
}

#[test]
fn drawn_peaks_equal_the_formula_for_the_drawn_lengths() {
    let mut random = Random::new(31);
    for _ in 0..40 {
        let options = AdmissionOptions { capacity: 500, window: 12, samples: 3, ..AdmissionOptions::default() };
        let mut admission = NumberedAdmission::new(options).unwrap();
        let mut running = Vec::new();
        for _ in 0..60 {
            match random.below(4) {
                0 | 1 => running.push(admission.start(&random_request(&mut random)).unwrap()),
                2 if !running.is_empty() => {
                    let slot = running.swap_remove(random.below(running.len() as u64) as usize);
                    admission.finished(slot, random.between(0, 25)).unwrap();
                }
                _ => admission.advance(random.between(0, 6)).unwrap(),
            }
            admission.admit((0..3).map(|_| Ok::<_, InputError>(random_request(&mut random)))).unwrap();
            let step = admission.batch.step;
            for peaks in &admission.peaks {
                let as_drawn = admission.batch.iter().map(|(slot, request)| {
                    let drawn = peaks.end(slot) - step;
                    assert!(drawn >= 0 || request.remaining(step) == 0, "an answer is longer than was drawn for it");
                    let delay = (request.begin - step).max(0);
                    let max_new_tokens = (drawn - delay).max(0); // past its maximum it counts as about to end
                    let prompt_tokens = request.held(step) + request.prefix.map_or(0, |prefix| prefix.tokens);
                    Request { prompt_tokens, max_new_tokens, delay, prefix: request.prefix, ..Request::default() }
                });
                let as_drawn: Vec<Request> = as_drawn.collect();
                assert_eq!(peaks.peak().max(admission.held()), need("future", &as_drawn));
            }
        }
    }
}

#[test]
fn answers_past_their_maximum_count_as_about_to_end_and_are_not_drawn_again() {
    let options = AdmissionOptions { capacity: 10_000, ..AdmissionOptions::default() };
    let mut admission = NumberedAdmission::new(options).unwrap();
    for _ in 0..40 {
        let slot = admission.start(&Request { prompt_tokens: 1, max_new_tokens: 30, ..Request::default() }).unwrap();
        admission.finished(slot, 5).unwrap();
    }
    let slots: Vec<u32> = (0..20)
        .map(|k| admission.start(&Request { prompt_tokens: 10 + k, max_new_tokens: 8, ..Request::default() }).unwrap())
        .collect();
    admission.advance(31).unwrap(); // no length that can be drawn is longer than 30
    let used = admission.used();
    for step in 1..50 {
        admission.advance(1).unwrap();
        assert_eq!(admission.used(), used, "nothing is drawn");
        assert_eq!(admission.peak(), (10..30).sum::<i64>() + 20 * (31 + step));
        assert_eq!(admission.peak(), admission.held());
        assert!(admission.peaks.iter().all(|peaks| peaks.outlived(admission.batch.step).is_none()));
    }
    let (_, words) = admission.save();
    let mut copy = NumberedAdmission::restore(options, &words).unwrap();
    copy.advance(1).unwrap();
    assert_eq!((copy.used(), copy.peak()), (used, admission.peak() + 20));
    for slot in slots {
        admission.finished(slot, 80).unwrap();
    }
    assert_eq!((admission.held(), admission.peak()), (0, 0));
}

#[test]
fn a_prefix_has_one_length_among_those_that_wait() {
    for (_, policy) in AdmissionPolicy::all() {
        let options = AdmissionOptions { capacity: 1000, policy, ..AdmissionOptions::default() };
        let mut admission = NumberedAdmission::new(options).unwrap();
        let request = |tokens| {
            Ok::<_, InputError>(Request {
                prompt_tokens: 9,
                max_new_tokens: 1,
                prefix: Some(Prefix { id: 4, tokens }),
                ..Request::default()
            })
        };
        let error = admission.admit([request(5), request(7)]).unwrap_err().to_string();
        assert_eq!(error, "prefix_tokens[1] = 7: the same prefix has 5 tokens in another request");
        assert_eq!(admission.admit([request(5), request(5)]).unwrap(), 2);
        assert_eq!((admission.peak(), admission.held()), (0, 0));
    }
}

#[test]
fn nothing_is_read_after_the_first_that_does_not_fit() {
    for policy in ["past_future", "future", "conservative", "aggressive"] {
        let mut admission = admission(50, policy);
        let request = |prompt_tokens| Ok::<_, InputError>(Request { prompt_tokens, max_new_tokens: 1, ..Request::default() });
        let waiting = [20, 60].into_iter().map(request).chain(std::iter::once_with(|| panic!("must not be read")));
        assert_eq!(admission.admit(waiting).unwrap(), 1, "{policy}");
        assert_eq!(admission.peak(), 0);
    }
}

#[test]
fn victims_follow_their_rules() {
    let start = |victim| {
        let options = AdmissionOptions { capacity: 100, victim, policy: AdmissionPolicy::Future, ..AdmissionOptions::default() };
        let mut admission = NumberedAdmission::new(options).unwrap();
        let request =
            |prompt_tokens, max_new_tokens, produced| Request { prompt_tokens, max_new_tokens, produced, ..Request::default() };
        // Computed again per token at the end: 20 / 24, 10 / 20, 30 / 40.
        for request in [request(20, 4, 0), request(10, 10, 3), request(30, 10, 9)] {
            admission.start(&request).unwrap();
        }
        admission
    };
    assert_eq!(start(Victim::Newest).evict(), Some(2));
    assert_eq!(start(Victim::LeastDone).evict(), Some(0));
    assert_eq!(start(Victim::LeastRecompute).evict(), Some(1));
    let mut admission = admission(1, "future");
    assert_eq!(admission.evict(), None);
}

#[test]
fn true_lengths_are_known_once_all_recent_answers_are_as_long() {
    let mut admission = admission(1000, "past_future");
    for _ in 0..200 {
        let slot = admission.start(&Request { prompt_tokens: 1, max_new_tokens: 900, ..Request::default() }).unwrap();
        admission.finished(slot, 10).unwrap();
    }
    let waiting =
        std::iter::repeat_n(Ok::<_, InputError>(Request { prompt_tokens: 90, max_new_tokens: 10, ..Request::default() }), 20);
    // Nine of them come to 900 tokens; ten come to 1,000, which is not below the capacity.
    assert_eq!(admission.admit(waiting).unwrap(), 9);
}

#[test]
fn numbers_out_of_range_are_refused_and_change_nothing() {
    let mut admission = admission(100, "future");
    let request = |prompt_tokens, max_new_tokens| Request { prompt_tokens, max_new_tokens, ..Request::default() };
    let slot = admission.start(&request(5, 5)).unwrap();
    let waiting = [request(1, 1), request(1, -2)].map(Ok::<_, InputError>);
    assert_eq!(admission.admit(waiting).unwrap_err().to_string(), "max_new_tokens[1] = -2: must be >= 0");
    assert_eq!(admission.peak(), 10);
    assert!(admission.start(&request(1 << 53, 1)).is_err());
    assert!(admission.advance(i64::MAX).is_err());
    assert!(admission.advance((1 << 53) - 1).is_err());
    assert_eq!(admission.admit([Ok::<_, InputError>(request(1, 1 << 53))]).unwrap(), 0); // it cannot fit
    assert!(admission.finished(slot, -1).is_err());
    let shared = |tokens| Request { prefix: Some(Prefix { id: 1, tokens }), ..request(5, 1) };
    admission.start(&shared(4)).unwrap();
    assert!(admission.start(&shared(3)).is_err());
    assert_eq!((admission.len(), admission.peak()), (2, 12)); // after one step, when both hold 6
}

#[test]
fn a_copy_from_a_snapshot_continues_exactly() {
    for (_, policy) in AdmissionPolicy::all() {
        let mut random = Random::new(21);
        for _ in 0..40 {
            let options = AdmissionOptions { capacity: 300, policy, window: 9, reserve: 0.1, ..AdmissionOptions::default() };
            let mut first = NumberedAdmission::new(options).unwrap();
            let mut running = Vec::new();
            for _ in 0..random.below(40) {
                if random.below(3) > 0 || running.is_empty() {
                    running.push(first.start(&random_request(&mut random)).unwrap());
                } else {
                    let slot = running.swap_remove(random.below(running.len() as u64) as usize);
                    first.finished(slot, random.between(0, 30)).unwrap();
                }
                first.advance(random.between(0, 2)).unwrap();
            }
            let (slots, words) = first.save();
            let mut second = NumberedAdmission::restore(options, &words).unwrap();
            assert_eq!((second.save().1, second.len()), (words.clone(), first.len()));
            for cut in 0..words.len() {
                assert!(NumberedAdmission::restore(options, &words[..cut]).is_err());
            }
            for _ in 0..20 {
                let waiting: Vec<Request> = (0..6).map(|_| random_request(&mut random)).collect();
                let read = || waiting.iter().map(|&request| Ok::<_, InputError>(request));
                assert_eq!(first.admit(read()).unwrap(), second.admit(read()).unwrap());
                assert_eq!(first.peak(), second.peak());
                assert_eq!(first.evict(), second.evict().map(|slot| slots[slot as usize]));
                first.advance(1).unwrap();
                second.advance(1).unwrap();
            }
        }
    }
}

#[test]
fn tokens_count_once_and_steps_without_requests_do_not_count() {
    let request = |prompt_tokens, max_new_tokens| Request { prompt_tokens, max_new_tokens, ..Request::default() };
    for (_, policy) in AdmissionPolicy::all() {
        let options = AdmissionOptions { capacity: 1 << 53, policy, ..AdmissionOptions::default() };
        let mut admission = NumberedAdmission::new(options).unwrap();
        for _ in 0..9 {
            admission.advance(1 << 53).unwrap();
            let slot = admission.start(&request((1 << 52) - 5, 0)).unwrap();
            let other = admission.start(&request(1 << 50, 0)).unwrap();
            assert_eq!(admission.held(), (1 << 52) - 5 + (1 << 50));
            admission.remove(other);
            admission.advance(1 << 52).unwrap();
            admission.finished(slot, 1 << 52).unwrap();
        }
    }
}
