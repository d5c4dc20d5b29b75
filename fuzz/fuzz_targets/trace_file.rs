//! Any bytes, as a trace in the Standard Workload Format: columns of one length, all finite, or an error that names a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schedkit_core::Error;
use schedkit_core::online::swf;

fn names_a_line(error: &Error) -> bool {
    matches!(error, Error::Format(error) if error.line.is_some())
}

fuzz_target!(|bytes: &[u8]| match swf::read(bytes) {
    Ok(trace) => {
        let columns =
            [&trace.submit_time, &trace.wait_time, &trace.run_time, &trace.processors, &trace.requested_time, &trace.status];
        for column in columns {
            assert_eq!(column.len(), trace.job_number.len());
            assert!(column.iter().all(|value| value.is_finite()));
        }
        match trace.jobs() {
            Ok(jobs) => {
                assert!(jobs.line.len() + jobs.unknown + jobs.repeated <= trace.line.len());
                assert!(jobs.submit_time.iter().chain(&jobs.run_time).all(|&value| value >= 0.0));
            }
            Err(error) => assert!(names_a_line(&error)),
        }
    }
    Err(error) => assert!(names_a_line(&error)),
});
