//! How many identities a run of today would take something away from, were nothing held back.

use super::planning::{Planned, plan};
use crate::actions::Register;
use crate::domain::ids::Moment;
use crate::store::{Db, StoreError};

/// How many would lose what they have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Today {
    pub identities: i64,
    /// Of these, how many work in production, or may.
    pub may_be_production: i64,
}

/// Counts it at a moment. What is suspended already stays so, and loses nothing; what waits is not cut.
pub fn today(db: &mut Db, register: &Register, now: Moment) -> Result<Today, StoreError> {
    let Some(yesterday) = register.day(now).pred_opt() else { return Ok(Today::default()) };
    let planned = plan(db, register, ..=yesterday, i64::MAX)?;
    let cut: Vec<&Planned> = planned.iter().filter(|one| !one.waits() && one.cuts()).collect();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(Today {
        identities: count(cut.len()),
        may_be_production: count(cut.iter().filter(|one| one.may_cut_production()).count()),
    })
}
