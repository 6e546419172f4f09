//! The icons: one inline sprite for the page, and references to its symbols. No picture comes from anywhere else.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Brand,
    Incidents,
    Approvals,
    Alerts,
    Playbooks,
    Runs,
    Audit,
    Check,
    Cross,
    Copy,
    Warning,
    Pause,
    Play,
    Up,
    Search,
    Plus,
    Settings,
    Lock,
}

impl IconName {
    const fn href(self) -> &'static str {
        match self {
            Self::Brand => "#icon-brand",
            Self::Incidents => "#icon-incidents",
            Self::Approvals => "#icon-approvals",
            Self::Alerts => "#icon-alerts",
            Self::Playbooks => "#icon-playbooks",
            Self::Runs => "#icon-runs",
            Self::Audit => "#icon-audit",
            Self::Check => "#icon-check",
            Self::Cross => "#icon-cross",
            Self::Copy => "#icon-copy",
            Self::Warning => "#icon-warning",
            Self::Pause => "#icon-pause",
            Self::Play => "#icon-play",
            Self::Up => "#icon-up",
            Self::Search => "#icon-search",
            Self::Plus => "#icon-plus",
            Self::Settings => "#icon-settings",
            Self::Lock => "#icon-lock",
        }
    }
}

/// One icon, for the eye only: the words beside it say the same.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false" viewBox="0 0 18 18">
            <use href=name.href()></use>
        </svg>
    }
    .into_any()
}

/// The symbols, once for each page.
#[component]
pub fn IconSprite() -> impl IntoView {
    view! {
        <svg class="icon-sprite" aria-hidden="true" focusable="false" width="0" height="0">
            <symbol id="icon-brand" viewBox="0 0 18 18">
                <path d="M2 12.500c2.500-6 4-8.500 5-8.500 1.600 0-.6 8 1 8s1.800-4 3-4 .4 3.500 1.600 3.500S14 10 16 10"></path>
                <path d="M2 16h14" opacity=".45"></path>
            </symbol>
            <symbol id="icon-incidents" viewBox="0 0 18 18"><path d="M9 2.500 16 15H2zM9 7v4M9 13v.2"></path></symbol>
            <symbol id="icon-approvals" viewBox="0 0 18 18"><path d="M3 14.500h12M4 11c2-5 3.200-7 4-7 1.200 0-.4 6 .8 6S10.300 7.500 11.200 7.500s.5 2.500 1.400 2.500H15"></path></symbol>
            <symbol id="icon-alerts" viewBox="0 0 18 18"><path d="M4.500 12.500v-4a4.500 4.500 0 0 1 9 0v4l1.500 1.500H3zM7.500 16h3"></path></symbol>
            <symbol id="icon-playbooks" viewBox="0 0 18 18"><path d="M3 3h5v4H3zM10 11h5v4h-5zM5.500 7v6H10"></path></symbol>
            <symbol id="icon-runs" viewBox="0 0 18 18"><circle cx="9" cy="9" r="6.500"></circle><path d="M7.500 6.200v5.600l4.500-2.800z"></path></symbol>
            <symbol id="icon-audit" viewBox="0 0 18 18"><path d="M4 2.500h7l3 3v10H4zM6.500 8h5M6.500 11h5"></path></symbol>
            <symbol id="icon-check" viewBox="0 0 18 18"><path d="m3.500 9.500 3.500 3.500 7.500-8"></path></symbol>
            <symbol id="icon-cross" viewBox="0 0 18 18"><path d="m4.500 4.500 9 9M13.500 4.500l-9 9"></path></symbol>
            <symbol id="icon-copy" viewBox="0 0 18 18"><path d="M6.500 6.500h8v8h-8zM11.500 6.500v-3h-8v8h3"></path></symbol>
            <symbol id="icon-warning" viewBox="0 0 18 18"><circle cx="9" cy="9" r="6.500"></circle><path d="M9 5.500v4M9 12v.2"></path></symbol>
            <symbol id="icon-pause" viewBox="0 0 18 18"><path d="M6.500 4v10M11.500 4v10"></path></symbol>
            <symbol id="icon-play" viewBox="0 0 18 18"><path d="M5.500 3.500v11l9-5.500z"></path></symbol>
            <symbol id="icon-search" viewBox="0 0 18 18"><circle cx="8" cy="8" r="4.500"></circle><path d="m11.500 11.500 4 4"></path></symbol>
            <symbol id="icon-plus" viewBox="0 0 18 18"><path d="M9 3.500v11M3.500 9h11"></path></symbol>
            <symbol id="icon-settings" viewBox="0 0 18 18"><path d="M2.500 5h5M11.500 5h4M2.500 13h9M15.500 13h0"></path><circle cx="9.500" cy="5" r="2"></circle><circle cx="13.500" cy="13" r="2"></circle></symbol>
            <symbol id="icon-lock" viewBox="0 0 18 18"><path d="M5.500 8V6a3.500 3.500 0 0 1 7 0v2M3.500 8h11v7.500h-11zM9 11v1.500"></path></symbol>
            <symbol id="icon-up" viewBox="0 0 18 18"><path d="M9 15V4M4.500 8 9 3.500 13.500 8"></path></symbol>
        </svg>
    }
    .into_any()
}
