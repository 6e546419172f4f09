//! What is written out and what is not, by the words of the standard; and what must hold for any text.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Just, Strategy};
use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use super::{MARKS_MAX, Place, escaped_json, is_letter_or_digit, visible};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(visible(text, Place::Line), expected, "{text:?}");
}

#[track_caller]
fn stays(text: &str) {
    check(text, text);
}

/// Default_Ignorable_Code_Point, from DerivedCoreProperties of Unicode 17.
const IGNORABLE: [std::ops::RangeInclusive<u32>; 17] = [
    0xAD..=0xAD,
    0x34F..=0x34F,
    0x61C..=0x61C,
    0x115F..=0x1160,
    0x17B4..=0x17B5,
    0x180B..=0x180F,
    0x200B..=0x200F,
    0x202A..=0x202E,
    0x2060..=0x206F,
    0x3164..=0x3164,
    0xFE00..=0xFE0F,
    0xFEFF..=0xFEFF,
    0xFFA0..=0xFFA0,
    0xFFF0..=0xFFF8,
    0x1BCA0..=0x1BCA3,
    0x1D173..=0x1D17A,
    0xE0000..=0xE0FFF,
];

/// What may never reach a screen: by its category, because it is ignorable, or because it is blank.
fn is_unseen(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Unassigned};
    let category = c.general_category();
    let ignorable = IGNORABLE.iter().any(|range| range.contains(&u32::from(c)));
    let is_of = [Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator].contains(&category);
    ignorable || (is_of && c != ' ') || c == '\u{2800}' || (category == Unassigned && c > '\u{EFFFF}')
}

#[test]
fn what_reorders_or_hides_is_written_out() {
    check("\u{202e}nimda", "‹U+202E›nimda");
    check("victim\u{202e}gpj.exe", "victim‹U+202E›gpj.exe");
    check("a\u{61c}b\u{2028}c\u{ad}d", "a‹U+061C›b‹U+2028›c‹U+00AD›d");
    check("a\u{200b}\u{e0041}", "a‹U+200B›‹U+E0041›");
    check("\u{1b}[31mred\u{7f}\u{9b}", "‹U+001B›[31mred‹U+007F›‹U+009B›");
    check("\u{3164}\u{ffa0}\u{115f}\u{2800}", "‹U+3164›‹U+FFA0›‹U+115F›‹U+2800›");
    check("a\u{a0}b\u{3000}", "a‹U+00A0›b‹U+3000›");
    check("\u{ffff}\u{e000}\u{10ffff}", "‹U+FFFF›‹U+E000›‹U+10FFFF›");
    for c in '\0'..=char::MAX {
        let is_shown = visible(&format!("a{c}"), Place::Line) == format!("a{c}");
        assert!(!(is_shown && is_unseen(c)), "{:04X} is shown", u32::from(c));
    }
}

#[test]
fn lines_keep_their_ends_and_tabs_and_nothing_else() {
    check("a\tb\nc", "a‹U+0009›b‹U+000A›c");
    for (text, expected) in
        [("a\tb\nc", "a\tb\nc"), ("a\r\nb\rc", "a\nb‹U+000D›c"), ("a\u{2028}b\u{b}c\u{85}", "a‹U+2028›b‹U+000B›c‹U+0085›")]
    {
        assert_eq!(visible(text, Place::Lines), expected);
    }
}

#[test]
fn text_of_the_world_stays_as_it_is() {
    for text in [
        "plain ASCII, with every sign: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "Müller, Łódź, İstanbul ısı, façade, Ærø, Nguyễn Thị Hằng",
        "Входящая почта от Иванова, VPN-сервер и IP-адрес; хор",
        "Ειδοποίηση: ασφάλεια",
        "مرحبا بالعالم ١٢٣",
        "שָׁלוֹם עוֹלָם",
        "安全事件响应：登录失败！（三次）",
        "不審なログイン、Windowsサーバー",
        "보안 사고 VPN서버",
        "नमस्ते दुनिया",
        "สวัสดี Windowsได้",
        "😀 🚀 👍🏿 🇩🇪 → “quoted” – 1…2 €5 №3 10² ½ ™ ™ ①",
        "e\u{301} and é",
    ] {
        stays(text);
        assert!(matches!(visible(text, Place::Line), std::borrow::Cow::Borrowed(_)), "{text} is copied");
    }
}

