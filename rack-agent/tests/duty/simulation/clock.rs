//! Clocks that go wrong, against the one real time, in milliseconds.

const PPM: i64 = 1_000_000;

/// How much of real time a clock counts.
pub(super) fn counted(real: u64, drift_ppm: i64) -> u64 {
    let real = i64::try_from(real).unwrap();
    u64::try_from(real * (PPM + drift_ppm) / PPM).unwrap()
}

/// How much real time passes until a clock has counted so much.
pub(super) fn real(counted: u64, drift_ppm: i64) -> u64 {
    let counted = i64::try_from(counted).unwrap();
    u64::try_from(counted * PPM / (PPM + drift_ppm)).unwrap()
}
