//! The extension module `schedkit._core`: arrays in, interpreter detached, arrays out. The algorithms live in `schedkit-core`.

// PyO3 hands arguments over by value.
#![allow(clippy::needless_pass_by_value)]

mod anytime;
mod buffer_pool;
mod check;
mod constraints;
mod convert;
mod dag;
mod dispatcher;
mod errors;
mod online;
mod packing;
mod queue;
mod ramp;
mod rcpsp;
mod serving;
mod shared_keys;
mod shop;
mod stream;
mod tardiness;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::anytime::CancelToken;
    #[pymodule_export]
    use super::check::check_project;
    #[pymodule_export]
    use super::constraints::project_constraints;
    #[pymodule_export]
    use super::convert::require_memory;
    #[pymodule_export]
    use super::dag::TaskGraph;
    #[pymodule_export]
    use super::dag::algorithms::{Network, check_dag, list_schedulers, schedule_many};
    #[pymodule_export]
    use super::dispatcher::{DispatchOrder, Dispatcher};
    #[pymodule_export]
    use super::errors::register_exceptions;
    #[pymodule_export]
    use super::online::Jobs;
    #[pymodule_export]
    use super::online::check::check_flow;
    #[pymodule_export]
    use super::online::policy::{JobFacts, OnlinePolicy};
    #[pymodule_export]
    use super::online::workload::{
        bounded_estimates, draw_sizes, log_normal_estimates, map_arrivals, poisson_arrivals, read_swf,
    };
    #[pymodule_export]
    use super::packing::bins::{pack_bins, pack_bins_exact};
    #[pymodule_export]
    use super::packing::memory_offsets::memory_offsets;
    #[pymodule_export]
    use super::packing::partition::{partition_exact, partition_items};
    #[pymodule_export]
    use super::packing::placement::{node_scores, place_items, repack_items, unplaced_items};
    #[pymodule_export]
    use super::packing::replicate::replicate_experts;
    #[pymodule_export]
    use super::queue::PolicyQueue;
    #[pymodule_export]
    use super::ramp::ramp_generate;
    #[pymodule_export]
    use super::rcpsp::{Project, check_calendar, priority_rules, project_objectives};
    #[pymodule_export]
    use super::serving::admission::Admission;
    #[pymodule_export]
    use super::serving::router::Router;
    #[pymodule_export]
    use super::serving::serving_defaults;
    #[pymodule_export]
    use super::serving::simulation::simulate_serving;
    #[pymodule_export]
    use super::shop::environment::ShopEnvironment;
    #[pymodule_export]
    use super::shop::{Shop, shop_objectives, shop_rules};
    #[pymodule_export]
    use super::stream::{StreamPlanner, simulate_stream};
    #[pymodule_export]
    use super::tardiness::check::check_sequence;
    #[pymodule_export]
    use super::tardiness::rules::{tardiness_rule, tardiness_rule_many, tardiness_rules, tardiness_start};
    #[pymodule_export]
    use super::tardiness::search::{tardiness_improve, tardiness_solve_exact, tardiness_solve_subsets};
    #[pymodule_export]
    use super::tardiness::{tardiness_evaluate, tardiness_generate, tardiness_validate};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::convert::connect_numpy(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
