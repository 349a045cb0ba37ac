//! The picture as one file of HTML that needs nothing else: no network, no folder beside it.
//!
//! What comes from a run is a stranger's text. In the HTML it is escaped, in the data no `<`, `>` or `&` is left, the
//! script puts it into text nodes and onto a canvas only, and the page forbids itself to load anything.

use crate::report::{Report, Word};
use crate::timeline::picture::Picture;
use std::fmt::Write as _;
use std::time::Duration;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// In the order in which they build on each other.
const SCRIPTS: [&str; 5] = [
    include_str!("script/data.js"),
    include_str!("script/colours.js"),
    include_str!("script/draw.js"),
    include_str!("script/panel.js"),
    include_str!("script/view.js"),
];

/// The page of a run.
#[must_use]
pub fn page(report: &Report, picture: &Picture) -> String {
    let data = serde_json::to_string(picture).expect("a picture is JSON");
    let parts = [
        ("TITLE", escaped(&title(report))),
        ("WORD", report.verdict.name().to_owned()),
        ("CLASS", class(report.verdict).to_owned()),
        ("ABOUT", escaped(&about(report))),
        ("VIOLATED", violated(report)),
        ("COVERAGE", coverage(report)),
        ("DOUBTS", doubts(report)),
        ("STYLE", STYLE.to_owned()),
        ("SCRIPT", SCRIPTS.concat()),
        ("DATA", inert(&data)),
    ];
    filled(PAGE, &parts)
}

/// Puts parts in where the page names them, as `{{NAME}}`. What is put in is not looked at again.
fn filled(page: &str, parts: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = page;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, behind) = behind.split_once("}}").expect("a name ends");
        let part = parts.iter().find(|(known, _)| *known == name).expect("there is such a part");
        filled += before;
        filled += &part.1;
        rest = behind;
    }
    filled + rest
}

fn title(report: &Report) -> String {
    let run = &report.run;
    format!("{} {} seed {}", report.verdict.name(), run.tier, run.seed)
}

fn about(report: &Report) -> String {
    let run = &report.run;
    let seconds = |milliseconds| Duration::from_millis(milliseconds).as_secs_f64();
    let mut about = format!(
        "{} · seed {} · {} nodes · commit {} (core, raft: {}) · {} · {:.1} s",
        run.tier,
        run.seed,
        run.nodes,
        run.source.commit,
        run.source.product,
        run.started,
        seconds(run.wall_ms)
    );
    if let Some(inside) = run.virtual_ms {
        let _never_fails = write!(about, " for {:.1} s of virtual time", seconds(inside));
    }
    about
}

const fn class(word: Word) -> &'static str {
    match word {
        Word::Pass => "pass",
        Word::Fail => "fail",
        Word::Unknown => "unknown",
    }
}

fn violated(report: &Report) -> String {
    if report.violations.is_empty() {
        return "no property was violated".to_owned();
    }
    let violated = report.violations.iter();
    let violated: Vec<_> =
        violated.map(|(property, times)| format!("{} × {times}", escaped(property))).collect();
    violated.join(", ")
}

/// Rows of what was demanded and what there was.
fn coverage(report: &Report) -> String {
    let row = |of: &str, demanded: String, reached: u64, class: &str| {
        format!("<tr{class}><td>{}<td>{demanded}<td>{reached}", escaped(of))
    };
    let rows = report.coverage.iter().map(|row_of| {
        let class = if row_of.reached < row_of.demanded { " class=short" } else { "" };
        let demanded =
            if row_of.demanded == 0 { String::new() } else { row_of.demanded.to_string() };
        row(&row_of.of, demanded, row_of.reached, class)
    });
    rows.collect()
}

fn doubts(report: &Report) -> String {
    report.doubts_told.iter().map(|doubt| format!("<li>{}", escaped(doubt))).collect()
}

/// Text as HTML has it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// JSON in which nothing can end a script element or begin a comment: outside of its strings these letters do not occur.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
