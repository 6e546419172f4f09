//! The one recorder of metrics in a process, and the text that Prometheus reads.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use service::metrics::{HTTP_SECONDS, WRITE_GROUP, WRITE_SECONDS};

use crate::process;

const HTTP_SECONDS_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
const WRITE_SECONDS_BUCKETS: [f64; 9] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];
const WRITE_GROUP_BUCKETS: [f64; 8] = [1.0, 4.0, 16.0, 64.0, 128.0, 256.0, 512.0, 1_500.0];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to record; later calls do nothing.
pub fn start() {
    RECORDER.get_or_init(|| {
        let recorder = builder().ok()?.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder of metrics is in place");
        }
        service::metrics::describe();
        Some(handle)
    });
}

/// Everything that was recorded, in the text format of Prometheus.
#[must_use]
pub fn text() -> String {
    process::show();
    RECORDER.get().and_then(Option::as_ref).map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    })
}

fn builder() -> Result<PrometheusBuilder, metrics_exporter_prometheus::BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(HTTP_SECONDS.to_owned()), &HTTP_SECONDS_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full(WRITE_SECONDS.to_owned()), &WRITE_SECONDS_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full(WRITE_GROUP.to_owned()), &WRITE_GROUP_BUCKETS)
}
