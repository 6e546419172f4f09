//! What a browser would make of a page: its elements and their attributes, read as the HTML standard says for text, quotes and scripts.
//! A page is inert if nothing of that can have come from a hostile text.

/// The word that every hostile element and attribute of the corpus has in its name.
const MARK: &str = "hostile";
/// Elements that no page of ours has.
const FOREIGN: [&str; 13] = [
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "base",
    "math",
    "foreignobject",
    "animate",
    "video",
    "audio",
    "marquee",
    "area",
];
/// Attributes that a browser follows.
const FOLLOWED: [&str; 7] = ["href", "src", "action", "formaction", "data", "poster", "xlink:href"];
/// Elements whose content is text up to their own end.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// A start tag.
#[derive(Debug)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

/// Fails unless the page is inert.
#[track_caller]
pub fn assert_inert(page: &str, path: &str) {
    let elements = elements(page);
    assert!(elements.len() > 5, "{path} is no page: {page}");
    for element in &elements {
        let fault = fault(element);
        assert!(fault.is_none(), "{path}: {}: {element:?}", fault.unwrap_or_default());
    }
}

fn fault(element: &Element) -> Option<&'static str> {
    let Element { name, attributes } = element;
    if name.contains(MARK) || FOREIGN.contains(&name.as_str()) {
        return Some("this element is not ours");
    }
    if name == "script" && !attributes.iter().any(|(name, value)| name == "nonce" && !value.is_empty()) {
        return Some("a script without a nonce");
    }
    if name == "meta" && attributes.iter().any(|(name, _)| name == "http-equiv") {
        return Some("a page that leads away");
    }
    attributes.iter().find_map(|(name, value)| {
        let runs = name.starts_with("on") || name == "style" || name == "srcdoc" || name.contains(MARK);
        let leads_away = FOLLOWED.contains(&name.as_str()) && !is_followed_safely(value);
        if runs {
            Some("this attribute is not ours")
        } else {
            leads_away.then_some("an address that runs or leads to another site")
        }
    })
}

/// An address of this site, or one that is written out with a scheme of the web.
fn is_followed_safely(address: &str) -> bool {
    let seen: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect::<String>().to_lowercase();
    let local = (seen.starts_with('/') && !seen.starts_with("//") && !seen.starts_with("/\\")) || seen.starts_with(['#', '?']);
    local || seen.is_empty() || seen.starts_with("https://")
}

/// The start tags of a page, in order.
pub fn elements(page: &str) -> Vec<Element> {
    let (mut elements, mut rest) = (Vec::new(), page);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (element, after) = start_tag(rest);
            let end = format!("</{}", element.name);
            rest = match RAW.contains(&element.name.as_str()) {
                true => after.to_ascii_lowercase().find(&end).map_or("", |at| &after[at..]),
                false => after,
            };
            elements.push(element);
        }
    }
    elements
}

/// A start tag, and what comes after its attributes.
pub fn start_tag(text: &str) -> (Element, &str) {
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            let after = rest.strip_prefix('>').unwrap_or(rest);
            return (Element { name: name.to_ascii_lowercase(), attributes }, after);
        }
        let (attribute, after) = attribute(rest);
        attributes.push(attribute);
        rest = after;
    }
}

fn attribute(text: &str) -> ((String, String), &str) {
    // An equals sign at the start belongs to the name.
    let ends = |c: char| c.is_ascii_whitespace() || c == '/' || c == '>' || c == '=';
    let first = text.chars().next().map_or(0, char::len_utf8);
    let end = text[first..].find(ends).map_or(text.len(), |at| at + first);
    let (name, rest) = text.split_at(end);
    let name = name.to_ascii_lowercase();
    let Some(value) = rest.trim_start().strip_prefix('=').map(str::trim_start) else { return ((name, String::new()), rest) };
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            let (value, after) = quoted.split_once(quote).unwrap_or((quoted, ""));
            return ((name, value.to_owned()), after);
        }
    }
    let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len());
    ((name, value[..end].to_owned()), &value[end..])
}

#[test]
fn a_page_is_read_as_browsers_do() {
    let page = r#"<!doctype html><p class="a > b" title='<i>'>1 < 2 <br/><!-- <b> --><script nonce=x>if (a<b) {"<i>"}</script><A HREF=/x>"#;
    let names: Vec<String> = elements(page).into_iter().map(|element| element.name).collect();
    assert_eq!(names, ["p", "br", "script", "a"]);
}

#[test]
fn what_came_from_a_text_is_found() {
    for page in [
        "<hostile-x>",
        r#"<p title="" data-hostile="1">"#,
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "<a href=\"java\tscript:alert(1)\">",
        "<a href=//evil.example>",
        "<script nonce=a>\"</script><hostile-x>\"</script>",
        "<p style='x'>",
        "<iframe src=/>",
    ] {
        assert!(elements(page).iter().any(|element| fault(element).is_some()), "{page}");
    }
    for page in ["<p>&lt;hostile-x&gt; hostile", r#"<p title="<hostile-x> onerror=">"#, "<a href=/incidents?q=javascript:x>"] {
        assert!(elements(page).iter().all(|element| fault(element).is_none()), "{page}");
    }
}
