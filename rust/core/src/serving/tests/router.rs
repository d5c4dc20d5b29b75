//! Routing against the rules as they are written, and against theory.

use super::super::*;
use crate::names::Named;
use crate::random::Random;

fn router(policy: &str, replicas: i64) -> NumberedRouter {
    let policy = RoutingPolicy::from_name(policy).unwrap();
    let mut router = NumberedRouter::new(RouterOptions { policy, ..RouterOptions::default() }).unwrap();
    for id in 0..replicas {
        router.add(id, 1.0).unwrap();
    }
    router
}

/// Ids, weights and tokens of replicas.
type Plain = Vec<(i64, f64, i64)>;

fn load(replica: &(i64, f64, i64)) -> f64 {
    replica.2 as f64 / replica.1
}

fn bound(plain: &Plain, tokens: i64) -> impl Fn(&(i64, f64, i64)) -> bool + use<> {
    let (n, total) = (plain.len() as f64, plain.iter().map(|replica| replica.2).sum::<i64>() + tokens);
    let weight: f64 = plain.iter().map(|replica| replica.1).sum();
    let bound = (1.25 * total as f64 / n).ceil();
    move |replica| (replica.2 as f64) < bound * (replica.1 * n / weight)
}

#[test]
fn choices_follow_the_rules_while_replicas_come_and_go() {
    for policy in ["round_robin", "least_loaded", "bounded_load", "prefix", "two_choices", "random", "dual_hash"] {
        let mut random = Random::new(4);
        let mut router = router(policy, 0);
        let (mut plain, mut last): (Plain, Option<i64>) = (Vec::new(), None);
        let mut routed: Vec<(u32, i64, i64, Vec<u64>)> = Vec::new();
        let mut caches: Vec<(i64, Vec<u64>)> = Vec::new();
        for step in 0..3000 {
            let change = random.below(30);
            if plain.is_empty() || change == 0 && plain.len() < 80 {
                let (id, weight) = (random.between(-50, 500), [1.0, 1.0, 2.0, 0.5][random.below(4) as usize]);
                if router.add(id, weight).is_ok() {
                    plain.push((id, weight, 0));
                    plain.sort_by_key(|replica| replica.0);
                    caches.push((id, Vec::new()));
                }
                continue;
            }
            if change == 1 && step % 7 == 0 {
                let (id, ..) = plain.remove(random.below(plain.len() as u64) as usize);
                let lost: Vec<u32> = routed.iter().filter(|request| request.1 == id).map(|request| request.0).collect();
                assert_eq!(router.remove(id).unwrap(), lost);
                routed.retain(|request| request.1 != id);
                caches.retain(|cache| cache.0 != id);
                continue;
            }
            if change < 12 && !routed.is_empty() {
                let (slot, id, tokens, _) = routed.remove(random.below(routed.len() as u64) as usize);
                assert_eq!(router.replica(slot), id);
                router.finished(slot);
                plain.iter_mut().find(|replica| replica.0 == id).unwrap().2 -= tokens;
                continue;
            }
            let first = random.below(4) * 10;
            let (tokens, prefix) = (random.between(1, 9), (first..first + random.below(6)).collect::<Vec<u64>>());
            let key = random.below(1000);
            let below = bound(&plain, tokens);
            let allowed: Vec<&(i64, f64, i64)> = plain.iter().filter(|replica| below(replica)).collect();
            let least = |replicas: &[&(i64, f64, i64)]| {
                replicas.iter().min_by(|a, b| load(a).total_cmp(&load(b)).then(a.0.cmp(&b.0))).unwrap().0
            };
            let expected = match policy {
                "round_robin" => {
                    let after = plain.iter().find(|replica| last.is_none_or(|last| replica.0 > last));
                    Some(after.unwrap_or(&plain[0]).0)
                }
                "least_loaded" => Some(least(&plain.iter().collect::<Vec<_>>())),
                "prefix" => {
                    let held = |id: i64| {
                        let (_, cache) = caches.iter().find(|cache| cache.0 == id).unwrap();
                        prefix.iter().take_while(|block| cache.contains(block)).count()
                    };
                    let longest = allowed.iter().map(|replica| held(replica.0)).max().unwrap();
                    Some(least(&allowed.iter().copied().filter(|replica| held(replica.0) == longest).collect::<Vec<_>>()))
                }
                _ => None,
            };
            let (slot, id) = router.route(&RouteRequest { key, tokens, prefix: &prefix }, f64::from(step)).unwrap();
            assert!(expected.is_none_or(|expected| expected == id), "{policy}: {expected:?}, not {id}");
            if policy == "bounded_load" {
                assert!(allowed.iter().any(|replica| replica.0 == id));
            }
            last = Some(id);
            plain.iter_mut().find(|replica| replica.0 == id).unwrap().2 += tokens;
            caches.iter_mut().find(|cache| cache.0 == id).unwrap().1.extend(&prefix);
            routed.push((slot, id, tokens, prefix));
            let loads: Vec<(i64, f64)> = plain.iter().map(|replica| (replica.0, load(replica))).collect();
            assert_eq!(router.loads().collect::<Vec<_>>(), loads);
        }
    }
}

