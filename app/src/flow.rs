//! A playbook, a plan or a run as a picture: which shape stands where, and which lines join them. Pure numbers and texts; how they
//! look is a component. A step's condition stands before it with a way around it, its gate likewise; the right edge carries failures.

use serde_json::Value;

use crate::components::quoted;
use crate::plan_rows::{self, Badge, OnError, PlanRow};

/// The width of every drawing, in its own units; one unit is a pixel at full size.
pub const WIDTH: i32 = 376;
const COLUMN_LEFT: i32 = 34;
const COLUMN_RIGHT: i32 = 344;
const MIDDLE: i32 = 189;
const GAP: i32 = 20;
const SMALL: i32 = 30;
const CARD: i32 = 66;
const MARGIN: i32 = 4;
const AROUND: i32 = 14;
const ON_FAILURE: i32 = 356;
const ON_UNDO: i32 = 366;
const BEND: i32 = 8;

/// What fits into a shape, in characters of its type.
const LABEL_CHARS: usize = 40;
const CODE_CHARS: usize = 38;
const TARGET_CHARS: usize = 36;
const NAME_CHARS: usize = 30;

/// What a shape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Where it begins.
    Start,
    /// People sign the plan as a whole.
    Signature,
    /// Is the next step to run?
    Condition,
    /// People sign in the middle of the run.
    Gate,
    Step,
    /// Where it ends when all went well.
    End,
    /// Where it ends when a step failed and what was done is taken back.
    Undone,
}

/// One shape, as wide as the column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub kind: Kind,
    pub top: i32,
    pub height: i32,
    /// The step that it belongs to; empty for those of the whole.
    pub step: String,
    pub number: usize,
    pub label: String,
    /// A step's target.
    pub target: String,
    /// A step's fine print.
    pub print: String,
    pub destructive: bool,
    pub skipped: bool,
}

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Next,
    /// Around a step whose condition is false.
    Around,
    /// After a failure.
    Failure,
}

/// One line, as the data of an SVG path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub way: Way,
    pub path: String,
}

/// The whole picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    pub height: i32,
    pub shapes: Vec<Shape>,
    pub lines: Vec<Line>,
}

/// What stands around the steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    pub start: String,
    /// Who must sign the whole, if anybody must.
    pub signature: Option<String>,
    pub end: String,
}

impl Ends {
    /// What stands around the steps of a plan.
    pub fn of_plan(plan: &Value) -> Self {
        let asked = plan.get("approval").filter(|approval| approval["required"] == true);
        let incident = plan.get("incident_id").map(plan_rows::plain);
        Self {
            start: incident.unwrap_or_else(|| "The run so far".to_owned()),
            signature: asked.map(|approval| signatures(approval["quorum"].as_u64())),
            end: ending(plan.get("on_success")),
        }
    }

    /// What stands around the steps of a playbook as it is written.
    pub fn of_document(document: &Value) -> Self {
        let types = match document.get("incident_type") {
            Some(Value::Array(types)) => types.iter().map(plan_rows::plain).collect::<Vec<_>>().join(", "),
            Some(one) => plan_rows::plain(one),
            None => "any".to_owned(),
        };
        let rules = document.get("requires_approval_if").and_then(Value::as_object).is_some_and(|rules| !rules.is_empty());
        let quorum = document.pointer("/approval/quorum").and_then(Value::as_u64);
        Self {
            start: format!("incident: {types}"),
            signature: rules.then(|| format!("{}, if a rule asks", signatures(quorum))),
            end: ending(document.pointer("/on_success/transition")),
        }
    }
}

fn signatures(quorum: Option<u64>) -> String {
    match quorum.unwrap_or(1) {
        1 => "1 signature".to_owned(),
        more => format!("{more} signatures"),
    }
}

fn ending(reached: Option<&Value>) -> String {
    reached.and_then(Value::as_str).map_or_else(|| "done".to_owned(), |state| format!("done: the incident is {state}"))
}

/// The picture of these steps.
pub fn draw(ends: &Ends, rows: &[PlanRow]) -> Drawing {
    let mut pen = Pen { top: MARGIN, shapes: Vec::new(), lines: Vec::new() };
    pen.small(Kind::Start, None, &ends.start, LABEL_CHARS);
    if let Some(signature) = &ends.signature {
        pen.small(Kind::Signature, None, signature, LABEL_CHARS);
    }
    let undone_from: Vec<i32> = rows.iter().filter_map(|row| pen.step(row)).collect();
    pen.small(Kind::End, None, &ends.end, LABEL_CHARS);
    if !undone_from.is_empty() {
        pen.undone(&undone_from);
    }
    Drawing { height: pen.top - GAP + MARGIN, shapes: pen.shapes, lines: pen.lines }
}

/// Draws from the top down.
struct Pen {
    top: i32,
    shapes: Vec<Shape>,
    lines: Vec<Line>,
}

