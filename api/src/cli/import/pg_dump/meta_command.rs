//! psql's own commands, which begin with a backslash and stand between statements.

/// What a backslash line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum MetaCommand {
    /// All that follows belongs to the database of this name.
    Connect(String),
    /// Nothing that concerns a reader: `\restrict`, `\encoding`, a new connection to the same database.
    Harmless,
    /// To read another file, which we do not have.
    OtherFile(String),
}

/// Reads a line that begins with a backslash.
#[must_use]
pub fn parse(line: &str) -> MetaCommand {
    let mut words = words(line);
    let command = words.next().unwrap_or_default();
    match command.as_str() {
        "\\connect" | "\\c" => {
            let name = words.find(|word| !word.starts_with("-reuse-previous="));
            name.map_or(MetaCommand::Harmless, |name| connect(&name))
        }
        "\\i" | "\\ir" | "\\include" | "\\include_relative" | "\\copy" => {
            MetaCommand::OtherFile(command)
        }
        _ => MetaCommand::Harmless,
    }
}

/// The database of a `\connect` argument: a name, `-` for the same again, `key=value` pairs or an address.
fn connect(argument: &str) -> MetaCommand {
    if argument == "-" {
        return MetaCommand::Harmless;
    }
    let name = if argument.starts_with("postgres://") || argument.starts_with("postgresql://") {
        database_of_address(argument)
    } else if argument.contains('=') {
        database_of_pairs(argument)
    } else {
        Some(argument.to_owned())
    };
    name.map_or(MetaCommand::Harmless, MetaCommand::Connect)
}

fn database_of_address(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let name = path.split('?').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// The value of `dbname` in libpq's `key=value` form, where quotes are single and backslashes escape.
fn database_of_pairs(pairs: &str) -> Option<String> {
    let mut characters = pairs.chars().peekable();
    loop {
        while characters.next_if(|character| character.is_whitespace()).is_some() {}
        characters.peek()?;
        let mut key = String::new();
        for character in characters.by_ref().take_while(|character| *character != '=') {
            key.push(character);
        }
        let is_quoted = characters.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\\' => value.extend(characters.next()),
                '\'' if is_quoted => break,
                space if space.is_whitespace() && !is_quoted => break,
                plain => value.push(plain),
            }
        }
        if key.trim() == "dbname" {
            return Some(value);
        }
    }
}

/// The words of a line as psql splits them: by space, with single or double quotes, a doubled quote for itself.
fn words(line: &str) -> impl Iterator<Item = String> + '_ {
    let mut characters = line.chars().peekable();
    std::iter::from_fn(move || {
        while characters.next_if(|character| character.is_whitespace()).is_some() {}
        characters.peek()?;
        let mut word = String::new();
        let mut open: Option<char> = None;
        while let Some(character) = characters.peek().copied() {
            match (open, character) {
                (None, space) if space.is_whitespace() => break,
                (None, '\'' | '"') => open = Some(character),
                (Some(quote), _) if quote == character => {
                    characters.next();
                    if characters.peek() == Some(&quote) {
                        word.push(quote);
                    } else {
                        open = None;
                        continue;
                    }
                }
                (None | Some(_), plain) => word.push(plain),
            }
            characters.next();
        }
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_is_understood_in_all_forms() {
        for (line, name) in [
            ("\\connect maasdb\n", "maasdb"),
            ("\\c maasdb", "maasdb"),
            ("\\connect \"MaasDB\"", "MaasDB"),
            ("\\connect \"say \"\"hi\"\"\"", "say \"hi\""),
            ("\\connect 'it''s'", "it's"),
            ("\\connect maasdb maas localhost 5432", "maasdb"),
            ("\\connect -reuse-previous=on \"dbname='my db'\"", "my db"),
            ("\\connect -reuse-previous=on \"dbname='it\\'s \\\\ \"\"x\"\"'\"", "it's \\ \"x\""),
            ("\\connect \"host=/run user=maas dbname=maasdb\"", "maasdb"),
            ("\\connect postgresql://localhost:5432/maasdb?sslmode=require", "maasdb"),
        ] {
            assert_eq!(parse(line), MetaCommand::Connect(name.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_change_of_user_is_no_change_of_database() {
        assert_eq!(parse("\\connect - maas"), MetaCommand::Harmless);
        assert_eq!(parse("\\connect"), MetaCommand::Harmless);
        assert_eq!(parse("\\connect \"user=maas\""), MetaCommand::Harmless);
    }

    #[test]
    fn the_rest_is_passed_over_unless_it_brings_in_a_file() {
        assert_eq!(parse("\\restrict a1B2"), MetaCommand::Harmless);
        assert_eq!(parse("\\unrestrict a1B2"), MetaCommand::Harmless);
        assert_eq!(parse("\\i tables.sql"), MetaCommand::OtherFile("\\i".to_owned()));
    }
}
