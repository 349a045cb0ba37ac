//! What clients ask of the region, on real objects. Floors: [`ask`] (questions and answers), [`site`] (what they are
//! about), [`choose`] (which comes next), [`seen`] (what a state answers to a read), [`asked`] (having a node answer).

pub mod ask;
pub mod asked;
pub mod choose;
pub mod seen;
pub mod site;
