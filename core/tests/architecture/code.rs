//! Reads Rust just well enough to know which paths a file names.
//!
//! No parser: comments and literals are blanked out, then the rest is cut into words. Macros are not
//! expanded and names are not resolved.

/// A path as written, without `as` names: `["crate", "time", "Millis"]`.
pub(crate) type NamedPath = Vec<String>;

/// Every path this code names, in `use` declarations (spread out) and elsewhere.
pub(crate) fn paths(code: &str) -> Vec<NamedPath> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at..] {
            ["use", ..] => use_tree(&tokens, at + 1, &[], &mut found),
            // A visibility names a place, but takes nothing from it.
            ["pub", "(", "in", _, ..] => inline_path(&tokens, at + 3, &mut Vec::new()),
            _ => inline_path(&tokens, at, &mut found),
        };
    }
    found
}

/// The code a released program is built from: no prose, no test modules.
pub(crate) fn without_tests(text: &str) -> String {
    let code = without_prose(text);
    let mut kept = String::new();
    let mut rest = code.as_str();
    while let Some((before, item)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        rest = &item[item_length(item)..];
    }
    kept + rest
}

/// The text with comments, strings and character literals blanked out; lines stay where they were.
pub(crate) fn without_prose(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let in_word = code.chars().next_back().is_some_and(is_word);
        let prose = prose_length(rest, in_word);
        if prose == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(rest[..prose].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[prose..];
        }
    }
    code
}

fn prose_length(rest: &str, in_word: bool) -> usize {
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment_length(rest)
    } else if rest.starts_with('"') {
        quoted_length(rest, '"')
    } else if rest.starts_with('\'') {
        character_length(rest)
    } else if in_word {
        0
    } else {
        raw_string_length(rest)
    }
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    loop {
        let tail = &rest[at..];
        let open = tail.starts_with("/*");
        if open || tail.starts_with("*/") {
            depth = if open { depth + 1 } else { depth - 1 };
            at += 2;
        } else {
            at += tail.chars().next().map_or(0, char::len_utf8);
        }
        if depth == 0 || at == rest.len() {
            return at;
        }
    }
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

/// Zero for a lifetime, which has no closing quote.
fn character_length(rest: &str) -> usize {
    let mut following = rest.chars().skip(1);
    match (following.next(), following.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted_length(rest, '\''),
        _ => 0,
    }
}

fn raw_string_length(rest: &str) -> usize {
    let Some(body) = rest.trim_start_matches(['b', 'c']).strip_prefix('r') else { return 0 };
    let hashes: String = body.chars().take_while(|c| *c == '#').collect();
    let Some(inside) = body[hashes.len()..].strip_prefix('"') else { return 0 };
    let end = format!("\"{hashes}");
    let start = rest.len() - inside.len();
    inside.find(&end).map_or(rest.len(), |at| start + at + end.len())
}

/// Length of the item a text starts with: to its semicolon or its closing brace.
fn item_length(item: &str) -> usize {
    let mut depth = 0_u32;
    for (at, c) in item.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    item.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Words, `::`, and every other visible character by itself.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// One branch of a `use`, from behind `use`, `{` or `,`. Returns where it ends.
fn use_tree(tokens: &[&str], start: usize, prefix: &[String], found: &mut Vec<NamedPath>) -> usize {
    let mut path = prefix.to_vec();
    let mut at = start;
    while let Some(token) = tokens.get(at) {
        match *token {
            "::" | "self" | "*" => {}
            "{" => return use_group(tokens, at + 1, &path, found),
            "as" => at += 1,
            word if word.starts_with(is_word) => path.push(word.to_owned()),
            _ => break,
        }
        at += 1;
    }
    if !path.is_empty() {
        found.push(path);
    }
    at
}

fn use_group(
    tokens: &[&str],
    start: usize,
    prefix: &[String],
    found: &mut Vec<NamedPath>,
) -> usize {
    let mut at = start;
    loop {
        match tokens.get(at).copied() {
            None => return at,
            Some("}") => return at + 1,
            Some(",") => at += 1,
            Some(_) => at = use_tree(tokens, at, prefix, found).max(at + 1),
        }
    }
}

/// A path of at least two words outside of `use`. Returns where to go on.
fn inline_path(tokens: &[&str], start: usize, found: &mut Vec<NamedPath>) -> usize {
    if !tokens[start].starts_with(is_word) {
        return start + 1;
    }
    let mut path = vec![tokens[start].to_owned()];
    let mut at = start + 1;
    while let [Some(&"::"), Some(word)] = [tokens.get(at), tokens.get(at + 1)] {
        if !word.starts_with(is_word) {
            break;
        }
        path.push((*word).to_owned());
        at += 2;
    }
    if path.len() > 1 {
        found.push(path);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{paths, without_prose, without_tests};

    fn named(code: &str) -> Vec<String> {
        paths(code).iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn use_declarations_are_spread_out() {
        let code = "pub use a::{self, b::{c as d, e}, f::*};\nuse g;\nuse ::h::i;";
        assert_eq!(named(code), ["a", "a::b::c", "a::b::e", "a::f", "g", "h::i"]);
    }

    #[test]
    fn paths_in_code_attributes_and_generics_are_found() {
        let code = "#[tokio::test] fn f(x: Vec<crate::time::Millis>) { sled::open::<u8>(x.y) }";
        assert_eq!(named(code), ["tokio::test", "crate::time::Millis", "sled::open"]);
    }

    #[test]
    fn a_visibility_is_no_import() {
        assert_eq!(named("pub(in crate::apply) fn f() -> crate::id::Id"), ["crate::id::Id"]);
    }

    #[test]
    fn comments_strings_and_characters_are_not_code() {
        let prose =
            "// a::b\n/* c::d /* e::f */ g::h */ \"i::\\\"j\" r#\"k::\"l\"# b\"m::n\" '\"' '\\''";
        assert_eq!(named(&without_prose(prose)), Vec::<String>::new());
    }

    #[test]
    fn lifetimes_and_words_ending_in_r_do_not_swallow_what_follows() {
        assert_eq!(named(&without_prose("fn f<'a>(x: &'a b::C, for_r: d::E)")), ["b::C", "d::E"]);
    }

    #[test]
    fn test_modules_are_left_out_whether_inline_or_in_a_file_of_their_own() {
        let text = "use a::b;\n#[cfg(test)]\nmod tests { use c::d; fn f() {} }\nuse e::f;\n\
                    #[cfg(test)]\nmod more;\nuse g::h;";
        assert_eq!(named(&without_tests(text)), ["a::b", "e::f", "g::h"]);
    }
}
