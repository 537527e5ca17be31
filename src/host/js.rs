//! Values of JavaScript, and what else Rust asks of the host: with `wasm.rs` all that names wasm-bindgen and js-sys.
//!
//! [`Js`] is the seam over a value of the host; each of its questions is one call of the shim's. getrandom is filled from
//! the shim, and the allocator is chosen here.

use crate::host::text::Text;
use crate::host::value::{Kind, Value};
use wasm_bindgen::prelude::*;

/// Helpers of the shim (`js-shim/host.js`). One call of ours where js-sys would need four; and few shapes of them, since
/// V8 compiles a wrapper for each combination of parameters and result before the first login can begin.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = hostKind)]
    fn host_kind(value: &JsValue) -> u8;
    #[wasm_bindgen(js_name = hostTruth)]
    fn host_truth(value: &JsValue) -> usize;
    #[wasm_bindgen(js_name = hostField)]
    fn host_field(value: &JsValue, key: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSet)]
    pub(crate) fn host_set(object: &JsValue, key: &JsValue, value: &JsValue);
    #[wasm_bindgen(js_name = hostSetHidden)]
    fn host_set_hidden(object: &JsValue, key: &JsValue, value: &JsValue);
    #[wasm_bindgen(js_name = hostSetPresent)]
    fn host_set_present(object: &JsValue, key: &JsValue, value: &JsValue);
    #[wasm_bindgen(js_name = hostOthers)]
    fn host_others(value: &JsValue, keys: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostWithout)]
    fn host_without(value: &JsValue, keys: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostOpened)]
    fn host_opened(event: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSecret)]
    fn host_secret(secrets: &JsValue, name: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostNames)]
    fn host_names(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostValues)]
    fn host_values(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSame)]
    fn host_same(one: &JsValue, other: &JsValue, most: usize) -> i32;
    #[wasm_bindgen(js_name = hostWeight)]
    fn host_weight(value: &JsValue, most: usize) -> i32;
    #[wasm_bindgen(js_name = hostWritable)]
    fn host_writable(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostRandom)]
    fn host_random(to: &mut [u8]);
    #[wasm_bindgen(js_name = hostStringify)]
    pub(crate) fn host_stringify(value: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostSize)]
    fn host_size(value: &JsValue) -> usize;
    #[wasm_bindgen(js_name = hostParse)]
    fn host_parse(text: &JsValue, levels: u32) -> JsValue;
    #[wasm_bindgen(js_name = hostUncheckedClaims)]
    fn host_unchecked_claims(token: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostDigest)]
    fn host_digest(text: &JsValue, key: &JsValue, how: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostCall)]
    fn host_call(arguments: &JsValue, function: u32) -> JsValue;
    #[wasm_bindgen(js_name = hostClock)]
    fn host_clock(ms: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hostDate)]
    fn host_date(text: &JsValue) -> JsValue;
    /// Carries out a command on Auth0's `api`; false when Auth0 refuses it.
    #[wasm_bindgen(js_name = hostCommand)]
    pub(crate) fn host_command(api: &JsValue, command: i32, first: &JsValue, second: &JsValue) -> bool;
}

/// A value of the host behind the seam.
#[derive(Clone, Debug)]
pub struct Js(pub JsValue);

impl Default for Js {
    fn default() -> Self {
        Self(JsValue::NULL)
    }
}

impl Js {
    fn array(&self) -> Option<&js_sys::Array> {
        (self.kind() == Kind::List).then(|| self.0.unchecked_ref())
    }
}

impl Value for Js {
    fn from_bool(b: bool) -> Self {
        Self(JsValue::from_bool(b))
    }

    fn from_f64(n: f64) -> Self {
        Self(JsValue::from_f64(n))
    }

    fn from_text(s: &str) -> Self {
        Self(JsValue::from_str(s))
    }

    fn from_list(items: Vec<Self>) -> Self {
        let list = js_sys::Array::new();
        for item in &items {
            list.push(&item.0);
        }
        Self(list.into())
    }

    fn from_object(entries: Vec<(&str, Self)>) -> Self {
        let object = js_sys::Object::new();
        for (key, value) in &entries {
            host_set(&object, &JsValue::from_str(key), &value.0);
        }
        Self(object.into())
    }

    fn from_fields(fields: Vec<(&Text, Self)>) -> Self {
        let object = js_sys::Object::new();
        for (name, value) in &fields {
            host_set(&object, &name.value().0, &value.0);
        }
        Self(object.into())
    }

    fn from_present(fields: Vec<(&Text, Self)>) -> Self {
        let object = js_sys::Object::new();
        for (name, value) in &fields {
            host_set_present(&object, &name.value().0, &value.0);
        }
        Self(object.into())
    }