#[test]
fn two_choices_have_the_shares_of_the_limit_of_many_replicas() {
    // 500 replicas with exponential work at load 0.7: at least k requests on a share of 0.7^(2^k - 1) of them.
    const N: i64 = 500;
    let mut router = router("two_choices", N);
    let mut random = Random::new(1);
    let (mut now, mut queues) = (0.0, vec![std::collections::VecDeque::<u32>::new(); N as usize]);
    let (mut shares, mut moments) = ([0.0; 5], 0.0);
    let exponential = |random: &mut Random| -(1.0 - random.unit()).ln();
    let mut busy: Vec<usize> = Vec::new();
    for step in 0..1_500_000 {
        let (arrival, service) = (0.7 * N as f64, busy.len() as f64);
        now += exponential(&mut random) / (arrival + service);
        if random.unit() * (arrival + service) < arrival {
            let (slot, id) = router.route(&RouteRequest { key: step, ..RouteRequest::default() }, now).unwrap();
            if queues[id as usize].is_empty() {
                busy.push(id as usize);
            }
            queues[id as usize].push_back(slot);
        } else {
            let place = random.below(busy.len() as u64) as usize;
            let queue = &mut queues[busy[place]];
            router.finished(queue.pop_front().unwrap());
            if queue.is_empty() {
                busy.swap_remove(place);
            }
        }
        if step > 300_000 && step % 1000 == 0 {
            moments += 1.0;
            for (k, share) in shares.iter_mut().enumerate() {
                *share += queues.iter().filter(|queue| queue.len() > k).count() as f64 / N as f64;
            }
        }
    }
    for (k, share) in shares.iter().enumerate() {
        let limit = 0.7_f64.powi((1 << (k + 1)) - 1);
        assert!((share / moments - limit).abs() < 0.01, "at least {}: {} against {limit}", k + 1, share / moments);
    }
}

#[test]
fn migrations_follow_the_rule() {
    let mut router = router("round_robin", 4);
    // Loads 9, 5, 1, 0 after the last has ended.
    let tokens = [4, 5, 1, 7, 5];
    let slots = tokens.map(|tokens| router.route(&RouteRequest { tokens, ..RouteRequest::default() }, 0.0).unwrap().0);
    router.finished(slots[3]);
    // 0 with 3: 9 - 4 = 5 and 4, closer than 9 and 0. 1 with 2: 5 - 5 = 0 and 6, which is no closer than 5 and 1.
    assert_eq!(router.migrations(), [Migration { slot: slots[0], source: 0, target: 3 }]);
    assert_eq!(router.loads().collect::<Vec<_>>(), [(0, 5.0), (1, 5.0), (2, 1.0), (3, 4.0)]);
    assert_eq!(router.replica(slots[0]), 3);
    assert_eq!(router.migrations(), []);
}

