//! Permissions that an app registration names: a resource and a permission, both GUIDs.

use crate::domain::imported::{ImportedClient, ImportedScope};

use super::super::json::Entry;

/// Microsoft Graph.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Permissions of Microsoft Graph by GUID: only those that are well known. The rest keep their GUID.
const KNOWN: &[(&str, &str)] = &[
    ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "User.Read"),
    ("a154be20-db9c-4678-8ab7-66f6cc099a59", "User.Read.All"),
    ("df021288-bdef-4463-88db-98f22de89214", "User.Read.All"),
    ("06da0dbc-49e2-44d2-8312-53f166ab848a", "Directory.Read.All"),
    ("7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Directory.Read.All"),
    ("37f7f235-527c-4136-accd-4a02d197296e", "openid"),
    ("14dad69e-099b-42c9-810b-d002981feec1", "profile"),
    ("64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "email"),
    ("7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "offline_access"),
    ("570282fd-fa5c-430d-a7fd-fc8dc98a9dca", "Mail.Read"),
    ("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Mail.Read"),
    ("e383f46e-2787-4529-855e-0e479a3ffac0", "Mail.Send"),
    ("b633e1c5-b582-4048-a93e-9f11b44c7e96", "Mail.Send"),
];

/// Fills in the issued scopes, as `resource/permission`, and a note with the name and kind of each.
pub fn read(entry: &Entry, client: &mut ImportedClient) -> Result<(), String> {
    for resource in entry.objects("requiredResourceAccess")? {
        let app = resource
            .filled("resourceAppId")?
            .ok_or("A permission names no resource (“resourceAppId”). Export the list again.")?;
        for permission in resource.objects("resourceAccess")? {
            let id = permission.filled("id")?.ok_or("A permission has no “id”. Export the list again.")?;
            let scope = format!("{app}/{id}");
            let kind = match permission.filled("type")?.as_deref() {
                Some("Role") => "(application)",
                Some("Scope") => "(delegated)",
                _ => "(of an unknown kind)",
            };
            let name =
                KNOWN.iter().find(|(known, _)| app == GRAPH && id.eq_ignore_ascii_case(known)).map(|(_, name)| *name);
            let of = if app == GRAPH { "of Microsoft Graph" } else { "of another resource" };
            client.notes.insert(
                format!("permission {scope}"),
                format!("{} {of} {kind}", name.unwrap_or("not a well-known one")),
            );
            client.issued_scopes.push(ImportedScope { scope, optional: false, in_token: true, defined: false });
        }
    }
    if !client.issued_scopes.is_empty() {
        client.remarks.push("These are the permissions that the registration asks for; whether an administrator consented is not in this file.".to_owned());
    }
    Ok(())
}
