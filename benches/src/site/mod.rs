//! A large site of our own making: [`address`] (who has which), [`dump`] (the site as a MAAS dump), [`names`] (its DNS
//! names as zone files and as questions). The same numbers always make the same site.

pub mod address;
pub mod dump;
pub mod names;
