//! Gives the shared library its SONAME: the major number changes only when something is taken away.

fn main() {
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libcsta.so.0");
    println!("cargo:rerun-if-changed=build.rs");
}
