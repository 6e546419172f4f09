//! The screens. Each owns its resources and actions, and hands values and callbacks to components.

pub mod alert;
pub mod alerts;
pub mod approval;
pub mod approvals;
pub mod audit;
pub mod frame;
pub mod incident;
pub mod incidents;
pub mod new_alert;
pub mod not_found;
pub mod playbook;
pub mod playbook_upload;
pub mod playbooks;
pub mod run;
pub mod run_dialog;
pub mod runs;
pub mod set_password;
pub mod settings;
pub mod setup;
pub mod sign_in;