    fn kind(&self) -> Kind {
        match host_kind(&self.0) {
            1 => Kind::Bool,
            2 => Kind::Number,
            3 => Kind::Text,
            4 => Kind::List,
            5 => Kind::Object,
            _ => Kind::Null,
        }
    }

    fn get(&self, key: &str) -> Self {
        Self(host_field(&self.0, &JsValue::from_str(key)))
    }

    fn field(&self, name: &Text) -> Self {
        Self(host_field(&self.0, &name.value().0))
    }

    fn with(self, key: &str, value: Self) -> Self {
        host_set(&self.0, &JsValue::from_str(key), &value.0);
        self
    }

    fn with_hidden(self, key: &str, value: Self) -> Self {
        host_set_hidden(&self.0, &JsValue::from_str(key), &value.0);
        self
    }

    fn without(&self, keys: &str) -> Self {
        Self(host_without(&self.0, &JsValue::from_str(keys)))
    }

    fn opened(&self) -> Self {
        Self(host_opened(&self.0))
    }

    fn secret(&self, name: &Text) -> Self {
        Self(host_secret(&self.0, &name.value().0))
    }

    fn names(&self) -> Self {
        Self(host_names(&self.0))
    }

    fn values(&self) -> Self {
        Self(host_values(&self.0))
    }

    fn truth(&self) -> usize {
        host_truth(&self.0)
    }

    fn same(&self, other: &Self, most: usize) -> (bool, usize) {
        let work = host_same(&self.0, &other.0, most);
        let equal = work >= 0;
        (equal, (if equal { work } else { !work }).unsigned_abs() as usize)
    }

    fn weight(&self, most: usize) -> Option<usize> {
        usize::try_from(host_weight(&self.0, most)).ok()
    }

    fn writable(self) -> Option<Self> {
        let value = host_writable(&self.0);
        (!value.is_undefined()).then_some(Self(value))
    }

    fn at(&self, index: usize) -> Self {
        match (self.array(), u32::try_from(index)) {
            (Some(list), Ok(index)) => Self(list.get(index)),
            _ => Self::default(),
        }
    }

    fn len(&self) -> usize {
        self.array().map_or(0, |list| list.length() as usize)
    }

    fn items(&self) -> Vec<Self> {
        let mut items = Vec::new();
        if let Some(list) = self.array() {
            for index in 0..list.length() {
                items.push(Self(list.get(index)));
            }
        }
        items
    }

    fn keys(&self) -> Vec<String> {
        self.others("")
    }

    fn others(&self, keys: &str) -> Vec<String> {
        let others = Js(host_others(&self.0, &JsValue::from_str(keys)));
        others.items().iter().filter_map(Value::as_text).collect()
    }

    fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn stringify(&self) -> Self {
        Self(host_stringify(&self.0))
    }

    fn size(&self) -> usize {
        host_size(&self.0)
    }

    fn parse_within(&self, levels: u32) -> Option<Self> {
        let value = host_parse(&self.0, levels);
        (!value.is_undefined()).then_some(Self(value))
    }

    fn unchecked_claims(&self) -> Option<Self> {
        let claims = host_unchecked_claims(&self.0);
        (!claims.is_undefined()).then_some(Self(claims))
    }

    fn digest(&self, how: &str, key: Option<&Self>) -> Self {
        let none = JsValue::UNDEFINED;
        Self(host_digest(&self.0, key.map_or(&none, |key| &key.0), &JsValue::from_str(how)))
    }

    fn call(function: u32, arguments: Vec<Self>) -> Option<Self> {
        let value = host_call(&Self::from_list(arguments).0, function);
        (!value.is_undefined()).then_some(Self(value))
    }

    fn clock(ms: f64) -> Self {
        Self(host_clock(&JsValue::from_f64(ms)))
    }

    fn parse_date(text: &str) -> Option<f64> {
        host_date(&JsValue::from_str(text)).as_f64()
    }
}

/// getrandom's source: the shim's pool of bytes from `node:crypto`.
///
/// # Safety
/// getrandom calls this with a buffer of `len` bytes that it owns.
#[unsafe(no_mangle)]
#[expect(clippy::unnecessary_wraps, reason = "getrandom says what it returns")]
unsafe extern "Rust" fn __getrandom_v03_custom(to: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    // SAFETY: see above; the bytes are written before a reference to them is made.
    let to = unsafe {
        std::ptr::write_bytes(to, 0, len);
        std::slice::from_raw_parts_mut(to, len)
    };
    host_random(to);
    Ok(())
}

/// Smaller than the default one (2,500 bytes of the paste), and as fast.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