impl Pen {
    /// A step with what stands before it; where its line to the undoing begins, if it has one.
    fn step(&mut self, row: &PlanRow) -> Option<i32> {
        let around_from = row.when.as_ref().map(|when| {
            self.small(Kind::Condition, Some(row), &format!("if {when}"), CODE_CHARS);
            self.top - GAP - SMALL / 2
        });
        if let Some(quorum) = row.gate {
            let people = if quorum == 1 { "waits for a signature".to_owned() } else { format!("waits for {quorum} signatures") };
            self.small(Kind::Gate, Some(row), &people, LABEL_CHARS);
        }
        self.place(card(row));
        let (joins, fails_from) = (self.top - GAP / 2, self.top - GAP - CARD / 2);
        if let Some(from) = around_from {
            self.line(Way::Around, around(from, joins));
        }
        match row.on_error {
            OnError::Stop => None,
            OnError::Continue => {
                self.line(Way::Failure, beside(ON_FAILURE, fails_from, joins, MIDDLE));
                None
            }
            OnError::Undo => Some(fails_from),
        }
    }

    fn undone(&mut self, from: &[i32]) {
        let into = self.top + SMALL / 2;
        for start in from {
            self.line(Way::Failure, beside(ON_UNDO, *start, into, COLUMN_RIGHT));
        }
        let shape = shape(Kind::Undone, None, "failed: what was done is undone, the last first", LABEL_CHARS);
        self.shapes.push(Shape { top: self.top, ..shape });
        self.top += SMALL + GAP;
    }

    fn small(&mut self, kind: Kind, row: Option<&PlanRow>, text: &str, chars: usize) {
        self.place(shape(kind, row, text, chars));
    }

    /// Puts a shape below the last one, with the line that leads to it.
    fn place(&mut self, shape: Shape) {
        if !self.shapes.is_empty() {
            let (from, to) = (self.top - GAP, self.top);
            self.line(Way::Next, format!("M{MIDDLE} {from}V{to}m-4 -6 4 6 4 -6"));
        }
        let height = shape.height;
        self.shapes.push(Shape { top: self.top, ..shape });
        self.top += height + GAP;
    }

    fn line(&mut self, way: Way, path: String) {
        self.lines.push(Line { way, path });
    }
}

fn shape(kind: Kind, row: Option<&PlanRow>, text: &str, chars: usize) -> Shape {
    Shape {
        kind,
        top: 0,
        height: SMALL,
        step: row.map(|row| row.step.clone()).unwrap_or_default(),
        number: row.map_or(0, |row| row.number),
        label: fitted(text, chars),
        target: String::new(),
        print: String::new(),
        destructive: false,
        skipped: row.is_some_and(is_skipped),
    }
}

fn card(row: &PlanRow) -> Shape {
    let title = fitted(&row.title, NAME_CHARS);
    let targets: Vec<&str> = row.parameters.iter().filter(|parameter| parameter.target).map(|p| p.value.as_str()).collect();
    let first = row.parameters.first().map(|parameter| parameter.value.as_str());
    let target = if targets.is_empty() { first.unwrap_or_default().to_owned() } else { targets.join(", ") };
    Shape {
        height: CARD,
        target: fitted(&target, TARGET_CHARS),
        print: fitted(&print(row), LABEL_CHARS),
        destructive: row.badges.contains(&Badge::Destructive),
        ..shape(Kind::Step, Some(row), &title, NAME_CHARS)
    }
}

