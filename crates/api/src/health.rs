//! How the server is.

use async_trait::async_trait;
use domain::word_enum;
use serde::{Deserialize, Serialize};

word_enum! {
    /// How a part, or the whole, is.
    HealthStatus {
        Ok = "ok",
        Degraded = "degraded",
        Down = "down",
    }
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    pub status: HealthStatus,
    pub detail: String,
}

/// The parts that the server stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checks {
    pub database: Check,
    pub worker: Check,
    pub audit: Check,
    pub playbooks: Check,
}

/// The whole: the worst of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthReport {
    pub status: HealthStatus,
    pub version: String,
    pub checks: Checks,
}

/// What can be asked about health.
#[async_trait]
pub trait Health: Send + Sync {
    /// Asks every part now.
    async fn report(&self) -> HealthReport;
}
