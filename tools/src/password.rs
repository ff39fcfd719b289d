//! Passwords that a command needs: from the environment, or asked for at the terminal.
//!
//! Never: writes a password anywhere.

/// The variable with the password of the user that opens a stream.
pub const USER_VARIABLE: &str = "TIPRING_PASSWORD";
/// The variable with the password of an agent.
pub const AGENT_VARIABLE: &str = "TIPRING_AGENT_PASSWORD";

/// Returns the password that is to be set: that of the first variable that is set, or the one that is typed twice.
///
/// # Errors
/// No variable is set and there is no terminal, or two different ones were typed: a sentence.
pub fn to_set(variables: &[&str], name: &str) -> Result<String, String> {
    if let Some(password) = variables.iter().find_map(|variable| std::env::var(variable).ok()) {
        return Ok(password);
    }
    let ask = |prompt: String| {
        rpassword::prompt_password(prompt).map_err(|error| {
            format!("{} is not set, and the password could not be asked for ({error})", variables.join(" or "))
        })
    };
    let password = ask(format!("Password of {name}: "))?;
    if ask("Once more: ".into())? != password {
        return Err("The two passwords differ; nothing is changed".into());
    }
    Ok(password)
}

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
