//! Typed values seen in an alert: what enrichment asks about, what correlation joins on, what an action aims at.

use serde::{Deserialize, Serialize};

use crate::word_enum;

word_enum! {
    /// The type of an observable.
    ObservableKind {
        Ip = "ip",
        Domain = "domain",
        Url = "url",
        Email = "email",
        User = "user",
        Host = "host",
        FileHash = "file_hash",
        Process = "process",
    }
}

/// A typed value, with the ECS field that it came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Observable {
    pub kind: ObservableKind,
    pub value: String,
    /// For example `source.ip`.
    pub field: String,
}
