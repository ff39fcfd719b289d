//! Passwords that a command needs: from the environment, or asked for at the terminal.
//!
//! Never: writes a password anywhere.

/// The variable with the password of the user that opens a stream.
pub const USER_VARIABLE: &str = "TIPRING_PASSWORD";

/// Returns the password in the variable, or asks for that of `name`.
///
/// # Errors
/// The variable is not set and there is no terminal: a sentence.
pub fn of(variable: &str, name: &str) -> Result<String, String> {
    std::env::var(variable).or_else(|_| {
        rpassword::prompt_password(format!("Password of {name}: ")).map_err(|error| {
            format!("There is no password: {variable} is not set, and it could not be asked for ({error})")
        })
    })
}
