//! The rules of Countersign as pure code: what an alert, an incident, a plan, an approval and an audit entry are, and what may
//! happen to them. Nothing here waits, reads a clock, makes randomness or touches a socket; it builds for the browser too.

pub mod access;
pub mod action;
pub mod alert;
pub mod approval;
pub mod audit;
pub mod canonical;
pub mod classification;
pub mod correlation;
pub mod digest;
pub mod evidence;
pub mod grant;
pub mod id;
pub mod incident;
pub mod incident_filter;
pub mod json;
pub mod link;
pub mod masking;
pub mod note;
pub mod notification;
pub mod observable;
pub mod password;
pub mod plan;
pub mod playbook;
pub mod run;
pub mod saved_view;
pub mod score;
pub mod search;
pub mod session;
pub mod severity;
pub mod sla;
pub mod task;
pub mod text;
pub mod timestamp;
pub mod user;
pub mod verdict;
mod word_enum;
