//! `bindgen generate LIBRARY --language swift|python --out-dir FOLDER`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
