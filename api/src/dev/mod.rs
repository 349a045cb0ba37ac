//! `regent dev`: a region of real processes on this machine with racks and clients, and what can be done to it while it
//! runs.
//!
//! Floors, lowest first: [`layout`] (names, ports, folders), [`data_folder`], [`stop_signals`], [`control`] (what other
//! terminals ask of the supervisor), [`process`] (a child process), [`node`] and [`rack`] (what it is), [`demo`] and
//! [`site`] (data to begin with), [`network`], [`dhcp_load`] and [`racks`] (DHCP and its clients), [`samples`] (things to
//! name), [`welcome`], [`supervisor`]; and on the other side of the socket [`orders`], [`load`] and [`dns_load`] (clients
//! that write and ask), [`failover_report`], [`failover`]. Nothing here knows how a node or a rack agent works inside: it
//! starts the same executable, signals it and speaks HTTP and DHCP to it.

pub mod control;
pub mod data_folder;
pub mod demo;
pub mod dhcp_load;
pub mod dns_load;
pub mod failover;
pub mod failover_report;
pub mod layout;
pub mod load;
pub mod network;
pub mod node;
pub mod orders;
pub mod process;
pub mod rack;
pub mod racks;
pub mod samples;
pub mod site;
pub mod stop_signals;
pub mod supervisor;
pub mod welcome;

use crate::cli::arguments::Global;
use crate::cli::dev_arguments::{DevArguments, DevCommand};
use crate::cli::exit::Exit;
use crate::dev::control::Order;

/// Starts a dev cluster, or does what was asked to the one that runs.
///
/// # Errors
/// When it cannot be started, or there is none.
pub fn run(arguments: &DevArguments, global: &Global) -> anyhow::Result<Exit> {
    // One thread only: nodes die with the thread that started them, which has to be the main one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let format = global.output;
    runtime.block_on(async {
        match &arguments.command {
            None => supervisor::run(&arguments.start, format).await,
            Some(DevCommand::Failover(which)) => failover::run(*which, format).await,
            Some(DevCommand::Kill(node)) => orders::to_node(node, Order::Kill, format).await,
            Some(DevCommand::Pause(node)) => orders::to_node(node, Order::Pause, format).await,
            Some(DevCommand::Resume(node)) => orders::to_node(node, Order::Resume, format).await,
            Some(DevCommand::Start(node)) => orders::to_node(node, Order::Start, format).await,
            Some(DevCommand::Status(which)) => orders::status(*which, format).await,
            Some(DevCommand::Stop(which)) => orders::stop(*which, format).await,
            Some(DevCommand::RackAgent { config }) => rack::run(config).await.map(|()| Exit::Ok),
        }
    })
}
