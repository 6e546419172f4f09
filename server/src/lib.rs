//! The process: configuration, sessions, HTTP in, pages out, and the commands. What the product does is decided elsewhere.

#![recursion_limit = "512"]

pub mod auth;
pub mod commands;
pub mod config;
pub mod http;
mod process;
mod recorder;
pub mod router;
pub mod routes;
pub mod ssr;
