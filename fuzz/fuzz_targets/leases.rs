//! The target `leases` for libFuzzer; what it does is in `fuzz/targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| drop((regent_fuzz::subject::leases::TARGET.run)(input)));
