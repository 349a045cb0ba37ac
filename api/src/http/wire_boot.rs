//! Boot settings as they stand in JSON: architectures are the names of fields, in decimal digits.

use crate::http::wire::{Shape, Wire, either, mismatch, plain};
use regent_core::model::boot::{BootFile, BootSettings};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use utoipa::openapi::schema::{ObjectBuilder, Type};

impl Wire for BootSettings {
    fn show(&self) -> Value {
        let by_architecture = |(architecture, value)| (u16::to_string(architecture), value);
        let files = self.files.iter().map(|(at, file)| by_architecture((at, file.show())));
        let http = self.http.iter().map(|(at, url)| by_architecture((at, url.show())));
        json!({
            "server": self.server.map(|server| server.to_string()),
            "files": files.collect::<Map<_, _>>(),
            "ipxe_script": self.ipxe_script,
            "http": http.collect::<Map<_, _>>(),
        })
    }

    fn read(value: Value) -> Result<Self, String> {
        let mut fields = object(value, "an object with server, files, ipxe_script and http")?;
        let mut take = |name| fields.remove(name).unwrap_or_default();
        let settings = Self {
            server: named("server", Option::<IpAddr>::read(take("server")).and_then(v4))?,
            files: named("files", by_architecture(take("files")))?,
            ipxe_script: named("ipxe_script", Option::read(take("ipxe_script")))?,
            http: named("http", by_architecture(take("http")))?,
        };
        no_more(&fields).map(|()| settings)
    }

    fn shape() -> Shape {
        let object = ObjectBuilder::new().schema_type(Type::Object);
        let object = object.property("server", Option::<IpAddr>::shape());
        let object = object.property("files", map_of(BootFile::shape()));
        let object = object.property("ipxe_script", Option::<String>::shape());
        object.property("http", map_of(String::shape())).build().into()
    }
}

impl Wire for BootFile {
    fn show(&self) -> Value {
        json!({ "path": self.path, "prefix": self.prefix })
    }

    /// A text is a path without prefix.
    fn read(value: Value) -> Result<Self, String> {
        if value.is_string() {
            return String::read(value).map(|path| Self { path, prefix: None });
        }
        let mut fields = object(value, "a path, or an object with path and prefix")?;
        let path = named("path", String::read(fields.remove("path").unwrap_or_default()))?;
        let prefix = fields.remove("prefix").unwrap_or_default();
        let prefix = named("prefix", Option::read(prefix))?;
        no_more(&fields).map(|()| Self { path, prefix })
    }

    fn shape() -> Shape {
        let object = ObjectBuilder::new().schema_type(Type::Object);
        let object = object.property("path", String::shape()).required("path");
        let object = object.property("prefix", Option::<String>::shape());
        either(object.build().into(), plain(Type::String))
    }
}

fn by_architecture<T: Wire>(value: Value) -> Result<BTreeMap<u16, T>, String> {
    if value.is_null() {
        return Ok(BTreeMap::new());
    }
    let fields = object(value, "an object, by numbers of architectures")?;
    let read = |(name, value): (String, Value)| {
        let architecture = name.parse().map_err(|_| format!("{name:?} is no architecture"))?;
        named(&name, T::read(value)).map(|value| (architecture, value))
    };
    fields.into_iter().map(read).collect()
}

fn v4(address: Option<IpAddr>) -> Result<Option<Ipv4Addr>, String> {
    match address {
        None => Ok(None),
        Some(IpAddr::V4(address)) => Ok(Some(address)),
        Some(IpAddr::V6(address)) => Err(format!("{address} is not of IPv4")),
    }
}

fn object(value: Value, wanted: &str) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(fields) => Ok(fields),
        other => Err(mismatch(wanted, &other)),
    }
}

fn named<T>(name: &str, read: Result<T, String>) -> Result<T, String> {
    read.map_err(|error| format!("{name}: {error}"))
}

fn no_more(fields: &Map<String, Value>) -> Result<(), String> {
    fields.keys().next().map_or(Ok(()), |name| Err(format!("has no field {name:?}")))
}

fn map_of(values: Shape) -> Shape {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    object.additional_properties(Some(values)).build().into()
}

#[cfg(test)]
mod tests {
    use crate::http::wire::Wire as _;
    use regent_core::model::boot::BootSettings;
    use serde_json::json;

    #[test]
    fn what_is_shown_is_read_again_and_short_forms_mean_the_same() {
        let whole = json!({
            "server": "10.0.0.7",
            "files": {
                "0": { "path": "lpxelinux.0", "prefix": null },
                "14": { "path": "pxelinux.0", "prefix": "ppc64el/" },
            },
            "ipxe_script": "http://10.0.0.7/ipxe.cfg",
            "http": { "16": "http://10.0.0.7/bootx64.efi" },
        });
        assert_eq!(BootSettings::read(whole.clone()).unwrap().show(), whole);
        let short = BootSettings::read(json!({ "files": { "0": "lpxelinux.0" } })).unwrap();
        let all = json!({
            "server": null, "ipxe_script": null, "http": {},
            "files": { "0": { "path": "lpxelinux.0", "prefix": null } },
        });
        assert_eq!(short.show(), all);
        assert_eq!(BootSettings::read(all), Ok(short));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_name() {
        for (sent, told) in [
            (json!("pxe"), "wants an object with server, files, ipxe_script and http, not a text"),
            (json!({ "server": "fd00::1" }), "server: fd00::1 is not of IPv4"),
            (json!({ "files": { "bios": "x" } }), "files: \"bios\" is no architecture"),
            (
                json!({ "files": { "0": 7 } }),
                "files: 0: wants a path, or an object with path and prefix, not a number",
            ),
            (json!({ "http": { "16": null } }), "http: 16: wants a text, not null"),
            (json!({ "next_server": "10.0.0.7" }), "has no field \"next_server\""),
        ] {
            assert_eq!(BootSettings::read(sent).unwrap_err(), told);
        }
    }
}