#[test]
fn numbers_out_of_range_are_refused_and_change_nothing() {
    let mut router = router("two_choices", 0);
    let one = RouteRequest::default();
    assert_eq!(router.route(&one, 0.0).unwrap_err().to_string(), "replicas: there is none to route to");
    assert!(router.add(1, 0.0).is_err() && router.add(1, f64::NAN).is_err());
    router.add(1, 1.0).unwrap();
    assert!(router.add(1, 1.0).is_err() && router.remove(2).is_err());
    assert!(router.route(&RouteRequest { tokens: -1, ..one }, 0.0).is_err());
    assert!(router.route(&RouteRequest { tokens: i64::MAX, ..one }, 0.0).is_err());
    assert!(router.route(&one, f64::INFINITY).is_err());
    assert_eq!((router.len(), router.loads().collect::<Vec<_>>()), (0, vec![(1, 0.0)]));
}

#[test]
fn a_prefix_hot_enough_for_more_than_two_replicas_reaches_more() {
    let mut router = router("dual_hash", 8);
    let mut reached = std::collections::BTreeSet::new();
    for key in 0..64 {
        let prefix = [1, 100 + key % 16];
        reached.insert(router.route(&RouteRequest { key, tokens: 1, prefix: &prefix }, 0.0).unwrap().1);
    }
    assert!(reached.len() > 4, "{reached:?}");
    // A prefix that is not hot stays with its two replicas.
    let mut router = self::router("dual_hash", 8);
    let mut reached = std::collections::BTreeSet::new();
    for key in 0..64 {
        let (slot, id) = router.route(&RouteRequest { key, tokens: 1, prefix: &[1, 2] }, 0.0).unwrap();
        reached.insert(id);
        router.finished(slot);
    }
    assert!(reached.len() <= 2, "{reached:?}");
}

#[test]
fn a_copy_from_a_snapshot_continues_exactly() {
    let mut random = Random::new(8);
    for (_, policy) in RoutingPolicy::all() {
        let objective = (policy == RoutingPolicy::DualHash).then_some((2.0, 5.0));
        let options = RouterOptions { policy, cache_blocks: Some(7), objective, ..RouterOptions::default() };
        let mut first = NumberedRouter::new(options).unwrap();
        for id in [5, -3, 70, 12] {
            first.add(id, 1.0 + (id % 2).abs() as f64).unwrap();
        }
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let mut second: Option<NumberedRouter> = None;
        for step in 0..400 {
            let prefix: Vec<u64> = (0..random.below(5)).map(|k| k * random.between(1, 2) as u64).collect();
            let request = RouteRequest { key: step, tokens: random.between(0, 6), prefix: &prefix };
            let (slot, id) = first.route(&request, step as f64 / 9.0).unwrap();
            if let Some(second) = &mut second {
                let (other, other_id) = second.route(&request, step as f64 / 9.0).unwrap();
                assert_eq!(id, other_id, "{policy:?}");
                pairs.push((slot, other));
            } else {
                pairs.push((slot, slot));
            }
            if random.below(2) == 0 {
                let (slot, other) = pairs.swap_remove(random.below(pairs.len() as u64) as usize);
                first.finished(slot);
                if let Some(second) = &mut second {
                    second.finished(other);
                }
            }
            if step == 200 {
                first.remove(70).unwrap();
                first.add(71, 2.0).unwrap();
                let (slots, words) = first.save();
                pairs = slots.iter().copied().zip(0..).collect();
                let copy = NumberedRouter::restore(options, &words).unwrap();
                assert_eq!(copy.save().1, words);
                assert!((0..words.len()).all(|cut| NumberedRouter::restore(options, &words[..cut]).is_err()));
                second = Some(copy);
            }
        }
    }
}

#[test]
fn many_replicas_join_in_little_work_and_no_more_than_the_most() {
    for policy in ["two_choices", "bounded_load"] {
        let mut router = router(policy, 0);
        let most = if policy == "bounded_load" { 2000 } else { 1 << 16 };
        for id in 0..most {
            router.add(id, 1.0).unwrap();
        }
        let routed: Vec<i64> =
            (0..50).map(|key| router.route(&RouteRequest { key, ..RouteRequest::default() }, 0.0).unwrap().1).collect();
        assert!(routed.iter().all(|id| (0..most).contains(id)));
        if most == 1 << 16 {
            let error = router.add(most, 1.0).unwrap_err().to_string();
            assert_eq!(error, "replica = 65536: there are 65536 already");
        }
    }
}
