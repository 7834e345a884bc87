//! Systems and vendors that a file names: found, or made and recorded.

use std::collections::HashMap;

use crate::actions::{ActionError, Work};
use crate::domain::ids::Id;
use crate::domain::systems::SystemKind;
use crate::store::registry::{self, System, Vendor};

/// The ids of systems and vendors, by name in lower case.
pub struct Names {
    systems: HashMap<String, Id>,
    vendors: HashMap<String, Id>,
}

impl Names {
    /// Those the register has.
    pub fn load(work: &mut Work<'_>) -> Result<Self, ActionError> {
        let by_name =
            |pairs: Vec<(Id, String)>| pairs.into_iter().map(|(id, name)| (name.to_lowercase(), id)).collect();
        Ok(Self {
            systems: by_name(registry::system_names(work.db)?),
            vendors: by_name(registry::vendor_names(work.db)?),
        })
    }
}

/// The system of that name: an authorization server when it is new.
pub fn system(work: &mut Work<'_>, names: &mut Names, name: &str) -> Result<Id, ActionError> {
    let key = name.to_lowercase();
    if let Some(id) = names.systems.get(&key) {
        return Ok(*id);
    }
    let system = System {
        id: Id::new(),
        name: name.to_owned(),
        name_key: key.clone(),
        kind: SystemKind::AuthorizationServer,
        base_url: None,
        business_owner_id: None,
        technical_owner_id: None,
        notes: None,
        created_at: work.by.now,
        updated_at: work.by.now,
        version: 1,
    };
    registry::insert_system(work.db, &system)?;
    work.record("system.add", "system", system.id, None, Some(&system));
    names.systems.insert(key, system.id);
    Ok(system.id)
}

/// The vendor of that name.
pub fn vendor(work: &mut Work<'_>, names: &mut Names, name: &str) -> Result<Id, ActionError> {
    let key = name.trim().to_lowercase();
    if let Some(id) = names.vendors.get(&key) {
        return Ok(*id);
    }
    let vendor = Vendor {
        id: Id::new(),
        name: name.trim().to_owned(),
        name_key: key.clone(),
        contact: None,
        contract_reference: None,
        contract_ends_on: None,
        agreement_reference: None,
        agreement_ends_on: None,
        baa_reference: None,
        baa_ends_on: None,
        notes: None,
        created_at: work.by.now,
        updated_at: work.by.now,
        version: 1,
    };
    registry::insert_vendor(work.db, &vendor)?;
    work.record("vendor.add", "vendor", vendor.id, None, Some(&vendor));
    names.vendors.insert(key, vendor.id);
    Ok(vendor.id)
}
