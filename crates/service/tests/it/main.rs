//! The use cases over a real store and the connectors as they are shipped, with the worker stepped by hand.

mod office;

mod approvals;
mod gates;