#[test]
fn what_imitates_is_written_out() {
    check("\u{430}dmin", "‹U+0430›dmin");
    check("\u{430}dm\u{456}n", "‹U+0430›dm‹U+0456›n");
    check("https://\u{441}ountersign.example/", "https://‹U+0441›ountersign.example/");
    check("p\u{430}ypal и почта", "p‹U+0430›ypal и почта");
    check("g\u{3bf}\u{3bf}gle, g\u{585}ogle", "g‹U+03BF›‹U+03BF›gle, g‹U+0585›ogle");
    check("ad\u{5e1}in \u{661}92.168.0.1", "ad‹U+05E1›in ‹U+0661›92.168.0.1");
    check("1\u{9ea}.0.0.1", "1‹U+09EA›.0.0.1");
    check("ＡＤｍin", "‹U+FF21›‹U+FF24›‹U+FF4D›in");
    check("\u{1d41a}\u{1d41d}min", "‹U+1D41A›‹U+1D41D›min");
    check("\u{212a}elvin \u{17f}erver \u{217c}ogin \u{24d0}", "‹U+212A›elvin ‹U+017F›erver ‹U+217C›ogin ‹U+24D0›");
    check("evil\u{2044}a\u{2215}b\u{ff0f}c\u{2024}d", "evil‹U+2044›a‹U+2215›b‹U+FF0F›c‹U+2024›d");
    check("\u{13a0}\u{13a1} \u{a4d0}", "‹U+13A0›‹U+13A1› ‹U+A4D0›");
    check("\u{1d00}\u{1d05}min \u{251}dmin", "‹U+1D00›‹U+1D05›min ‹U+0251›dmin");
}

#[test]
fn a_word_of_another_script_that_looks_latin_is_believed_only_in_its_own_surroundings() {
    // All of Cyrillic, and each letter like a Latin one.
    let apple = "\u{430}\u{440}\u{440}\u{4cf}\u{435}";
    let written_out = "‹U+0430›‹U+0440›‹U+0440›‹U+04CF›‹U+0435›";
    check(apple, written_out);
    check(&format!("{apple}.com"), &format!("{written_out}.com"));
    check(&format!("Почта от {apple}.com"), &format!("Почта от {written_out}.com"));
    stays("Ночной хор и сор");
    check("g\u{3007}\u{3007}gle", "g‹U+3007›‹U+3007›gle");
}

#[test]
fn marks_do_not_stack_up() {
    check("e\u{301}\u{302}\u{303}\u{304}", "e\u{301}\u{302}\u{303}\u{304}");
    check("e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}f", "e\u{301}\u{302}\u{303}\u{304}‹U+0305›‹U+0306›f");
    check("e\u{301}\u{301}", "e\u{301}‹U+0301›");
    check("\u{301}a", "‹U+0301›a");
    check("\u{430}\u{301}dmin", "‹U+0430›‹U+0301›dmin");
}

#[test]
fn a_picture_made_of_pictures_is_written_as_its_parts() {
    check("👨\u{200d}👩", "👨‹U+200D›👩");
    check("❤\u{fe0f}", "❤‹U+FE0F›");
    check("می\u{200c}خواهم", "می‹U+200C›خواهم");
}

