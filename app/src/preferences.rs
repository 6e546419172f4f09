//! What a person chose for this browser: theme, density and time zone. Kept in its local storage, never on the server.

use domain::timestamp::Timestamp;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::time_text::Offset;

const THEME_KEY: &str = "countersign-theme";
const DENSITY_KEY: &str = "countersign-density";
const ZONE_KEY: &str = "countersign-zone";

/// Which colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

/// How much stands on one screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    Comfortable,
    Compact,
}

/// Whose clock times are shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    Utc,
    Local,
}

impl Theme {
    /// The word that is stored, and that the style sheet knows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this word; the system's for any other.
    pub fn of(word: &str) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.word() == word).unwrap_or(Self::System)
    }
}

impl Density {
    /// The word that is stored, and that the style sheet knows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => "compact",
        }
    }

    /// The density of this word; comfortable for any other.
    pub fn of(word: &str) -> Self {
        if word == Self::Compact.word() { Self::Compact } else { Self::Comfortable }
    }
}

impl Zone {
    /// The word that is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Local => "local",
        }
    }

    /// The zone of this word; UTC for any other.
    pub fn of(word: &str) -> Self {
        if word == Self::Local.word() { Self::Local } else { Self::Utc }
    }
}

/// The choices as signals. The server, and the first rendering in the browser, know the defaults only.
#[derive(Clone, Copy)]
pub struct Preferences {
    pub theme: RwSignal<Theme>,
    pub density: RwSignal<Density>,
    pub zone: RwSignal<Zone>,
}

impl Preferences {
    /// The defaults; what is stored follows once the page is taken over.
    pub fn provide() -> Self {
        let preferences = Self {
            theme: RwSignal::new(Theme::System),
            density: RwSignal::new(Density::Comfortable),
            zone: RwSignal::new(Zone::Utc),
        };
        provide_context(preferences);
        preferences
    }

    /// Reads what this browser has stored. Browser only.
    pub fn load(self) {
        if let Some(word) = stored(THEME_KEY) {
            self.theme.set(Theme::of(&word));
        }
        if let Some(word) = stored(DENSITY_KEY) {
            self.density.set(Density::of(&word));
        }
        if let Some(word) = stored(ZONE_KEY) {
            self.zone.set(Zone::of(&word));
        }
    }

    /// Applies and stores a theme. Browser only.
    pub fn choose_theme(self, theme: Theme) {
        self.theme.set(theme);
        store(THEME_KEY, theme.word());
        mark_root("data-theme", Some(theme.word()).filter(|_| theme != Theme::System));
    }

    /// Applies and stores a density. Browser only.
    pub fn choose_density(self, density: Density) {
        self.density.set(density);
        store(DENSITY_KEY, density.word());
        mark_root("data-density", Some(density.word()).filter(|_| density != Density::Comfortable));
    }

    /// Applies and stores a zone. Browser only.
    pub fn choose_zone(self, zone: Zone) {
        self.zone.set(zone);
        store(ZONE_KEY, zone.word());
    }

    /// How far the chosen clock is from UTC at this time.
    pub fn offset(self, at: Timestamp) -> Offset {
        match self.zone.get() {
            Zone::Utc => Offset::UTC,
            Zone::Local => Offset { minutes: local_minutes(at) },
        }
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "dates and minutes are far below 2^53")]
fn local_minutes(at: Timestamp) -> i64 {
    let date = js_sys::Date::new(&JsValue::from_f64(at.unix_ms() as f64));
    -(date.get_timezone_offset() as i64)
}

/// Tells the style sheet; nothing stands for the default.
fn mark_root(attribute: &str, word: Option<&str>) {
    if let Some(root) = document().document_element() {
        let _ = match word {
            Some(word) => root.set_attribute(attribute, word),
            None => root.remove_attribute(attribute),
        };
    }
}

fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

fn store(key: &str, word: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, word);
    }
}
