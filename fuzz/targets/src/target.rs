//! What a target is: a function of bytes, where to start, and its bounds.

/// Something under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called on the command line, in the corpus and in `fuzz/fuzz_targets/`.
    pub name: &'static str,
    /// What it does with the bytes.
    pub about: &'static str,
    /// Does it. Panics if something does not hold that must; else tells in a few words which ways the bytes went, one
    /// a line, so that inputs that go a new way can be kept.
    pub run: fn(&[u8]) -> String,
    /// Inputs to start from, made by the code itself and therefore never out of date.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Pieces that mean something to it.
    pub words: &'static [&'static [u8]],
    /// Longer inputs are not tried.
    pub input_bytes_max: usize,
    /// Memory it may take beside [`Target::memory_factor`] times its input.
    pub memory_bytes_max: usize,
    /// Memory it may take for each byte of its input.
    pub memory_factor: usize,
}
