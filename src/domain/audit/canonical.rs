//! One and only one way to write a JSON value down: RFC 8785, the JSON Canonicalization Scheme.
//!
//! Names are sorted by their UTF-16 code units (section 3.2.3), numbers are written as ECMAScript
//! writes a double (section 3.2.2.3), strings escape only what they must (section 3.2.2.2), and
//! there is no white space. Reading the text and writing it again gives the same text.

use serde_json::{Map, Number, Value};

/// How deep arrays and objects may nest. Readers commonly stop at 128.
const DEEPEST: usize = 100;

/// A value that RFC 8785 cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A double would change it, so two readers would see two numbers.
    #[error("the number {0} cannot be written exactly as a double (RFC 8785 section 3.2.2.3); write it as a string")]
    NotExact(String),
    /// Nested beyond what readers accept.
    #[error("the value nests more than {DEEPEST} levels deep; flatten it")]
    TooDeep,
}

/// The canonical text of a value.
///
/// # Errors
/// An integer that a double cannot hold (from 2^53 + 1 on, with gaps), and nesting beyond 100 levels.
pub fn canonical(value: &Value) -> Result<String, CanonicalError> {
    let mut text = String::new();
    write_value(&mut text, value, 0)?;
    Ok(text)
}

fn write_value(text: &mut String, value: &Value, depth: usize) -> Result<(), CanonicalError> {
    if depth > DEEPEST {
        return Err(CanonicalError::TooDeep);
    }
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&number_text(number)?),
        Value::String(string) => write_string(text, string),
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_value(text, item, depth + 1)?;
            }
            text.push(']');
        }
        Value::Object(fields) => write_object(text, fields, depth)?,
    }
    Ok(())
}

/// UTF-16 order is not UTF-8 order: U+FB33 sorts after U+1F600, whose first code unit is D83D.
fn write_object(text: &mut String, fields: &Map<String, Value>, depth: usize) -> Result<(), CanonicalError> {
    let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
    sorted.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    text.push('{');
    for (position, (name, value)) in sorted.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        write_string(text, name);
        text.push(':');
        write_value(text, value, depth + 1)?;
    }
    text.push('}');
    Ok(())
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            control if control < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
}

/// A number as ECMAScript writes it. An integer passes when its double is written with the same
/// digits: 9007199254740993 would become ...992 in most readers and is refused.
fn number_text(number: &Number) -> Result<String, CanonicalError> {
    let written = number.to_string();
    let refused = || CanonicalError::NotExact(written.clone());
    let double = number.as_f64().filter(|double| double.is_finite()).ok_or_else(refused)?;
    let text = double_text(double);
    if (number.is_i64() || number.is_u64()) && text != written {
        return Err(refused());
    }
    Ok(text)
}

/// ECMA-262, Number::toString with radix 10. `point` is the standard's n: the value is 0.digits times 10^point.
///
/// The shortest digits come from `serde_json`, not from Rust's `{:e}`: where two are equally short and equally
/// near, ECMAScript takes the even one (1424953923781206.2) and Rust the larger.
fn double_text(double: f64) -> String {
    if double == 0.0 {
        return "0".to_owned(); // also for -0
    }
    let shortest = Value::from(double.abs()).to_string();
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let leading_zeros = all.len() - significant.len();
    let digits = significant.trim_end_matches('0');
    let places = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    let point = exponent.parse::<i32>().unwrap_or(0) + places(whole.len()) - places(leading_zeros);
    let count = places(digits.len());
    let sign = if double < 0.0 { "-" } else { "" };
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let split = |at: i32| digits.split_at(usize::try_from(at).unwrap_or(0));

    if count <= point && point <= 21 {
        format!("{sign}{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = split(point);
        format!("{sign}{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("{sign}0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = split(1);
        let fraction = if rest.is_empty() { String::new() } else { format!(".{rest}") };
        format!("{sign}{first}{fraction}e{:+}", point - 1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rewritten(text: &str) -> String {
        canonical(&serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn the_sample_of_rfc_8785_section_3_2_2_is_written_as_printed_there() {
        let input = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                        \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(rewritten(input), expected);
    }

    #[test]
    fn names_are_sorted_by_utf_16_code_units_as_in_section_3_2_3() {
        let input = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
            "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let written = rewritten(input);
        let order = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"];
        let places: Vec<usize> = order.iter().map(|word| written.find(word).unwrap()).collect();
        assert!(places.is_sorted(), "{written}");
    }

    #[test]
    fn doubles_are_written_as_in_rfc_8785_appendix_b() {
        let samples: [(u64, &str); 20] = [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ];
        for (bits, expected) in samples {
            assert_eq!(double_text(f64::from_bits(bits)), expected, "{bits:016x}");
        }
    }

    #[test]
    fn an_integer_that_a_double_would_change_is_refused() {
        assert_eq!(canonical(&json!(9_007_199_254_740_992_u64)), Ok("9007199254740992".to_owned()));
        assert_eq!(canonical(&json!(-9_007_199_254_740_991_i64)), Ok("-9007199254740991".to_owned()));
        for number in [json!(9_007_199_254_740_993_u64), json!(i64::MIN), json!(u64::MAX)] {
            assert!(matches!(canonical(&number), Err(CanonicalError::NotExact(_))), "{number}");
        }
    }

    #[test]
    fn a_value_that_nests_without_end_is_refused_and_one_at_the_limit_is_not() {
        let nest = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(canonical(&nest(DEEPEST)).is_ok());
        assert_eq!(canonical(&nest(DEEPEST + 1)), Err(CanonicalError::TooDeep));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back_as_the_same_double_and_text(bits: u64) {
            let double = f64::from_bits(bits);
            if double.is_finite() {
                let text = canonical(&json!(double)).unwrap();
                proptest::prop_assert_eq!(text.parse::<f64>().unwrap(), double);
                proptest::prop_assert_eq!(rewritten(&text), text);
            }
        }

        #[test]
        fn any_string_reads_back(string: String) {
            let text = canonical(&json!(string)).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap(), string);
        }
    }
}
