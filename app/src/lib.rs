//! The only place that knows Leptos: the shell of every page, routes, pages, components, server functions and the live
//! connection. No rule and no SQL lives here; what the product can do comes from `api`, what is allowed from `domain`.

mod address;
mod alert_fields;
mod alert_reading;
mod answered;
mod arrivals;
mod asked;
mod audit_address;
#[cfg(feature = "ssr")]
mod backend;
mod bulk;
mod clock;
mod components;
mod correlated_client;
mod defang;
mod entity_graph;
mod flow;
mod kept_head;
mod keyboard;
mod line_hunks;
mod listing;
mod live;
mod log_check;
mod menus;
mod notices;
mod on_demand;
mod page_status;
mod pages;
mod palette;
mod plan_rows;
mod playbook_words;
mod preferences;
mod routes;
mod selection;
mod server_fns;
mod session_end;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "hydrate")]
mod taking_over;
mod time_text;
mod titles;
mod uploading;
mod viewer;
mod wording;

#[cfg(feature = "ssr")]
pub use on_demand::FilesOf;
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
#[cfg(feature = "hydrate")]
pub use taking_over::take_over;

/// Where the server must mount the server functions.
pub const RPC_PREFIX: &str = "/rpc";