/// What may go wrong with it, and what takes it back.
fn print(row: &PlanRow) -> String {
    let risk = if row.badges.contains(&Badge::Destructive) {
        "destructive"
    } else if row.badges.contains(&Badge::ReadsOnly) {
        "reads only"
    } else {
        "not destructive"
    };
    let undo = row.undo.as_ref().map(|undo| format!("undo: {undo}"));
    let failure = match row.on_error {
        OnError::Stop => None,
        OnError::Continue => Some("goes on if it fails".to_owned()),
        OnError::Undo => Some("undoes if it fails".to_owned()),
    };
    [Some(risk.to_owned()), failure, undo].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn is_skipped(row: &PlanRow) -> bool {
    row.badges.contains(&Badge::Skipped)
}

/// From the left side of a condition down to the line below its step.
fn around(from: i32, joins: i32) -> String {
    format!(
        "M{COLUMN_LEFT} {from}H{}Q{AROUND} {from} {AROUND} {}V{}Q{AROUND} {joins} {} {joins}H{MIDDLE}",
        AROUND + BEND,
        from + BEND,
        joins - BEND,
        AROUND + BEND
    )
}

/// From the right side of a step down the right edge, and back to the left until `until`.
fn beside(edge: i32, from: i32, to: i32, until: i32) -> String {
    format!(
        "M{COLUMN_RIGHT} {from}H{}Q{edge} {from} {edge} {}V{}Q{edge} {to} {} {to}H{until}",
        edge - BEND,
        from + BEND,
        to - BEND,
        edge - BEND
    )
}

/// The text in one line of at most so many characters.
fn fitted(text: &str, chars: usize) -> String {
    let line = quoted::line(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if line.chars().count() <= chars {
        return line;
    }
    line.chars().take(chars - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawn(actions: Value, signature: Option<&str>) -> Drawing {
        let ends = Ends { start: "brute_force".to_owned(), signature: signature.map(str::to_owned), end: "contained".to_owned() };
        draw(&ends, &plan_rows::of_document(&json!({ "actions": actions })))
    }

    fn kinds(drawing: &Drawing) -> Vec<Kind> {
        drawing.shapes.iter().map(|shape| shape.kind).collect()
    }

    fn ways(drawing: &Drawing, way: Way) -> usize {
        drawing.lines.iter().filter(|line| line.way == way).count()
    }

    #[test]
    fn a_step_stands_behind_its_condition_and_then_its_gate() {
        let drawing = drawn(
            json!([{ "id": "look", "action": "enrich" }, { "id": "lock", "action": "disable_user", "when": "true", "approval": {} }]),
            Some("1 signature"),
        );
        let expected = [Kind::Start, Kind::Signature, Kind::Step, Kind::Condition, Kind::Gate, Kind::Step, Kind::End];
        assert_eq!(kinds(&drawing), expected);
        assert_eq!((ways(&drawing, Way::Next), ways(&drawing, Way::Around), ways(&drawing, Way::Failure)), (6, 1, 0));
    }

    #[test]
    fn the_way_around_a_step_passes_its_gate_too() {
        let drawing = drawn(json!([{ "id": "lock", "action": "disable_user", "when": "true", "approval": {} }]), None);
        let (condition, step) = (&drawing.shapes[1], &drawing.shapes[3]);
        let path = &drawing.lines.iter().find(|line| line.way == Way::Around).unwrap().path;
        assert!(path.starts_with(&format!("M34 {}", condition.top + condition.height / 2)), "{path}");
        assert!(path.contains(&format!(" {}H189", step.top + step.height + 10)), "{path}");
    }

    #[test]
    fn failures_go_on_or_lead_to_the_undoing() {
        let drawing = drawn(
            json!([
                { "id": "block", "action": "block_ip", "on_error": "undo" },
                { "id": "tell", "action": "notify", "on_error": "continue" },
                { "id": "lock", "action": "disable_user" }
            ]),
            None,
        );
        assert_eq!(kinds(&drawing), [Kind::Start, Kind::Step, Kind::Step, Kind::Step, Kind::End, Kind::Undone]);
        assert_eq!(ways(&drawing, Way::Failure), 2);
    }

    #[test]
    fn shapes_follow_each_other_without_touching_and_stay_inside() {
        let steps: Vec<Value> =
            (0..64).map(|n| json!({ "id": format!("s{n}"), "action": "block_ip", "when": "true", "on_error": "undo" })).collect();
        let drawing = drawn(json!(steps), Some("2 signatures"));
        for pair in drawing.shapes.windows(2) {
            assert_eq!(pair[1].top - (pair[0].top + pair[0].height), GAP);
        }
        let last = drawing.shapes.last().unwrap();
        assert_eq!(drawing.height, last.top + last.height + MARGIN);
    }

    #[test]
    fn no_text_is_longer_than_its_shape() {
        let long = "x ".repeat(200);
        let drawing =
            drawn(json!([{ "id": "a".repeat(64), "action": "block_ip", "when": long, "with": { "ip": long } }]), Some(&long));
        for shape in &drawing.shapes {
            assert!(shape.label.chars().count() <= LABEL_CHARS && shape.target.chars().count() <= TARGET_CHARS, "{shape:?}");
            assert!(shape.print.chars().count() <= LABEL_CHARS, "{shape:?}");
        }
    }

    #[test]
    fn what_stands_around_is_said_in_words() {
        let document = json!({ "incident_type": ["malware", "ransomware"], "requires_approval_if": { "destructive": true }, "approval": { "quorum": 2 } });
        let expected = Ends {
            start: "incident: malware, ransomware".to_owned(),
            signature: Some("2 signatures, if a rule asks".to_owned()),
            end: "done".to_owned(),
        };
        assert_eq!(Ends::of_document(&document), expected);
        let plan =
            json!({ "incident_id": "INC-0000000007", "approval": { "required": false, "quorum": 1 }, "on_success": "contained" });
        let expected =
            Ends { start: "INC-0000000007".to_owned(), signature: None, end: "done: the incident is contained".to_owned() };
        assert_eq!(Ends::of_plan(&plan), expected);
    }

    #[test]
    fn nothing_to_do_is_drawn_too() {
        assert_eq!(kinds(&drawn(json!([]), None)), [Kind::Start, Kind::End]);
    }
}
