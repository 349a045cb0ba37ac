//! Command lines that make no sense, told to programs like every other failure.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{OutputFormat, pretty_json, tell};
use clap::ValueEnum as _;
use clap::error::ErrorKind;

/// The variable that stands for `--output`.
const OUTPUT_VARIABLE: &str = "REGENT_OUTPUT";

/// Ends this process over what was typed. Help that was asked for is no failure, and goes to standard output.
pub fn end(error: &clap::Error) -> ! {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    match (error.use_stderr(), wanted_format(words, std::env::var(OUTPUT_VARIABLE).ok())) {
        (false, _) | (true, OutputFormat::Table) => error.exit(),
        (true, OutputFormat::Json | OutputFormat::Yaml) => {
            tell(pretty_json(&failure(error).to_json()).trim_end());
            std::process::exit(Exit::Usage as i32)
        }
    }
}

/// What data was to look like, as far as a command line says it that is not understood.
fn wanted_format(words: impl Iterator<Item = String>, variable: Option<String>) -> OutputFormat {
    let mut wanted = variable;
    let mut words = words.take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let value = if matches!(word.as_str(), "-o" | "--output") {
            words.next()
        } else {
            let value = word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o"));
            value.map(|value| value.trim_start_matches('=').to_owned())
        };
        wanted = value.or(wanted);
    }
    let known = wanted.and_then(|word| OutputFormat::from_str(&word, false).ok());
    known.unwrap_or_default()
}

fn failure(error: &clap::Error) -> Failure {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let what = "the command line ends too early";
        return Failure::refused(Exit::Usage, what, "a subcommand is missing", "regent --help");
    }
    // Parts are apart by empty lines: what is wrong, tips, and how it is used.
    let told = error.to_string();
    let parts = told
        .split("\n\n")
        .map(|part| part.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned());
    let (mut what, mut why, mut next) = (String::new(), Vec::new(), "regent --help".to_owned());
    for part in parts.filter(|part| !part.starts_with("For more information")) {
        if let Some(wrong) = part.strip_prefix("error: ") {
            what = wrong.to_owned();
        } else if let Some(usage) = part.strip_prefix("Usage: ") {
            next = usage.to_owned();
        } else {
            why.push(part);
        }
    }
    Failure::refused(Exit::Usage, what, why.join("; "), next)
}

#[cfg(test)]
mod tests {
    use super::wanted_format;
    use crate::cli::output::OutputFormat;

    #[test]
    fn format_is_found_in_every_way_to_type_it_and_in_the_environment() {
        for (line, variable, wanted) in [
            ("regent fly", None, OutputFormat::Table),
            ("regent fly -o json", None, OutputFormat::Json),
            ("regent -ojson fly", None, OutputFormat::Json),
            ("regent fly -o=json", None, OutputFormat::Json),
            ("regent fly --output yaml", None, OutputFormat::Yaml),
            ("regent --output=json fly", None, OutputFormat::Json),
            ("regent fly", Some("json"), OutputFormat::Json),
            ("regent fly -o table", Some("json"), OutputFormat::Table),
            ("regent fly -o xml", Some("json"), OutputFormat::Table),
            ("regent fly -- -o json", None, OutputFormat::Table),
            ("regent fly -o", None, OutputFormat::Table),
        ] {
            let words = line.split(' ').map(str::to_owned);
            assert_eq!(wanted_format(words, variable.map(str::to_owned)), wanted, "{line}");
        }
    }
}
