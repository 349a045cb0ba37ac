//! Values as they stand in JSON: how each type of the model is shown, read and described.
//!
//! Reading is strict: a number is no text and a text no number. Ids may also be written `"$2.id"`, which stands for
//! what step 2 of the same transaction created, and addresses `"$2.address"`, which stands for the address it took.

use crate::moment::rfc3339;
use regent_core::id::{
    AvailabilityZoneId, BmcId, DnsResourceId, DomainId, FabricId, ID_MAX, Id, InterfaceId,
    IpRangeId, NodeId, ResourcePoolId, SpaceId, StaticIpAddressId, SubnetId, SystemId, TagId,
    UserId, VlanId, step_number,
};
use regent_core::model::dns_name::DomainName;
use regent_core::model::forward_server::ForwardServer;
use regent_core::model::hostname::Hostname;
use regent_core::model::interface::InterfaceType;
use regent_core::model::ip_range::IpRangeType;
use regent_core::model::node::PowerState;
use regent_core::model::record_type::RecordType;
use regent_core::model::relative_name::RelativeName;
use regent_core::model::static_ip_address::AllocType;
use regent_core::model::subnet::RdnsMode;
use regent_core::model::text::{TEXT_BYTES_MAX, check_length};
use regent_core::net::cidr::Cidr;
use regent_core::net::mac::MacAddr;
use regent_core::net::step_address::{step_address, step_of_address};
use regent_core::time::{ClusterTime, WallTime};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type,
};
use utoipa::openapi::{RefOr, Schema};

/// Where name servers listen unless said otherwise.
const DNS_PORT: u16 = 53;

/// A schema as OpenAPI has it.
pub type Shape = RefOr<Schema>;

/// A type of the model that can stand in JSON.
pub trait Wire: Sized {
    /// As clients see it.
    fn show(&self) -> Value;

    /// From what a client sent.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    fn read(value: Value) -> Result<Self, String>;

    /// How it is described.
    fn shape() -> Shape;
}

/// The schema of one of JSON's own types.
#[must_use]
pub fn plain(kind: Type) -> Shape {
    ObjectBuilder::new().schema_type(kind).build().into()
}

/// The schema of what is the one or the other.
#[must_use]
pub fn either(one: Shape, other: Shape) -> Shape {
    RefOr::T(Schema::AnyOf(AnyOfBuilder::new().item(one).item(other).build()))
}

/// The schema of a text of a certain format.
fn formatted(format: &str, example: &str) -> Shape {
    let format = SchemaFormat::Custom(format.to_owned());
    let object = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    object.examples([json!(example)]).build().into()
}

/// What is wrong with a value of another type than wanted.
pub(in crate::http) fn mismatch(wanted: &str, value: &Value) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    format!("wants {wanted}, not {found}")
}

/// A text for a type that bounds its length itself.
///
/// # Errors
/// What it is instead.
pub fn long_text(value: Value) -> Result<String, String> {
    text(value, "a text")
}

fn text(value: Value, wanted: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(mismatch(wanted, &other)),
    }
}

fn parsed<T: FromStr<Err: Display>>(value: Value, wanted: &str) -> Result<T, String> {
    text(value, wanted)?.parse().map_err(|error: T::Err| error.to_string())
}

impl Wire for String {
    fn show(&self) -> Value {
        Value::from(self.as_str())
    }

    /// None is longer than the longest that the rules let in: a longer one would come into the log to be refused.
    fn read(value: Value) -> Result<Self, String> {
        let text = long_text(value)?;
        check_length(text.len(), TEXT_BYTES_MAX).map_err(|error| error.to_string())?;
        Ok(text)
    }

    fn shape() -> Shape {
        plain(Type::String)
    }
}

impl Wire for bool {
    fn show(&self) -> Value {
        Value::Bool(*self)
    }

