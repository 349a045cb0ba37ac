//! The Internet checksum (RFC 1071).

/// The checksum over these parts, each of even length but the last. A packet with its own checksum in it has 0.
#[must_use]
pub fn of(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2)).map(|pair| match pair {
        [high, low] => u64::from(u16::from_be_bytes([*high, *low])),
        [high] => u64::from(u16::from_be_bytes([*high, 0])),
        _ => 0,
    });
    let mut sum: u64 = words.sum();
    while sum > u64::from(u16::MAX) {
        sum = (sum & u64::from(u16::MAX)) + (sum >> 16);
    }
    !u16::try_from(sum).expect("the carries were added until it fits")
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_example_of_rfc_1071_has_its_sum() {
        // Section 3: the sum is ddf2, the checksum its complement.
        assert_eq!(of(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
        assert_eq!(of(&[&[0x00, 0x01, 0xf2, 0x03], &[0xf4, 0xf5, 0xf6, 0xf7]]), !0xddf2);
    }

    #[test]
    fn an_odd_last_octet_counts_as_if_a_zero_followed() {
        assert_eq!(of(&[&[1, 2, 3]]), of(&[&[1, 2, 3, 0]]));
    }

    #[test]
    fn what_carries_its_checksum_sums_up_to_zero() {
        let checksum = of(&[&[0x45, 0, 0, 9]]);
        assert_eq!(of(&[&[0x45, 0, 0, 9], &checksum.to_be_bytes()]), 0);
    }
}
