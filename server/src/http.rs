//! What every HTTP answer has in common: problems, headers, correlation, bodies, queries, embedded files.

pub mod assets;
pub mod body;
pub mod correlation;
pub mod created;
pub mod etag;
pub mod export;
pub mod headers;
pub mod idempotency;
pub mod limits;
pub mod listening;
pub mod measuring;
pub mod names;
pub mod problem;
pub mod query;
pub mod rate_limit;
pub mod strict_query;
