//! What a command that speaks to the region has at hand.

use crate::cli::addresses;
use crate::cli::arguments::Global;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::output::OutputFormat;

/// The region's nodes, and how the answer is wanted.
#[derive(Clone, Debug)]
pub struct Session {
    /// The nodes.
    pub client: Client,
    /// What data looks like.
    pub format: OutputFormat,
}

impl Session {
    /// As the flags and the environment say.
    ///
    /// # Errors
    /// [`Failure`] if there is nobody to ask.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let client = Client::new(&addresses::resolve(&global.addr), global.timeout)?;
        Ok(Self { client, format: global.output })
    }
}