    fn read(value: Value) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| mismatch("true or false", &value))
    }

    fn shape() -> Shape {
        plain(Type::Boolean)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn show(&self) -> Value {
                Value::from(*self)
            }

            fn read(value: Value) -> Result<Self, String> {
                let Value::Number(number) = &value else {
                    return Err(mismatch("a whole number", &value));
                };
                let whole = number.as_u64().and_then(|number| Self::try_from(number).ok());
                whole.ok_or_else(|| format!("{number} is no whole number from 0 to {}", Self::MAX))
            }

            fn shape() -> Shape {
                let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
                let object = ObjectBuilder::new().schema_type(Type::Integer).format(Some(format));
                object.minimum(Some(0_u32)).build().into()
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64);

macro_rules! ids {
    ($($id:ty),* $(,)?) => {$(
        impl Wire for $id {
            fn show(&self) -> Value {
                Value::from(self.number())
            }

            fn read(value: Value) -> Result<Self, String> {
                id_number(&value).map(Self::from_number)
            }

            fn shape() -> Shape {
                u32::shape()
            }
        }
    )*};
}
ids!(
    AvailabilityZoneId,
    BmcId,
    DnsResourceId,
    DomainId,
    FabricId,
    InterfaceId,
    IpRangeId,
    NodeId,
    ResourcePoolId,
    SpaceId,
    StaticIpAddressId,
    SubnetId,
    TagId,
    UserId,
    VlanId,
);

fn id_number(value: &Value) -> Result<u32, String> {
    if let Some(step) = value.as_str().and_then(step_reference) {
        return Ok(step_number(step));
    }
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let wrong = || format!("wants an id, or \"$N.id\" for what step N created, not {value}");
    number.filter(|number| *number <= ID_MAX).ok_or_else(wrong)
}

/// The step `"$2.id"` refers to.
#[must_use]
pub fn step_reference(text: &str) -> Option<u16> {
    step_of(text, ".id")
}

/// The step of whose outcome a part is meant.
fn step_of(text: &str, part: &str) -> Option<u16> {
    let digits = text.strip_prefix('$')?.strip_suffix(part)?;
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

macro_rules! texts {
    ($($parsed:ty: $format:literal $example:literal $wanted:literal;)*) => {$(
        impl Wire for $parsed {
            fn show(&self) -> Value {
                Value::from(self.to_string())
            }

            fn read(value: Value) -> Result<Self, String> {
                parsed(value, $wanted)
            }

            fn shape() -> Shape {
                formatted($format, $example)
            }
        }
    )*};
}
texts! {
    MacAddr: "mac" "52:54:00:00:00:01" "a MAC address";
    Cidr: "cidr" "10.0.0.0/24" "a prefix like 10.0.0.0/24";
    DomainName: "dns-name" "maas" "a domain name";
    RelativeName: "dns-label" "www" "a name relative to its domain";
    RecordType: "dns-type" "CNAME" "a record type";
}

impl Wire for IpAddr {
    fn show(&self) -> Value {
        Value::from(self.to_string())
    }

    fn read(value: Value) -> Result<Self, String> {
        if let Some(step) = value.as_str().and_then(|text| step_of(text, ".address")) {
            return Ok(step_address(step));
        }
        let address = parsed(value, "an IP address, or \"$N.address\" for the one step N took")?;
        match step_of_address(address) {
            None => Ok(address),
            Some(_) => Err(format!("{address} is reserved and nobody's")),
        }
    }

    fn shape() -> Shape {
        formatted("ip", "10.0.0.1")
    }
}

impl Wire for Hostname {
    fn show(&self) -> Value {
        Value::from(self.to_string())
    }

    fn read(value: Value) -> Result<Self, String> {
        Self::new(&text(value, "a host name")?).map_err(|error| error.to_string())
    }

    fn shape() -> Shape {
        formatted("hostname", "calm-heron")
    }
}

impl Wire for SystemId {
    fn show(&self) -> Value {
        Value::from(self.as_str())
    }

    fn read(value: Value) -> Result<Self, String> {
        Self::parse(&text(value, "a system id")?).map_err(|error| error.to_string())
    }

    fn shape() -> Shape {
        formatted("system-id", "4y3h8a")
    }
}

impl Wire for WallTime {
    fn show(&self) -> Value {
        Value::from(rfc3339(*self))
    }

    fn read(_: Value) -> Result<Self, String> {
        Err("is recorded, not set".to_owned())
    }

    fn shape() -> Shape {
        formatted("date-time", "2026-05-01T12:00:00.000Z")
    }
}

impl Wire for ClusterTime {
    fn show(&self) -> Value {
        Value::from(self.0)
    }

    fn read(_: Value) -> Result<Self, String> {
        Err("is recorded, not set".to_owned())
    }

    fn shape() -> Shape {
        u64::shape()
    }
}

macro_rules! words {
    ($($choice:ty: $name:expr, [$($option:ident),*];)*) => {$(
        impl Wire for $choice {
            fn show(&self) -> Value {
                Value::from($name(*self))
            }

            fn read(value: Value) -> Result<Self, String> {
                let options = [$(Self::$option),*];
                let chosen = options.into_iter().find(|option| option.show() == value);
                let names = || options.map(|option| option.show().to_string()).join(", ");
                chosen.ok_or_else(|| format!("{value} is none of {}", names()))
            }

            fn shape() -> Shape {
                let options = [$(Self::$option.show()),*];
                let kind = if options.iter().all(Value::is_string) { Type::String } else { Type::Integer };
                ObjectBuilder::new().schema_type(kind).enum_values(Some(options)).build().into()
            }
        }
    )*};
}
words! {
    IpRangeType: Self::name, [Dynamic, Reserved];
    InterfaceType: Self::name, [Physical, Bond, Bridge, Vlan, Unknown];
    AllocType: Self::number, [Auto, Sticky, UserReserved, Dhcp, Discovered];
    RdnsMode: rdns_number, [Disabled, Enabled, Rfc2317];
    PowerState: power_word, [On, Off, Unknown, Error];
}

const fn rdns_number(mode: RdnsMode) -> u8 {
    mode as u8
}

const fn power_word(state: PowerState) -> &'static str {
    match state {
        PowerState::On => "on",
        PowerState::Off => "off",
        PowerState::Unknown => "unknown",
        PowerState::Error => "error",
    }
}

impl<T: Wire> Wire for Option<T> {
    fn show(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::show)
    }

    fn read(value: Value) -> Result<Self, String> {
        if value.is_null() { Ok(None) } else { T::read(value).map(Some) }
    }

    fn shape() -> Shape {
        either(T::shape(), plain(Type::Null))
    }
}

