//! The HTTP status of a page that could not be shown, and the id of its request; in the browser there is none.

/// The page that is being rendered answers with this status.
pub fn answer(status: u16) {
    #[cfg(feature = "ssr")]
    crate::backend::answer_with(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// The id that the log knows the page's request by.
pub fn correlation_id() -> Option<String> {
    #[cfg(feature = "ssr")]
    return crate::backend::correlation_id();
    #[cfg(not(feature = "ssr"))]
    None
}
