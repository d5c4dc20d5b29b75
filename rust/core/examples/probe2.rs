use schedkit_core::rcpsp::*;
use schedkit_core::random::Random;
use std::time::Instant;
fn main(){
    let set="j120";
    let mut files: Vec<_> = std::fs::read_dir(format!("/tmp/d/{set}")).unwrap().map(|e| e.unwrap().path()).collect(); files.sort();
    let p = format::read(&std::fs::read(&files[33]).unwrap(), None).unwrap();
    let n=p.num_activities(); let mut rng=Random::new(1); let mut lister=Lister::new(&p);
    let rows: Vec<Vec<f64>> = (0..2000).map(|_| (0..n).map(|_|rng.unit()).collect()).collect();
    let perms: Vec<Vec<f64>> = rows.iter().map(|r| { let (_,rank)=lister.sort(r); rank.iter().map(|&x| x as f64).collect()}).collect();
    for _ in 0..4 {
    let a=Instant::now(); let mut s=0; for r in &rows { s+=lister.sort(r).0[5]; } println!("sort {:.3}", a.elapsed().as_secs_f64()/2e3*1e6);
    let a=Instant::now(); for r in &perms { s+=lister.sort(r).0[5]; } println!("perm sort {:.3}", a.elapsed().as_secs_f64()/2e3*1e6);
    let a=Instant::now(); for r in &perms { s+=lister.list(r)[5]; } println!("perm sort+select {:.3} {s}", a.elapsed().as_secs_f64()/2e3*1e6);
    }
}
