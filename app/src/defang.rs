//! Links, domains and mail addresses from alerts, spelled so that nothing and nobody follows them by accident.

use domain::observable::{Observable, ObservableKind};

/// The value of an entity as it is shown.
pub fn observable(observable: &Observable) -> String {
    match observable.kind {
        ObservableKind::Url => url(&observable.value),
        ObservableKind::Domain => dots(&observable.value),
        ObservableKind::Email => observable
            .value
            .split_once('@')
            .map_or_else(|| observable.value.clone(), |(name, domain)| format!("{name}@{}", dots(domain))),
        _ => observable.value.clone(),
    }
}

/// Any text with the links in it made harmless.
pub fn text(text: &str) -> String {
    text.split_inclusive(char::is_whitespace).map(|word| if word.contains("://") { url(word) } else { word.to_owned() }).collect()
}

fn url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return dots(url) };
    let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    format!("{}://{}{path}", scheme.replace("http", "hxxp").replace("HTTP", "hxxp"), dots(host))
}

fn dots(host: &str) -> String {
    host.replace('.', "[.]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_text_are_made_harmless() {
        for (given, expected) in [
            ("see https://pay-roll.example/login now", "see hxxps://pay-roll[.]example/login now"),
            ("javascript://a.example", "javascript://a[.]example"),
            ("no link 1.2.3.4", "no link 1.2.3.4"),
        ] {
            assert_eq!(text(given), expected);
        }
    }

    #[test]
    fn entities_are_shown_by_kind() {
        for (kind, value, expected) in [
            (ObservableKind::Domain, "pay-roll.example", "pay-roll[.]example"),
            (ObservableKind::Email, "a@b.example", "a@b[.]example"),
            (ObservableKind::Ip, "91.23.11.9", "91.23.11.9"),
        ] {
            let seen = Observable { kind, value: value.to_owned(), field: String::new() };
            assert_eq!(observable(&seen), expected);
        }
    }
}
