use super::*;

const LOAD: [f64; 12] = [90.0, 132.0, 40.0, 61.0, 104.0, 165.0, 39.0, 4.0, 73.0, 56.0, 183.0, 86.0];

#[test]
fn groups_stay_on_a_node_and_devices_have_equally_many_slots() {
    let layout = Layout { experts: 12, replicas: 16, groups: 4, nodes: 2, devices: 8 };
    for method in [ReplicationMethod::Eplb, ReplicationMethod::Balanced] {
        let found = replicate(&LOAD, layout, method, &mut Pulse::default()).unwrap();
        for group in 0..4 {
            let nodes: Vec<usize> = (0..16).filter(|&slot| found.expert[slot] / 3 == group).map(|slot| slot / 8).collect();
            assert!(nodes.iter().all(|&node| node == nodes[0]));
        }
        assert!(found.replica_count.iter().all(|&count| count >= 1));
        assert!(found.lower_bound <= found.max_load);
    }
}

#[test]
fn exchanges_reach_what_the_greedy_rule_does_not() {
    // 5 + 4 | 3 + 3 + 3 | ... : two devices of three slots, greedily 5 + 3 + 3 and 4 + 3 + 0.
    let load = [5.0, 4.0, 3.0, 3.0, 3.0, 0.0];
    let layout = Layout { experts: 6, replicas: 6, groups: 1, nodes: 1, devices: 2 };
    let greedy = replicate(&load, layout, ReplicationMethod::Eplb, &mut Pulse::default()).unwrap();
    let found = replicate(&load, layout, ReplicationMethod::Balanced, &mut Pulse::default()).unwrap();
    assert!((greedy.max_load - 10.0).abs() < 1e-9 && (found.max_load - 9.0).abs() < 1e-9);
}

#[test]
fn counts_that_do_not_divide_evenly_are_refused() {
    let layout = Layout { experts: 12, replicas: 16, groups: 4, nodes: 2, devices: 8 };
    for (changed, field) in [
        (Layout { replicas: 11, ..layout }, "replicas"),
        (Layout { devices: 3, ..layout }, "replicas"),
        (Layout { nodes: 3, ..layout }, "devices"),
        (Layout { groups: 5, ..layout }, "groups"),
    ] {
        let Err(Error::Input(error)) = replicate(&LOAD, changed, ReplicationMethod::Eplb, &mut Pulse::default()) else {
            panic!("refused")
        };
        assert_eq!(error.field, field);
    }
}