fn list<T: Wire, L: FromIterator<T>>(value: Value) -> Result<L, String> {
    let Value::Array(items) = value else { return Err(mismatch("a list", &value)) };
    let numbered = items.into_iter().enumerate();
    let read = |(number, item)| T::read(item).map_err(|error| format!("item {number} {error}"));
    numbered.map(read).collect()
}

impl<T: Wire> Wire for Vec<T> {
    fn show(&self) -> Value {
        self.iter().map(T::show).collect()
    }

    fn read(value: Value) -> Result<Self, String> {
        list(value)
    }

    fn shape() -> Shape {
        ArrayBuilder::new().items(T::shape()).build().into()
    }
}

impl<T: Wire + Ord> Wire for BTreeSet<T> {
    fn show(&self) -> Value {
        self.iter().map(T::show).collect()
    }

    fn read(value: Value) -> Result<Self, String> {
        list(value)
    }

    fn shape() -> Shape {
        ArrayBuilder::new().items(T::shape()).unique_items(true).build().into()
    }
}

impl Wire for ForwardServer {
    fn show(&self) -> Value {
        json!({ "ip_address": self.ip_address.show(), "port": self.port })
    }

    fn read(value: Value) -> Result<Self, String> {
        if let Value::String(text) = &value {
            let whole = || text.parse::<SocketAddr>().ok();
            let alone = text.parse().map(|ip_address| SocketAddr::new(ip_address, DNS_PORT)).ok();
            let server = alone.or_else(whole).ok_or_else(|| {
                format!("wants an address like 10.0.0.2 or 10.0.0.2:5353, not {text:?}")
            })?;
            return Ok(Self { ip_address: server.ip(), port: server.port() });
        }
        let Value::Object(mut map) = value else {
            return Err(mismatch("an address, or an object with ip_address and port", &value));
        };
        let ip_address = IpAddr::read(map.remove("ip_address").unwrap_or_default())?;
        let port = map.remove("port").map_or(Ok(DNS_PORT), u16::read)?;
        match map.keys().next() {
            None => Ok(Self { ip_address, port }),
            Some(name) => Err(format!("has no field {name:?}")),
        }
    }

    fn shape() -> Shape {
        let object = ObjectBuilder::new().schema_type(Type::Object);
        let object = object.property("ip_address", IpAddr::shape()).required("ip_address");
        either(object.property("port", u16::shape()).build().into(), String::shape())
    }
}

/// A number that may be larger than JSON's readers can hold exactly: then a text.
#[must_use]
pub fn large(number: u128) -> Value {
    const EXACT_MAX: u128 = 1 << 53;
    match u64::try_from(number) {
        Ok(small) if number <= EXACT_MAX => Value::from(small),
        Ok(_) | Err(_) => Value::from(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Wire, large, step_reference};
    use regent_core::id::{SubnetId, step_number};
    use regent_core::model::forward_server::ForwardServer;
    use serde_json::json;

    #[test]
    fn ids_are_numbers_or_name_a_step_and_nothing_else() {
        assert_eq!(SubnetId::read(json!(7)), Ok(SubnetId(7)));
        assert_eq!(SubnetId::read(json!("$3.id")), Ok(SubnetId(step_number(3))));
        for wrong in
            [json!(-1), json!(1.5), json!("7"), json!(step_number(3)), json!("$x.id"), json!(null)]
        {
            assert!(SubnetId::read(wrong.clone()).is_err(), "{wrong}");
        }
        assert_eq!(step_reference("$+1.id"), None);
    }

    #[test]
    fn server_may_be_written_as_an_address_with_or_without_its_port() {
        for (text, port) in [("10.0.0.2", 53), ("10.0.0.2:5353", 5353), ("[fd00::2]:5353", 5353)] {
            assert_eq!(ForwardServer::read(json!(text)).map(|server| server.port), Ok(port));
        }
        assert!(ForwardServer::read(json!("resolver.example")).is_err());
    }

    #[test]
    fn counts_beyond_what_readers_hold_become_texts() {
        assert_eq!(large(254), json!(254));
        assert_eq!(large(1 << 64), json!("18446744073709551616"));
    }
}
