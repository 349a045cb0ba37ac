//! Paths of the API made of what was typed, which may hold any character.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use reqwest::Url;

/// A path below a collection.
///
/// # Errors
/// [`Failure`] for a segment that no server would see as one.
pub fn of(collection: &str, segments: &[&str]) -> Result<String, Failure> {
    let mut url = Url::parse("http://node/v1").expect("it is a URL");
    let mut path = url.path_segments_mut().expect("HTTP has paths");
    path.push(collection).extend(segments);
    drop(path);
    let empty = segments.iter().any(|segment| segment.is_empty() || [".", ".."].contains(segment));
    if empty {
        return Err(Failure::refused(
            Exit::Usage,
            format!("nothing in {collection} is called that"),
            "a name is empty or a dot",
            format!("`regent api GET /v1/{collection}` shows what exists"),
        ));
    }
    Ok(url.path().to_owned())
}

/// A route with what was typed in the place of `{id}` and of the other `{word}`, if it has one.
///
/// # Errors
/// As for [`of`].
pub fn filled(route: &str, id: &str, part: &str) -> Result<String, Failure> {
    let mut segments = route.trim_start_matches("/v1/").split('/').map(|segment| match segment {
        "{id}" => id,
        word if word.starts_with('{') => part,
        word => word,
    });
    let collection = segments.next().unwrap_or_default();
    of(collection, &segments.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::{filled, of};

    #[test]
    fn whatever_is_typed_stays_one_segment_of_the_path() {
        assert_eq!(of("machines", &["4y3h7n"]).unwrap(), "/v1/machines/4y3h7n");
        assert_eq!(of("subnets", &["10.0.0.0/24"]).unwrap(), "/v1/subnets/10.0.0.0%2F24");
        assert_eq!(of("machines", &["a/b?c#d"]).unwrap(), "/v1/machines/a%2Fb%3Fc%23d");
        assert!(of("machines", &["."]).is_err());
        assert!(of("machines", &[""]).is_err());
    }

    #[test]
    fn route_is_filled_with_what_was_typed() {
        let route = "/v1/interfaces/{id}/links/{link}";
        assert_eq!(filled(route, "a:b", "7").unwrap(), "/v1/interfaces/a:b/links/7");
        assert_eq!(filled("/v1/ip-addresses", "", "").unwrap(), "/v1/ip-addresses");
    }
}
