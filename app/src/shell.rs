//! The document around every page: head, scripts, and the body that the browser takes over.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;

/// Applies the stored choices of theme and density before the first paint.
const LOOK_SCRIPT: &str = "try{var r=document.documentElement.dataset,t=localStorage.getItem('countersign-theme');if(t==='light'||t==='dark')r.theme=t;if(localStorage.getItem('countersign-density')==='compact')r.density='compact'}catch(e){}";

/// Keeps what a person does before the page is alive.
const EARLY_SCRIPT: &str = include_str!("early.js");

/// The whole HTML document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <script nonce=use_nonce()>{LOOK_SCRIPT}</script>
                <script nonce=use_nonce()>{EARLY_SCRIPT}</script>
                <link rel="stylesheet" href="/pkg/countersign.css" />
                <link rel="icon" type="image/svg+xml" href="/pkg/icon.svg" />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
