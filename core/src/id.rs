//! Identities. Integer ids are handed out by the state machine, one counter a kind, and never used again.
//!
//! Nodes (machines, devices, controllers) also carry MAAS's six-letter `system_id`, which is what people and tools
//! know them by. Nothing here allocates: that is `apply::draft`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An integer id of one kind of object.
pub trait Id:
    Copy + Ord + fmt::Debug + fmt::Display + Serialize + serde::de::DeserializeOwned
{
    /// The id with this number.
    fn from_number(number: u32) -> Self;
    /// The number of this id.
    fn number(self) -> u32;
}

/// Numbers above this are not ids of objects: they stand for the object an earlier step of the same batch created
/// (see [`step_number`]).
pub const ID_MAX: u32 = 0xFFFE_FFFF;

/// The number that stands, inside a batch, for whatever step `step` of that batch created.
#[must_use]
pub const fn step_number(step: u16) -> u32 {
    ID_MAX + 1 + step as u32
}

/// The step a number stands for, if it stands for one.
#[must_use]
pub fn step_of(number: u32) -> Option<usize> {
    number.checked_sub(ID_MAX + 1).and_then(|step| usize::try_from(step).ok())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl Id for $name {
            fn from_number(number: u32) -> Self {
                Self(number)
            }
            fn number(self) -> u32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

ids! {
    /// A DNS domain.
    DomainId,
    /// A machine, device, rack or region controller.
    NodeId,
    /// A network interface.
    InterfaceId,
    /// A replicated client session (DESIGN D5).
    SessionId,
    /// A node of the region's Raft group.
    MemberId,
    /// A DNS resource.
    DnsResourceId,
    /// A DNS record other than an address.
    DnsDataId,
    /// An availability zone.
    AvailabilityZoneId,
    /// A resource pool.
    ResourcePoolId,
    /// A tag.
    TagId,
    /// A space.
    SpaceId,
    /// A fabric.
    FabricId,
    /// A VLAN.
    VlanId,
    /// A subnet.
    SubnetId,
    /// An IP range.
    IpRangeId,
    /// A static route.
    StaticRouteId,
    /// A reserved IP.
    ReservedIpId,
    /// An IP address in use.
    StaticIpAddressId,
    /// A BMC.
    BmcId,
    /// A DHCP snippet.
    DhcpSnippetId,
    /// A user.
    UserId,
    /// A user's API token.
    ApiTokenId,
    /// An event.
    EventId,
    /// The one row of global defaults.
    GlobalDefaultsId,
    /// A life of a rack.
    RackLifeId,
    /// A token with which a rack enrols.
    RackTokenId,
    /// The quarantine of leases, of which there is one at most.
    QuarantineId,
}

/// MAAS's name for a node: six characters that are hard to confuse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SystemId([u8; Self::LENGTH]);

/// Why a text is no system id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("system id {0:?} is not six of the letters and digits \"{alphabet}\"", alphabet = SystemId::ALPHABET)]
pub struct SystemIdError(pub String);

impl SystemId {
    /// Characters in a system id.
    pub const LENGTH: usize = 6;
    /// The 24 characters MAAS draws from: no vowels that make words, nothing that looks like something else.
    pub const ALPHABET: &'static str = "34678abcdefghkmnpqrstwxy";
    /// How many different system ids there are: those MAAS makes have no leading `3` (its zero).
    const FIRST: u64 = 24_u64.pow(5);
    const COUNT: u64 = 24_u64.pow(6) - Self::FIRST;
    /// Shares no factor with [`Self::COUNT`] (= 23 · 24^5), so that the walk below meets every id once.
    const STRIDE: u64 = 71_663_617;

    /// The `nth` system id of a walk that visits every one before it meets any again.
    ///
    /// Neighbours in time differ in most characters, so that people do not mix them up.
    #[must_use]
    pub fn nth(nth: u64) -> Self {
        let mut rest = Self::FIRST + (nth % Self::COUNT) * Self::STRIDE % Self::COUNT;
        let mut text = [0_u8; Self::LENGTH];
        for slot in text.iter_mut().rev() {
            let digit = usize::try_from(rest % 24).unwrap_or(0);
            *slot = Self::ALPHABET.as_bytes().get(digit).copied().unwrap_or(b'3');
            rest /= 24;
        }
        Self(text)
    }

    /// Reads a system id as an operator writes it.
    ///
    /// # Errors
    /// [`SystemIdError`] unless it is six characters of lower-case letters and digits.
    pub fn parse(text: &str) -> Result<Self, SystemIdError> {
        let wrong = || SystemIdError(text.chars().take(32).collect());
        let bytes: [u8; Self::LENGTH] = text.as_bytes().try_into().map_err(|_| wrong())?;
        // Older MAAS versions drew from a wider alphabet, so any lower-case letter or digit is taken.
        let plain = bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if plain { Ok(Self(bytes)) } else { Err(wrong()) }
    }

    /// The text of this id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for SystemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SystemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SystemId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SystemId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{SystemId, step_number, step_of};
    use std::collections::BTreeSet;

    #[test]
    fn walk_of_system_ids_does_not_repeat() {
        let seen: BTreeSet<_> = (0..200_000).map(SystemId::nth).collect();
        assert_eq!(seen.len(), 200_000);
        assert!(seen.iter().all(|id| SystemId::parse(id.as_str()) == Ok(*id)));
    }

    #[test]
    fn stride_shares_no_factor_with_the_number_of_ids() {
        for factor in [2, 3, 23] {
            assert_ne!(SystemId::STRIDE % factor, 0);
        }
    }

    #[test]
    fn wrong_system_ids_are_refused() {
        for wrong in ["", "abc", "abcdefg", "ABCDEF", "abc ef", "äbcde"] {
            assert!(SystemId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn steps_are_told_from_ids() {
        assert_eq!(step_of(step_number(0)), Some(0));
        assert_eq!(step_of(step_number(u16::MAX)), Some(usize::from(u16::MAX)));
        assert_eq!(step_of(7), None);
    }
}