/// Superscripts, subscripts, fractions, signs of trade and circled digits are told from ASCII by anybody.
#[test]
fn what_normalises_to_an_ascii_letter_or_digit_is_written_out() {
    let is_plainly_other = |c: char| matches!(c, 'ª' | '²' | '³' | '¹' | 'º' | '\u{2070}'..='\u{2079}' | '\u{2080}'..='\u{2089}' | '\u{2460}'..='\u{249B}' | '\u{24EA}');
    for c in ('\u{80}'..=char::MAX).filter(|c| !is_plainly_other(*c)) {
        let mut normal = c.to_string().nfkc().collect::<Vec<char>>().into_iter();
        let imitates = (normal.next(), normal.next());
        if let (Some(ascii), None) = imitates
            && ascii.is_ascii_alphanumeric()
        {
            assert_eq!(visible(&c.to_string(), Place::Line), format!("‹U+{:04X}›", u32::from(c)));
        }
    }
}

#[test]
fn only_what_is_seen_counts_as_a_letter() {
    let count = |text: &str| text.chars().filter(|c| is_letter_or_digit(*c)).count();
    for (text, expected) in [
        ("Sound, 10 of 10.", 11),
        ("äöü 安全 ١٢", 7),
        ("\u{200b}\u{3164}\u{ffa0}\u{115f}\u{1160}\u{2800}\u{e0041}\u{ad}", 0),
        ("\u{301}\u{345}\u{20dd}\u{17b4}", 0),
        ("... --- !!! 😀", 0),
    ] {
        assert_eq!(count(text), expected, "{text:?}");
    }
}

#[test]
fn escaped_json_is_the_same_data_in_harmless_bytes() {
    let value = serde_json::json!({ "user": "\u{202e}nimda", "note": "\u{430}dmin \u{e0041} Müller 安全", "\u{200b}": ["\u{7f}\u{1b}\r\n"] });
    let json = value.to_string();
    let escaped = escaped_json(&json);
    assert!(
        escaped.contains(r#""\u202enimda""#) && escaped.contains(r"\udb40\udc41 Müller 安全") && escaped.contains(r"\u007f"),
        "{escaped}"
    );
    assert_eq!(visible(&escaped, Place::Line), escaped);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
}

fn is_stacked(c: char) -> bool {
    matches!(c.general_category(), GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

/// Characters of which deceiving texts are made, among any others.
fn telling() -> impl Strategy<Value = String> {
    const TELLING: &str = "\u{202e}\u{200b}\u{200d}\u{ad}\u{61c}\u{e0041}\u{301}\u{302}\u{fe0f}‹›U+0430 aAdmin.com/сортαορωЖ\u{4cf}〇漢ノ！，Ａ１1٣٥ס\r\n\t😀\u{a0}\u{1d41a}";
    let characters: Vec<char> = TELLING.chars().collect();
    let telling = proptest::sample::select(characters);
    proptest::collection::vec(proptest::prop_oneof![6 => telling, 1 => any::<char>(), 1 => Just(' ')], 0..40)
        .prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn whatever_the_text(text in telling()) {
        for place in [Place::Line, Place::Lines] {
            let shown = visible(&text, place);
            let is_kept = |c: char| place == Place::Lines && matches!(c, '\n' | '\t');
            prop_assert!(!shown.chars().any(|c| is_unseen(c) && !is_kept(c)), "{:?} is shown as {:?}", text, shown);
            prop_assert_eq!(&visible(&shown, place), &shown, "shown twice");
            prop_assert!(shown.len() <= 12 * text.len());
            let marks = shown.split(|c: char| !is_stacked(c)).map(|marks| marks.chars().count()).max();
            prop_assert!(marks.unwrap_or_default() <= MARKS_MAX);
        }
    }

    #[test]
    fn plain_text_is_not_touched(text in "[ -~]{0,80}") {
        prop_assert!(matches!(visible(&text, Place::Line), std::borrow::Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn json_stays_what_it_says(text in telling(), key in telling()) {
        let value = serde_json::json!({ key: [text] });
        let json = value.to_string();
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped_json(&json)).unwrap(), value);
    }
}
