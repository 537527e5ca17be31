//! Functions within expressions, case by case, and what is said where one is given what it does not take. What each function
//! gives is in `functions.rs`.

use crate::expression::gives;

#[test]
fn functions() {
    gives(&[
        ("contains(user.email, '@example')", "true"),
        ("contains(user.email, 'zz')", "false"),
        ("contains(user.email, '')", "true"),
        ("contains('', 'a')", "false"),
        ("contains('aab', 'ab')", "true"),
        ("contains(text, '👋')", "true"),
        ("contains('1', `1`)", "false"),
        ("contains(grid, 'x')", "true"),
        ("contains(grid, `[3, 4]`)", "true"),
        ("contains(grid, `3`)", "false"),
        ("contains(user.identities[*].provider, 'sms')", "true"),
        ("contains(mixed, missing)", "true"),
        ("starts_with(user.email, 'ada')", "true"),
        ("starts_with(user.email, 'example')", "false"),
        ("starts_with(user.email, '')", "true"),
        ("ends_with(user.email, '.com')", "true"),
        ("ends_with(user.email, 'ada')", "false"),
        ("ends_with('a', 'aa')", "false"),
        ("not_null(missing, user.phone, user.blocked, 'x')", "false"),
        ("not_null(missing)", "null"),
        ("join(', ', user.identities[*].provider)", r#""sms, google-oauth2, auth0""#),
        ("join('-', user.none)", r#""""#),
        ("join('-', ['a'])", r#""a""#),
        ("join('', ['a', 'b'])", r#""ab""#),
        ("length(text)", "7"),
        ("length('')", "0"),
        ("length(grid)", "3"),
        ("length(byName)", "3"),
        ("keys(byName)", r#"["one","two","three"]"#),
        ("keys(user.nothing)", "[]"),
        ("to_string(user.logins)", r#""0""#),
        ("to_string('a \"b\"')", r#""a \"b\"""#),
        ("to_string(missing)", r#""null""#),
        ("to_string(grid)", r#""[[1,2],[3,4],\"x\"]""#),
        ("to_number('12')", "12"),
        ("to_number('-1.5')", "-1.5"),
        ("to_number(`7`)", "7"),
        ("to_number('7px')", "null"),
        ("to_number('')", "null"),
        ("to_number('true')", "null"),
        ("to_number('[1]')", "null"),
        ("to_number(user.verified)", "null"),
        ("to_number(missing)", "null"),
        ("to_number('1') == `1`", "true"),
        ("type(missing)", r#""null""#),
        ("type(user.verified)", r#""boolean""#),
        ("type(user.logins)", r#""number""#),
        ("type(text)", r#""string""#),
        ("type(grid)", r#""array""#),
        ("type(user)", r#""object""#),
        ("length (  grid  )", "3"),
        ("user.length(email)", "15"),
        ("grid | length(@)", "3"),
    ]);
}

#[test]
fn what_a_function_does_not_take_is_named_without_its_value() {
    gives(&[
        (
            "length(user.logins)",
            "error: `length` takes an array, an object or a string as its first argument, not a number",
        ),
        (
            "length(missing)",
            "error: `length` takes an array, an object or a string as its first argument, not null",
        ),
        ("keys(grid)", "error: `keys` takes an object as its first argument, not an array"),
        ("keys(text)", "error: `keys` takes an object as its first argument, not a string"),
        (
            "contains(user, 'a')",
            "error: `contains` takes an array or a string as its first argument, not an object",
        ),
        (
            "contains(missing, 'a')",
            "error: `contains` takes an array or a string as its first argument, not null",
        ),
        ("starts_with(missing, 'a')", "error: `starts_with` takes a string as its first argument, not null"),
        (
            "starts_with('a', user.verified)",
            "error: `starts_with` takes a string as its second argument, not a boolean",
        ),
        ("ends_with(`1`, 'a')", "error: `ends_with` takes a string as its first argument, not a number"),
        ("ends_with('a', grid)", "error: `ends_with` takes a string as its second argument, not an array"),
        ("join(`1`, ['a'])", "error: `join` takes a string as its first argument, not a number"),
        (
            "join('-', user.email)",
            "error: `join` takes an array of strings as its second argument, not a string",
        ),
        (
            "join('-', ['a', `1`])",
            "error: `join` takes an array of strings as its second argument, not an array with a number in it",
        ),
        (
            "avg(mixed)",
            "error: `avg` takes an array of numbers as its first argument, not an array with an array in it",
        ),
        (
            "max(mixed)",
            "error: `max` takes an array of numbers or one of strings as its first argument, not an array with an array in it",
        ),
        (
            "max(['a', `1`])",
            "error: `max` takes an array of numbers or one of strings as its first argument, not an array with a number in it",
        ),
        ("abs('1')", "error: `abs` takes a number as its first argument, not a string"),
        ("merge(user, text)", "error: `merge` takes an object as its second argument, not a string"),
        ("sort_by(user, &a)", "error: `sort_by` takes an array as its first argument, not an object"),
        (
            "sort_by(user.identities, &isSocial)",
            "error: `sort_by` takes an expression that gives numbers or gives strings as its second argument, not an array with a boolean in it",
        ),
        ("map(&a, text)", "error: `map` takes an array as its second argument, not a string"),
        (
            "pad_left('a', `1.5`)",
            "error: `pad_left` takes a whole number from 0 as its second argument, not another number",
        ),
        (
            "split('a', 'b', `-1`)",
            "error: `split` takes a whole number from 0 as its third argument, not another number",
        ),
        (
            "find_first('a', 'b', `0`, '1')",
            "error: `find_first` takes a whole number as its last argument, not a string",
        ),
        ("age(missing)", "error: `age` takes a string as its first argument, not null"),
        (
            "pad_left('a', `9`, '--')",
            "error: `pad_left` was given a value that it does not take, or its result would be too long",
        ),
        (
            "sha256('a', 'binary')",
            "error: `sha256` was given a value that it does not take, or its result would be too long",
        ),
        (
            "sum(`[1e308, 1e308]`)",
            "error: `sum` was given a value that it does not take, or its result would be too long",
        ),
        // An argument that fails is an error even where another would have been taken.
        (
            "not_null('a', length(missing))",
            "error: `length` takes an array, an object or a string as its first argument, not null",
        ),
        // What is not reached does not fail.
        ("'a' || length(missing)", r#""a""#),
        ("missing && length(missing)", "null"),
        ("user.none[*].length(@)", "[]"),
    ]);
}
