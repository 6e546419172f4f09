//! Schemas of a few pieces, compared.

use super::{Extent, Form, GuardReport, Piece, PieceKind, Pieces, compare, lines, read_lines};

fn piece(kind: PieceKind, name: &str) -> Piece {
    let table = if kind == PieceKind::Table { name } else { "entries" };
    Piece { kind, table: table.to_owned(), name: name.to_owned() }
}

/// What a version makes.
fn made() -> Pieces {
    let form = |definition: &str| Form { definition: definition.to_owned(), is_enabled: true };
    Pieces::from([
        (piece(PieceKind::Table, "entries"), form("strict")),
        (piece(PieceKind::Trigger, "entries_update"), form("refuse\n\\ all")),
        (piece(PieceKind::UniqueIndex, "entries_once"), form("seq")),
        (piece(PieceKind::Index, "entries_by_name"), form("name")),
    ])
}

fn judged(extent: Extent, change: impl FnOnce(&mut Pieces)) -> (String, String) {
    let mut found = made();
    change(&mut found);
    let GuardReport { faults, noted } = compare(&made(), &found, extent);
    (faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "), noted.join("; "))
}

fn set(pieces: &mut Pieces, kind: PieceKind, name: &str, form: &Form) {
    pieces.insert(piece(kind, name), form.clone());
}

#[test]
fn what_guards_must_be_as_it_was_made_and_what_is_more_is_named() {
    let disabled = Form { definition: "refuse\n\\ all".to_owned(), is_enabled: false };
    let other = Form { definition: "let through".to_owned(), is_enabled: true };
    let trigger = "trigger entries_update on entries";
    let both = [Extent::Whole, Extent::Presence];
    for extent in both {
        assert_eq!(judged(extent, |_| {}), (String::new(), String::new()));
        let missing = judged(extent, |found| drop(found.remove(&piece(PieceKind::Trigger, "entries_update"))));
        assert_eq!(missing, (format!("the {trigger} is missing"), String::new()));
        let off = judged(extent, |found| set(found, PieceKind::Trigger, "entries_update", &disabled));
        assert_eq!(off, (format!("the {trigger} is disabled"), String::new()));
        let slower = judged(extent, |found| drop(found.remove(&piece(PieceKind::Index, "entries_by_name"))));
        assert_eq!(slower, (String::new(), "the index entries_by_name on entries is missing".to_owned()));
        let added = judged(extent, |found| {
            set(found, PieceKind::Trigger, "more", &other);
            set(found, PieceKind::Table, "others", &other);
        });
        assert_eq!(added, (String::new(), "an additional table others; an additional trigger more on entries".to_owned()));
    }
    let alter = |extent| judged(extent, |found| set(found, PieceKind::Trigger, "entries_update", &other)).0;
    assert_eq!(both.map(alter), [format!("the {trigger} is not as this version makes it"), String::new()]);
    let unique = judged(Extent::Whole, |found| drop(found.remove(&piece(PieceKind::UniqueIndex, "entries_once"))));
    assert_eq!(unique.0, "the unique index entries_once on entries is missing");
}

#[test]
fn lines_hold_every_piece() {
    assert_eq!(read_lines(&lines(&made())), made());
}
