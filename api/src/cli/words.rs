//! Answers in words: a sentence each, and below it its reasons.

use serde_json::Value;

/// The sentences and reasons of `answers`, as text.
#[must_use]
pub fn of_answers(body: &Value) -> String {
    let answers = body["answers"].as_array().map_or(&[][..], Vec::as_slice);
    let told: Vec<String> = answers.iter().map(of_answer).collect();
    told.join("\n")
}

fn of_answer(answer: &Value) -> String {
    let reasons = answer["reasons"].as_array().map_or(&[][..], Vec::as_slice);
    let lines = reasons.iter().map(|reason| format!("  - {}\n", plain(&reason["text"])));
    format!("{}\n{}", plain(&answer["summary"]), lines.collect::<String>())
}

/// A text without what terminals would take for orders: clients choose their names.
fn plain(text: &Value) -> String {
    text.as_str().unwrap_or_default().replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::of_answers;
    use serde_json::json;

    #[test]
    fn sentence_comes_first_and_each_reason_has_a_line() {
        let body = json!({ "answers": [
            { "summary": "10.0.0.7 goes to nobody", "reasons": [{ "text": "it rests\u{1b}[2J" }] },
            { "summary": "a gets nothing", "reasons": [] },
        ] });
        let expected = "10.0.0.7 goes to nobody\n  - it rests [2J\n\na gets nothing\n";
        assert_eq!(of_answers(&body), expected);
    }
}
