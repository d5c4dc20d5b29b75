use schedkit_core::rcpsp::*;
use schedkit_core::random::Random;
use std::time::Instant;
fn main(){
    for set in ["j30","j60","j120"] {
    let mut files: Vec<_> = std::fs::read_dir(format!("/tmp/d/{set}")).unwrap().map(|e| e.unwrap().path()).collect(); files.sort();
    let projects: Vec<Project> = files.iter().map(|p| format::read(&std::fs::read(p).unwrap(), None).unwrap()).collect();
    let mut dev=0.0; let mut pdev=0.0; let mut jdev=0.0;
    for p in &projects { let s=serial_sgs(p, Priority::Rule(Rule::Lft),0).unwrap(); let c=critical_path(p).length as f64;
       let q=parallel_sgs(p, Priority::Rule(Rule::Lft),0).unwrap();
       let j=justify(p,&s.completion_time).unwrap();
       jdev+=j.makespan as f64/c-1.0;
       dev+= s.makespan as f64/c-1.0; pdev+=q.makespan as f64/c-1.0; }
    let n=projects.len() as f64;
    println!("{set} {:.2} {:.2} {:.2}", dev/n*100.0, pdev/n*100.0, jdev/n*100.0);
    let k=100; let mut rng=Random::new(1);
    for kernel in [Kernel::Packed, Kernel::PackedAvx512, Kernel::Events] {
        let mut best=[f64::MAX;4]; let mut sum=[0;2];
        for _ in 0..5 { let mut t=[0.0;4]; let mut cnt=0; sum=[0;2];
        for p in projects.iter().step_by(15) {
            let n=p.num_activities();
            let mut lister=Lister::new(p); let mut dec=Decoder::with_kernel(p,kernel);
            let rows: Vec<Vec<f64>> = (0..k).map(|_|{ let r:Vec<f64>=(0..n).map(|_|rng.unit()).collect(); r}).collect();
            let ranks: Vec<Vec<f64>> = rows.iter().map(|r|{ let l=lister.list(r); let mut o=vec![0.0;n]; for (q,&i) in l.iter().enumerate(){o[i as usize]=q as f64;} o}).collect();
            let a=Instant::now();
            for r in &ranks { let l=lister.list(r); sum[0]+=l[3] as i64; }
            t[0]+=a.elapsed().as_secs_f64();
            let a=Instant::now();
            for r in &ranks { let l=lister.list(r); sum[0]+=dec.decode(l,Direction::Forward); }
            t[1]+=a.elapsed().as_secs_f64();
            let a=Instant::now();
            for r in &rows { let l=lister.list(r); sum[1]+=dec.decode(l,Direction::Forward); }
            t[2]+=a.elapsed().as_secs_f64();
            cnt+=k;
        }
        for q in 0..4 { best[q]=best[q].min(t[q]/cnt as f64); } }
        println!("{set} {kernel:?} list {:.3} us, ranks {:.3} us = {:.0}/s ; keys {:.3} us = {:.0}/s ; {:?}", best[0]*1e6, best[1]*1e6, 1.0/best[1], best[2]*1e6, 1.0/best[2], sum);
    }}
}
