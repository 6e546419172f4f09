//! One-time links: by one the first admin is made, by another a person sets their password. Only a digest of what makes them secret is
//! ever kept.

use crate::word_enum;

word_enum! {
    /// What a link is for.
    LinkPurpose {
        /// Making the first admin of a new installation.
        Setup = "setup",
        /// Setting one person's password.
        Password = "password",
    }
}

impl LinkPurpose {
    /// How long such a link works, in milliseconds.
    #[must_use]
    pub const fn lifetime_ms(self) -> i64 {
        const HOUR_MS: i64 = 60 * 60 * 1000;
        match self {
            Self::Setup => HOUR_MS,
            Self::Password => 24 * HOUR_MS,
        }
    }

    /// The page that the link opens.
    #[must_use]
    pub const fn page(self) -> &'static str {
        match self {
            Self::Setup => "/setup",
            Self::Password => "/set-password",
        }
    }
}
