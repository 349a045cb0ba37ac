//! What values of options are made of.

/// What the value of an option is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rack_view::snippet) enum OptionType {
    /// An IPv4 address.
    Address,
    /// IPv4 addresses.
    Addresses,
    /// IPv4 addresses in pairs, without a comma between the two.
    Pairs,
    /// A text.
    Text,
    /// Octets in hexadecimal with colons, or a text.
    Octets,
    /// A whole number of one octet.
    U8,
    /// Whole numbers of one octet each.
    U8s,
    /// A whole number of two octets.
    U16,
    /// A whole number of four octets.
    U32,
    /// A whole number of four octets with a sign.
    I32,
    /// `true` or `false`.
    Flag,
    /// Domain names in the form of DNS.
    Names,
}
