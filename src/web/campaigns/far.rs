//! How far campaigns have come, remembered as long as nothing changed: of one that asks about tens of thousands, the
//! page would read them all each time it is opened.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::actions::campaigns::report;
use crate::domain::ids::Id;
use crate::domain::reviews::pace::Fast;
use crate::domain::reviews::progress::Progress;
use crate::store::campaigns::Campaign;
use crate::store::{Db, StoreError};
use crate::web::remembered::Remembered;

/// Campaigns remembered at once.
const MOST: usize = 20;

/// By campaign, its version and the day: a campaign that was read before it changed is not taken for the one after.
#[derive(Debug)]
pub struct Far(Remembered<(Id, i64, NaiveDate), Arc<HowFar>>);

/// How far one has come.
#[derive(Debug)]
pub struct HowFar {
    pub progress: Progress,
    /// Who decided unusually fast.
    pub fast: Vec<Fast>,
}

impl Default for Far {
    fn default() -> Self {
        Self(Remembered::new(MOST))
    }
}

impl Far {
    /// How far it has come on a day.
    pub fn of(&self, db: &mut Db, campaign: &Campaign, today: NaiveDate) -> Result<Arc<HowFar>, StoreError> {
        self.0.get(db, (campaign.id, campaign.version, today), |db| {
            let progress = report::progress(db, campaign, today)?;
            Ok(Arc::new(HowFar { progress, fast: report::fast(db, campaign)? }))
        })
    }
}
