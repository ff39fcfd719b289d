use proptest::prelude::*;

use super::*;

fn plan(country: &str, area: &str) -> NumberPlan {
    NumberPlan::new(country, area).expect("an area code that can be")
}

#[test]
fn all_spellings_of_a_number_meet() {
    let hangzhou = plan("CN", "571");
    let beijing = plan("CN", "10");
    let newark = plan("US", "973");
    let cases: &[(&NumberPlan, &str, &[&str])] = &[
        (
            &hangzhou,
            "13800138000",
            &[
                "+86 138 0013 8000",
                "008613800138000",
                "8613800138000",
                "013800138000",
                "138-0013-8000",
                "+86 013800138000",
            ],
        ),
        (&hangzhou, "87654321", &["+86 (0)571 8765 4321", "0571-87654321", "8657187654321", "8765 4321"]),
        (&hangzhou, "01065529988", &["+86 10 6552 9988", "(010) 65529988", "861065529988"]),
        (&beijing, "65529988", &["+86 10 6552 9988", "(010) 65529988", "861065529988"]),
        (&hangzhou, "0085221234567", &["+852 2123 4567", "00852-21234567"]),
        (&hangzhou, "95598", &["95598", "+86 95598", "057195598"]),
        (&beijing, "10086", &["10086", "+86 10086"]),
        (&hangzhou, "4008123456", &["400-812-3456", "+86 400 812 3456", "0400 812 3456"]),
        (&hangzhou, "110", &["110"]),
        (&newark, "5551234", &["+1 973 555 1234", "1-973-555-1234", "(973) 555-1234", "555-1234"]),
        (&newark, "2125551234", &["+1 212 555 1234", "1 212 555 1234", "212.555.1234"]),
        (&newark, "0118613800138000", &["+86 138 0013 8000", "011 86 13800138000"]),
        (&plan("GB", "20"), "79460018", &["+44 (0)20 7946 0018", "020 7946 0018", "7946 0018", "442079460018"]),
        (&plan("DE", ""), "03012345", &["+49 30 12345", "0049 30 12345", "030/12345"]),
        (&plan("IT", ""), "0669812345", &["+39 06 6981 2345", "06 6981 2345", "0039 0669812345"]),
        (&plan("HK", ""), "21234567", &["+852 2123 4567", "2123 4567", "85221234567"]),
        (&plan("JP", "3"), "12345678", &["+81 3 1234 5678", "03-1234-5678", "010813 12345678"]),
        (&NumberPlan::default(), "865718765", &["+86 571 8765", "86-571-8765"]),
    ];
    for (plan, normal, spellings) in cases {
        for spelling in *spellings {
            assert_eq!(plan.normal(spelling).as_deref(), Some(*normal), "{spelling} with {plan:?}");
            assert!(plan.is_same(spelling, normal), "{spelling}");
        }
    }
}

#[test]
fn a_text_that_is_no_number_has_no_normal_form() {
    for plan in [NumberPlan::default(), plan("CN", "571")] {
        for wrong in ["", " ", "+", "12a", "王芳", "1380*", "++86", &"1".repeat(NUMBER_MAX + 1)] {
            assert_eq!(plan.normal(wrong), None, "{wrong}");
        }
    }
    assert!(NumberPlan::new("CN", "0571").is_err() && NumberPlan::new("CN", "57a").is_err());
}

#[test]
fn a_number_is_dialled_as_it_is_spelled_and_one_with_a_plus_in_its_normal_form() {
    let plan = plan("CN", "571");
    assert_eq!(plan.dialled("0138-0013-8000").as_deref(), Some("013800138000"), "it is of elsewhere");
    assert_eq!(plan.dialled("+86 138 0013 8000").as_deref(), Some("13800138000"));
    assert_eq!(plan.dialled("+852 2123 4567").as_deref(), Some("0085221234567"));
    assert_eq!((NumberPlan::default().dialled("+852 2123 4567"), plan.dialled("x")), (None, None));
}

#[test]
fn a_pattern_is_of_a_number_in_any_of_its_spellings_and_the_closest_has_the_fewest_free_digits() {
    let plan = plan("CN", "571");
    for pattern in ["138*", "0138*", "+86138*", "0086138*"] {
        assert_eq!(plan.free_digits(pattern, "+86 138 0013 8000"), Some(8), "{pattern}");
    }
    assert_eq!(plan.free_digits("0571*", "87654321"), Some(8), "a local number is of its area");
    assert_eq!(plan.free_digits("8765*", "0571 87654321"), Some(4));
    assert_eq!(plan.free_digits("0571*", "01065529988"), None);
    assert_eq!(plan.free_digits("+86 138 0013 8000", "013800138000"), Some(0));
    assert_eq!(plan.free_digits("*", "110"), Some(3));
}

fn any_plan() -> impl Strategy<Value = NumberPlan> {
    let country = prop::sample::select(COUNTRIES.iter().map(|country| country.code).chain([""]).collect::<Vec<_>>());
    (country, "|[1-9][0-9]{0,3}")
        .prop_filter_map("an area code", |(country, area)| NumberPlan::new(country, &area).ok())
}

proptest! {
    #[test]
    fn a_normal_form_is_its_own_and_all_its_spellings_lead_to_it(
        plan in any_plan(),
        number in r"\+?(00|0|86|86138|0571|1|8|810|011)?[0-9]{1,16}",
    ) {
        let Some(normal) = plan.normal(&number) else { return Ok(()) };
        prop_assert_eq!(plan.normal(&normal), Some(normal.clone()));
        prop_assert!(plan.is_same(&number, &normal));
        for spelling in plan.spellings(&number) {
            prop_assert_eq!(plan.normal(&spelling), Some(normal.clone()), "{}", spelling);
        }
    }
}
