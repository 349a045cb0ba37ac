//! Whether a request was made by a page of another site in somebody's browser.
//!
//! A browser sends such requests to any address it can reach, this machine's own included, and needs no reader's
//! consent as long as the answer is not read (the Fetch Standard's "simple" requests). A page that is served under a
//! name which its owner then points here ("DNS rebinding") may even read the answers. The first are known by
//! `Sec-Fetch-Site` and `Origin`, the second by a `Host` that is none of ours.

use crate::http::problem::Problem;
use crate::problem_kind::ProblemKind;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, header};
use std::net::IpAddr;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses requests from pages of other sites; `is_ours` knows the names of this region's nodes.
///
/// # Errors
/// [`Problem`] that says what gave it away.
pub fn check(request: &Request, is_ours: impl FnOnce(&str) -> bool) -> Result<(), Problem> {
    let headers = request.headers();
    let named = request.uri().authority().map(Authority::as_str);
    // HTTP/1.0 has no such header, and no browser leaves it out.
    let Some(host) = named.or_else(|| text(headers, &header::HOST)) else { return Ok(()) };
    check_host(host, is_ours)?;
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if reads { Ok(()) } else { check_origin(headers, host) }
}

fn check_host(host: &str, is_ours: impl FnOnce(&str) -> bool) -> Result<(), Problem> {
    let name = host_of(host).unwrap_or_default();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let is_known = bare.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || (!name.is_empty() && is_ours(&name));
    if is_known { Ok(()) } else { Err(foreign(format!("Host {host:?} is no name of this region"))) }
}

fn check_origin(headers: &HeaderMap, host: &str) -> Result<(), Problem> {
    if text(headers, &SEC_FETCH_SITE) == Some("cross-site") {
        return Err(foreign("a page of another site asks"));
    }
    if !headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    let origin = text(headers, &header::ORIGIN).unwrap_or_default();
    match origin.split_once("://") {
        Some((_, authority)) if authority.eq_ignore_ascii_case(host) => Ok(()),
        Some(_) | None => Err(foreign(format!("a page of {origin:?} asks"))),
    }
}

/// The host of `host:port`, without a last dot.
#[must_use]
pub fn host_of(authority: &str) -> Option<String> {
    let authority: Authority = authority.parse().ok()?;
    let host = authority.host();
    Some(host.strip_suffix('.').unwrap_or(host).to_owned())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

fn foreign(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::ForeignSite, detail)
}
