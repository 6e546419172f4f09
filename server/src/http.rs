//! What every HTTP answer has in common: problems, headers, correlation, bodies, queries, embedded files.

pub mod assets;
pub mod body;
pub mod correlation;
pub mod etag;
pub mod export;
pub mod headers;
pub mod names;
pub mod problem;
pub mod query;
