//! How machines, orders and flags are laid out.

use super::rows::Rows;
use super::sets::Scratch;
use super::{Arc, Distance, Flag, Literal, Load, Machine, Member, NONE, Occupation, Orders, Pair, ordered};

impl Orders {
    /// Machines with their members, how long each interval keeps its machine, the pairs of members whose order is open, and flags. The
    /// variables of orders are numbered from the number of intervals on, those of flags behind them. Objectives count in multiples of `unit`.
    #[must_use]
    pub fn new(machines: &[Vec<Member>], occupations: Vec<Occupation>, pairs: &[Pair], flags: &[Flag], unit: i32) -> Self {
        let first_variable = occupations.len();
        let mut orders = Self {
            moved: vec![true; machines.len()],
            open: machines.iter().map(|members| u32::from(members.iter().any(|member| member.presence.is_some()))).collect(),
            machines: machines.iter().map(|members| laid_out(members)).collect(),
            machines_of: Rows::default(),
            occupations,
            first_variable,
            unit,
            pairs: Vec::new(),
            distances: Vec::new(),
            leaving: Rows::default(),
            entering: Rows::default(),
            implied: Rows::default(),
            touched: Rows::default(),
            wanted: Rows::default(),
            places: Rows::default(),
            machine_of_order: Vec::new(),
            activated: Vec::new(),
            clauses: Vec::new(),
            cycle: Vec::new(),
            scratch: Scratch::default(),
            loads: Vec::new(),
            has_chosen: true,
            latest: i32::MAX,
        };
        let mut places: Vec<Vec<(u32, u32)>> = vec![Vec::new(); first_variable];
        let mut moving: Vec<Vec<u32>> = vec![Vec::new(); first_variable];
        for (m, members) in (0..).zip(machines) {
            for (k, &Member { interval, .. }) in (0..).zip(members) {
                places[interval as usize].push((m, k));
                let until = orders.occupations[interval as usize].until;
                for v in if until == interval { vec![interval] } else { vec![interval, until] } {
                    moving[v as usize].push(m);
                }
            }
        }
        orders.machines_of = Rows::new(moving);
        let (mut touched, mut wanted) = (Vec::new(), Vec::new());
        orders.add_pairs(pairs, &places, &mut touched, &mut wanted);
        orders.add_flags(flags, &mut touched, &mut wanted);
        (orders.touched, orders.wanted) = (Rows::new(touched), Rows::new(wanted));
        let (mut leaving, mut entering) = (vec![Vec::new(); first_variable], vec![Vec::new(); first_variable]);
        for (first, distance) in (2 * first_variable as u32..).zip(&orders.distances) {
            if let &Some(Distance { from, to, lag }) = distance {
                leaving[from as usize].push(Arc { first, other: to, lag });
                entering[to as usize].push(Arc { first, other: from, lag });
            }
        }
        (orders.leaving, orders.entering) = (Rows::new(leaving), Rows::new(entering));
        orders.implied = Rows::new(vec![Vec::new(); orders.distances.len()]);
        orders
    }

    /// The variables of pairs, and the clauses that ask those on one machine for an order.
    fn add_pairs(
        &mut self,
        pairs: &[Pair],
        places: &[Vec<(u32, u32)>],
        touched: &mut Vec<Vec<u32>>,
        wanted: &mut Vec<Vec<(u32, u32)>>,
    ) {
        for &Pair { intervals: (i, j), gaps, is_optional } in pairs {
            let first = 2 * (self.first_variable + self.pairs.len()) as u32;
            let halves = if is_optional { (first, first + 2) } else { (first, first + 1) };
            let (mut on, mut both) = (Vec::new(), Vec::new());
            for &(machine, k) in &places[i as usize] {
                let Some(&(_, l)) = places[j as usize].iter().find(|place| place.0 == machine) else { continue };
                let Machine { presence, before, .. } = &mut self.machines[machine as usize];
                let (n, k, l) = (presence.len(), k as usize, l as usize);
                (before[k * n + l], before[l * n + k]) = halves;
                on.push(machine);
                both.push((presence[k], presence[l]));
                if is_optional {
                    let absent = [presence[k], presence[l]].into_iter().filter(|&half| half != NONE);
                    let absent = absent.map(|half| ordered(half).negated());
                    self.clauses.push(absent.chain([ordered(halves.0), ordered(halves.1)]).collect());
                } else {
                    self.open[machine as usize] += 1;
                }
            }
            let distance = |from: u32, to: u32, gap: i32| {
                let Occupation { until, lag, .. } = self.occupations[from as usize];
                Some(Distance { from: until, to, lag: lag + gap })
            };
            let ways = [distance(i, j, gaps.0), distance(j, i, gaps.1)];
            if is_optional {
                self.pairs.extend([(i, j), (j, i)]);
                self.distances.extend([ways[0], None, ways[1], None]);
                self.machine_of_order.extend([NONE; 2]);
                touched.extend([on.clone(), on]);
                wanted.extend([both.clone(), both]);
            } else {
                self.pairs.push((i, j));
                self.distances.extend(ways);
                self.machine_of_order.push(on.first().copied().unwrap_or(NONE));
                touched.push(on);
                wanted.push(both);
            }
        }
    }

    /// The variables of flags.
    fn add_flags(&mut self, flags: &[Flag], touched: &mut Vec<Vec<u32>>, wanted: &mut Vec<Vec<(u32, u32)>>) {
        let begin = self.first_variable + self.pairs.len();
        let mut places = vec![Vec::new(); 2 * (self.pairs.len() + flags.len())];
        let mut concerned = vec![Vec::new(); flags.len()];
        for (m, machine) in (0..).zip(&self.machines) {
            for (k, &half) in (0..).zip(&machine.presence).filter(|&(_, &half)| half != NONE) {
                places[self.row(half)].push((m, k));
                concerned[half as usize / 2 - begin].push(m);
            }
        }
        self.places = Rows::new(places);
        touched.extend(concerned);
        for flag in flags {
            self.pairs.push((NONE, NONE));
            self.distances.extend(flag.distances);
            self.machine_of_order.push(NONE);
            wanted.push(if flag.is_decided { vec![(NONE, NONE)] } else { Vec::new() });
        }
    }

    /// Asks that sets of machines have time for their work.
    #[must_use]
    pub fn with_loads(mut self, loads: Vec<Load>) -> Self {
        self.loads = loads;
        self
    }

    /// Asks for further clauses, of two literals or more.
    #[must_use]
    pub fn with_clauses(mut self, clauses: Vec<Vec<Literal>>) -> Self {
        self.clauses.extend(clauses);
        self
    }
}

/// A machine without orders.
fn laid_out(members: &[Member]) -> Machine {
    let (n, order) = (members.len(), 0..members.len() as u32);
    Machine {
        members: members.iter().map(|member| member.interval).collect(),
        presence: members.iter().map(|member| member.presence.map_or(NONE, |literal| literal.half)).collect(),
        length: members.iter().map(|member| member.length).collect(),
        before: vec![NONE; n * n],
        by_start: order.clone().collect(),
        by_end: order.collect(),
    }
}
