//! How much one name may have: what is told together fits into one message.

use crate::site::Site;
use regent_core::command::Command;
use regent_core::model::record_data::RRSET_OCTETS_MAX;
use regent_core::rejection::Rejection;
use serde_json::json;

/// A text of 20,000 octets on the wire and a little, unlike any with another letter.
fn text(letter: &str) -> String {
    vec![format!("\"{}\"", letter.repeat(249)); 80].join(" ")
}

/// What giving a resource one more text comes to.
fn one_more(site: &mut Site, resource: u32, letter: &str) -> Result<(), Rejection> {
    let rdata = json!({ "rtype": "TXT", "rdata": text(letter) });
    let command =
        json!({ "DnsData": { "Create": { "resource": resource, "ttl": null, "rdata": rdata } } });
    let command: Command = serde_json::from_value(command).unwrap();
    site.0.run(command).map(drop)
}

#[test]
fn texts_of_one_name_fit_into_one_message() {
    let mut site = Site::new();
    let resource = site.resource("a.b", 0, &[]);
    for letter in ["x", "y", "z"] {
        one_more(&mut site, resource, letter).unwrap();
    }
    let refused = one_more(&mut site, resource, "w").unwrap_err();
    let limit = RRSET_OCTETS_MAX as u64;
    assert!(matches!(refused, Rejection::Limit { max, .. } if max == limit), "{refused:?}");
    site.data(resource, "MX", "1 mail.maas.");
}

#[test]
fn texts_of_one_name_count_wherever_they_are_kept() {
    let mut site = Site::new();
    let inner = site.domain("b.maas", None);
    let one = site.resource("a.b", 0, &[]);
    for letter in ["x", "y"] {
        one_more(&mut site, one, letter).unwrap();
    }
    let other = site.resource("a", inner, &[]);
    one_more(&mut site, other, "z").unwrap();
    assert!(one_more(&mut site, other, "w").is_err());
}
