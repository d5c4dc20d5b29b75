//! Any bytes, as a project file of each format: a project, or an error. A project survives its own writers and can be scheduled.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schedkit_core::rcpsp::format::{Format, read, write_json, write_psplib};
use schedkit_core::rcpsp::{critical_path, lower_bound};

fuzz_target!(|bytes: &[u8]| {
    for format in [None, Some(Format::Psplib), Some(Format::Patterson), Some(Format::Storage), Some(Format::Json)] {
        let Ok(project) = read(bytes, format) else { continue };
        let bound = lower_bound(&project);
        if let Ok(path) = critical_path(&project, &schedkit_core::control::Pulse::default()) {
            assert!(bound >= path.length);
        }
        let json = write_json(&project).expect("small projects fit into memory");
        let again = read(json.as_bytes(), Some(Format::Json)).expect("our own JSON is read");
        assert_eq!(write_json(&again).expect("small projects fit into memory"), json);
        assert_eq!((again.duration(), again.capacity()), (project.duration(), project.capacity()));
        let Ok(psplib) = write_psplib(&project) else { continue }; // the format has no constraints
        if let Ok(again) = read(psplib.as_bytes(), Some(Format::Psplib)) {
            assert_eq!(again.duration(), project.duration());
            assert_eq!(again.capacity(), project.capacity());
        }
    }
});
