//! Characters that no reader may be shown, as the Unicode standard lists them, and everything that a page shows to one. What the
//! product's own rule makes of a text must be shown as it is: shown again, it does not change.

use domain::visible::{Place, visible};

use crate::inert::start_tag;

/// Attributes that hold data: what a field was given, and addresses.
const DATA: [&str; 5] = ["value", "href", "src", "action", "content"];
/// What is written for the signs of markup.
const ENTITIES: [(&str, &str); 6] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];

/// The first character of the text that reorders, hides, commands, or is none.
pub fn deceptive(text: &str) -> Option<char> {
    text.chars().find(|c| match *c {
        '\n' | '\t' => false,
        c if c.is_control() => true,
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{2800}' => true,
        '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFC}' | '\u{110BD}' | '\u{E000}'..='\u{F8FF}' => true,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' => true,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' => {
            true
        }
        '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => true,
        '\u{E0000}'.. => true,
        c => u32::from(c) & 0xFFFE == 0xFFFE,
    })
}

/// Fails if a reader of this text is deceived.
#[track_caller]
pub fn assert_plain(text: &str, place: &str) {
    assert_eq!(deceptive(text), None, "{place}: {text:?}");
    assert_eq!(visible(text, Place::Lines), text, "{place}");
}

/// Fails if a page shows something that deceives.
#[track_caller]
pub fn assert_page_is_plain(page: &str, path: &str) {
    for text in shown(page) {
        assert_plain(&text, path);
    }
}

/// Every text of a page and every attribute that is not data.
fn shown(page: &str) -> Vec<String> {
    let (mut shown, mut rest) = (Vec::new(), page);
    while let Some(at) = rest.find('<') {
        shown.push(decoded(&rest[..at]));
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (element, after) = start_tag(rest);
            let attributes = element.attributes.iter().filter(|(name, _)| !DATA.contains(&name.as_str()));
            shown.extend(attributes.map(|(_, value)| decoded(value)));
            // What a page carries along for its own code is data.
            let is_code = element.name == "script" || element.name == "style";
            let after = after.strip_prefix('>').unwrap_or(after);
            rest = if is_code { after.find(&format!("</{}", element.name)).map_or("", |end| &after[end..]) } else { after };
        } else {
            rest = rest.split_once('>').map_or("", |(_, after)| after);
        }
    }
    shown
}

fn decoded(text: &str) -> String {
    ENTITIES.iter().fold(text.to_owned(), |text, (written, sign)| text.replace(written, sign))
}

#[test]
fn what_deceives_is_found_where_it_is_shown() {
    for page in ["<p>a\u{202e}b</p>", "<p title=\"\u{200b}\">a</p>", "<title>\u{ad}</title>", "<p>\u{430}dmin</p>"] {
        let plain = shown(page).iter().all(|text| deceptive(text).is_none() && visible(text, Place::Lines) == *text);
        assert!(!plain, "{page}");
    }
    for page in
        ["<script>\"\u{202e}\"</script><p>a</p>", "<input value=\"\u{202e}\">", "<p>‹U+202E›nimda &lt;b&gt; שלום 安全</p>"]
    {
        assert_page_is_plain(page, page);
    }
}
