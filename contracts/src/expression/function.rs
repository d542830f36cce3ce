//! The functions and methods, by name.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    StartsWith,
    EndsWith,
    Contains,
    Size,
    Min,
    Max,
    Abs,
    Decimal,
    Int,
    Divide,
    Percent,
}

/// How a function is called.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    /// As `first.name(others)`.
    pub(super) is_method: bool,
    /// As `name(first, others)`.
    pub(super) is_function: bool,
    pub(super) arguments_min: usize,
    pub(super) arguments_max: usize,
    /// For people.
    pub(super) written: &'static str,
}

const fn method(function: Function, name: &'static str, written: &'static str) -> Signature {
    Signature {
        name,
        function,
        is_method: true,
        is_function: false,
        arguments_min: 2,
        arguments_max: 2,
        written,
    }
}

const fn plain(
    function: Function,
    name: &'static str,
    arguments: usize,
    written: &'static str,
) -> Signature {
    Signature {
        name,
        function,
        is_method: false,
        is_function: true,
        arguments_min: arguments,
        arguments_max: arguments,
        written,
    }
}

/// Every function.
pub(super) const SIGNATURES: [Signature; 11] = [
    method(Function::StartsWith, "startsWith", "text.startsWith(part)"),
    method(Function::EndsWith, "endsWith", "text.endsWith(part)"),
    method(Function::Contains, "contains", "text.contains(part)"),
    Signature { is_method: true, ..plain(Function::Size, "size", 1, "size(text or texts)") },
    Signature {
        arguments_max: usize::MAX,
        ..plain(Function::Min, "min", 2, "min(number, number, …)")
    },
    Signature {
        arguments_max: usize::MAX,
        ..plain(Function::Max, "max", 2, "max(number, number, …)")
    },
    plain(Function::Abs, "abs", 1, "abs(number)"),
    plain(Function::Decimal, "decimal", 1, "decimal(int)"),
    plain(Function::Int, "int", 1, "int(decimal)"),
    plain(Function::Divide, "divide", 3, "divide(a, b, default)"),
    plain(Function::Percent, "percent", 3, "percent(part, whole, default)"),
];
