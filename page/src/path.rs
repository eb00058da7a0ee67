//! Values of a TOML document by dotted key; elements of lists by number.

use toml::{Table, Value};

/// A key as TOML writes it.
pub(crate) fn quoted(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { Value::from(key).to_string() }
}

/// The value at a key.
pub(crate) fn get<'t>(table: &'t Table, key: &str) -> Option<&'t Value> {
    let mut parts = key.split('.');
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Table(table) => table.get(part)?,
            Value::Array(list) => list.get(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The same, to be changed.
pub(crate) fn get_mut<'t>(table: &'t mut Table, key: &str) -> Option<&'t mut Value> {
    let mut parts = key.split('.');
    let mut value = table.get_mut(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Table(table) => table.get_mut(part)?,
            Value::Array(list) => list.get_mut(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Puts a value at a key; tables that lead to it are made, elements of lists must be there.
pub(crate) fn put(table: &mut Table, key: &str, new: Value) {
    let Some((parent, last)) = key.rsplit_once('.') else {
        table.insert(key.to_owned(), new);
        return;
    };
    if !matches!(get(table, parent), Some(Value::Table(_) | Value::Array(_))) {
        put(table, parent, Value::Table(Table::new()));
    }
    match get_mut(table, parent) {
        Some(Value::Table(inner)) => {
            inner.insert(last.to_owned(), new);
        }
        Some(Value::Array(list)) => {
            if let Some(element) = last.parse::<usize>().ok().and_then(|i| list.get_mut(i)) {
                *element = new;
            }
        }
        _ => {}
    }
}

/// Takes a value away.
pub(crate) fn take(table: &mut Table, key: &str) -> Option<Value> {
    let Some((parent, last)) = key.rsplit_once('.') else { return table.remove(key) };
    match get_mut(table, parent)? {
        Value::Table(inner) => inner.remove(last),
        Value::Array(list) => {
            let i = last.parse::<usize>().ok().filter(|&i| i < list.len())?;
            Some(list.remove(i))
        }
        _ => None,
    }
}
