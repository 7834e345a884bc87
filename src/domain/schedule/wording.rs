//! Common schedules as sentences.

/// The sentence of six fields, without the zone; `None` for an uncommon shape.
pub(super) fn sentence(expression: &str) -> Option<String> {
    let fields: Vec<&str> = expression.split(' ').collect();
    let [second, minute, hour, day, month, weekday] = fields.as_slice() else {
        return None;
    };
    let days = days(day, month, weekday)?;
    if *second != "0" {
        return None;
    }
    if let (Some(minute), Some(hour)) = (number(minute), number(hour)) {
        return Some(format!("{days} at {hour:02}:{minute:02}"));
    }
    let often = match (*minute, *hour) {
        ("*", "*") => "every minute".to_owned(),
        (minute, "*") => match (number(minute), step(minute, 60)) {
            (Some(minute), _) => format!("every hour at minute {minute}"),
            (_, Some(step)) => format!("every {step} minutes"),
            _ => return None,
        },
        (minute, hour) => format!("every {} hours at minute {}", step(hour, 24)?, number(minute)?),
    };
    Some(if days == "every day" { often } else { format!("{often}, {days}") })
}

fn days(day: &str, month: &str, weekday: &str) -> Option<String> {
    let any = |field: &str| field == "*" || field == "?";
    if !any(month) {
        return None;
    }
    if any(day) && any(weekday) {
        return Some("every day".to_owned());
    }
    if any(weekday) {
        return number(day).map(|day| format!("on day {day} of every month"));
    }
    if !any(day) {
        return None;
    }
    if let Some((first, last)) = weekday.split_once('-') {
        return Some(format!("{} to {}", weekday_name(first)?, weekday_name(last)?));
    }
    let names: Option<Vec<&str>> = weekday.split(',').map(weekday_name).collect();
    let mut names = names?;
    let last = names.pop()?;
    Some(if names.is_empty() { format!("every {last}") } else { format!("every {} and {last}", names.join(", ")) })
}

fn number(field: &str) -> Option<u32> {
    field.parse().ok()
}

/// The n of `*/n`, where it divides the whole evenly: `*/50` minutes is not every 50 minutes.
fn step(field: &str, whole: u32) -> Option<u32> {
    number(field.strip_prefix("*/")?).filter(|step| *step > 1 && whole.is_multiple_of(*step))
}

fn weekday_name(short: &str) -> Option<&'static str> {
    let day: chrono::Weekday = short.parse().ok()?;
    Some(match day {
        chrono::Weekday::Mon => "Monday",
        chrono::Weekday::Tue => "Tuesday",
        chrono::Weekday::Wed => "Wednesday",
        chrono::Weekday::Thu => "Thursday",
        chrono::Weekday::Fri => "Friday",
        chrono::Weekday::Sat => "Saturday",
        chrono::Weekday::Sun => "Sunday",
    })
}
