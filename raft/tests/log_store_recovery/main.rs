//! The log after restarts, kills, power cuts and damage: whatever was acknowledged is there, or the log says that it
//! has lost its memory.

mod amnesia;
mod damage;
mod fixture;
mod golden;
mod power_cut;
mod reopen;
mod writing;
