use super::*;
use crate::connectors::imports::check_column_map;

fn map(columns: &str) -> Result<ColumnMap, ColumnMapError> {
    ColumnMap::from_toml(&format!("name = \"x\"\nsubject = \"clients\"\ndate_formats = [\"%Y-%m-%d\"]\n{columns}"))
}

const NAMED: &str = "[[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n";

#[test]
fn every_shipped_map_is_good_and_survives_being_saved() {
    let maps = shipped_column_maps().unwrap();
    assert_eq!(maps.len(), 4);
    for map in maps {
        check_column_map(&map).unwrap();
        assert_eq!(ColumnMap::from_toml(&map.to_toml().unwrap()).unwrap(), map);
        let json = serde_json::to_string(&map).unwrap();
        assert_eq!(serde_json::from_str::<ColumnMap>(&json).unwrap(), map);
    }
}

#[test]
fn a_map_that_cannot_be_used_is_refused_with_what_to_do() {
    let refused = |text: &str| map(text).unwrap_err().to_string();
    assert!(refused("[[columns]]\nheading = \"A\"\nfield = \"clientid\"\n").contains("client_id"));
    assert!(refused(&format!("{NAMED}[[columns]]\nheading = \"B\"\nfield = \"client_id\"\n")).contains("two columns"));
    assert!(refused(&format!("{NAMED}[[columns]]\nheading = \"ID\"\nfield = \"name\"\n")).contains("twice"));
    assert!(refused("[[columns]]\nheading = \"A\"\nfield = \"vendor\"\n").contains("client_id or name"));
    let robot = map(&format!("[fixed]\nkind = \"robot\"\n{NAMED}")).unwrap();
    assert!(check_column_map(&robot).unwrap_err().to_string().contains("smart_app"));
    assert!(refused(&format!("[fixed]\nclient_id = \"x\"\n{NAMED}")).contains("two columns"));
    assert!(refused(&format!("{NAMED}unknown = 1\n")).contains("cannot be read"));
    assert!(map(NAMED).is_ok());
}

#[test]
fn a_cell_is_translated_without_regard_to_case_and_blank_means_what_the_map_says() {
    let map = map(&format!("{NAMED}[[columns]]\nheading = \"E\"\nfield = \"environment\"\nblank = \"error\"\n[columns.values]\nPRD = \"production\"\n\"n/a\" = \"\"\n")).unwrap();
    let column = &map.columns[1];
    assert_eq!(Cell::read(column, " prd "), Ok(Cell::Text("production".to_owned())));
    assert!(Cell::read(column, "N/A").is_err());
    assert!(Cell::read(column, "").unwrap_err().contains("empty"));
}

#[test]
fn durations_have_a_unit_and_never_overflow() {
    let map =
        map(&format!("{NAMED}[[columns]]\nheading = \"H\"\nfield = \"refresh_token_seconds\"\nunit = \"hours\"\n"))
            .unwrap();
    assert_eq!(seconds(&map.columns[1], "2"), Ok(7200));
    for text in ["0", "-1", "two", "1.5", "9223372036854775807"] {
        assert!(seconds(&map.columns[1], text).is_err(), "{text}");
    }
}

#[test]
fn dates_are_read_by_the_formats_of_the_map_only() {
    let formats = ["%d.%m.%Y".to_owned(), "rfc3339".to_owned()];
    assert_eq!(date(&formats, "D", "28.02.2026").unwrap().to_string(), "2026-02-28");
    assert_eq!(date_or_moment(&formats, "D", "28.02.2026").unwrap().to_text(), "2026-02-28T00:00:00.000000Z");
    assert_eq!(
        date_or_moment(&formats, "D", "2026-02-28T01:00:00+01:00").unwrap().to_text(),
        "2026-02-28T00:00:00.000000Z"
    );
    assert_eq!(date(&formats, "D", "2026-02-28T23:30:00-05:00").unwrap().to_string(), "2026-02-28");
    for text in ["2026-02-28", "31.02.2026", "02/28/2026"] {
        assert!(date(&formats, "D", text).unwrap_err().contains("%d.%m.%Y"), "{text}");
    }
}
