use schedkit_core::control::{Limits, Stop, Watch};
use schedkit_core::rcpsp::{Options, format, solve};
use std::time::Duration;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (folder, bks, seconds, threads, step): (_, _, f64, usize, usize) =
        (&args[1], &args[2], args[3].parse().unwrap(), args[4].parse().unwrap(), args[5].parse().unwrap());
    let offset: usize = args.get(6).map_or(0, |x| x.parse().unwrap());
    let verbose = args.get(7).is_some();
    let text = std::fs::read_to_string(bks).unwrap();
    let head: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let col = |names: &[&str]| head.iter().position(|h| names.contains(h)).unwrap();
    let (file, best) = (col(&["instance", "file"].as_slice()).max(if head.contains(&"file") { head.iter().position(|h| *h == "file").unwrap() } else { 0 }), col(&["best_known", "upper_bound"]));
    let (mut sum, mut count, mut equal, mut proved, mut worse, mut sched, mut unknown) = (0.0, 0, 0, 0, Vec::new(), 0u64, 0);
    let start = std::time::Instant::now();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let mut seen = 0;
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let path = format!("{folder}/{}", cells[file]);
        let Ok(bytes) = std::fs::read(&path) else { continue };
        seen += 1;
        if (seen - 1) % step != offset { continue; }
        let project = format::read(&bytes, None).unwrap();
        let limits = if seconds < 1000.0 { Limits { time: Some(Duration::from_secs_f64(seconds)), ..Limits::default() } } else { Limits { budget: Some(seconds as u64), ..Limits::default() } };
        let stop = Stop::new(&limits);
        let mut watch = Watch::new(&stop);
        let s = solve(&project, &Options { threads, ..Options::default() }, &limits, &mut watch).unwrap();
        let known: i64 = cells[best].parse().unwrap();
        count += 1;
        sched += s.num_schedules;
        if s.status.as_str() == "unknown" || s.status.as_str() == "infeasible" { unknown += 1; println!("{} {}", cells[file], s.status.as_str()); continue; }
        let gap = 100.0 * (s.schedule.makespan as f64 / known as f64 - 1.0);
        sum += gap;
        if s.schedule.makespan <= known { equal += 1 } else { worse.push((cells[file].to_string(), s.schedule.makespan, known)) }
        if s.status.as_str() == "optimal" { proved += 1; assert!(s.schedule.makespan <= known, "false optimal {} {} {}", cells[file], s.schedule.makespan, known); }
        if verbose { println!("{} {} known {} {} lb {:?} {}", cells[file], s.schedule.makespan, known, s.status.as_str(), s.lower_bound, s.num_schedules); }
    }
    println!("{folder}: n {count} gap {:.3}% equal {equal} proved {proved} unknown {unknown} schedules/inst {} seconds {:.1}", sum / count as f64, sched / count as u64, start.elapsed().as_secs_f64());
    println!("worse {worse:?}");
}
