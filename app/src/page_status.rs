//! The HTTP status of a page that could not be shown; in the browser there is none to set.

/// The page that is being rendered answers with this status.
pub fn answer(status: u16) {
    #[cfg(feature = "ssr")]
    crate::backend::answer_with(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
