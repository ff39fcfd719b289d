//! Return codes of the interface, and their sentences.
//!
//! Never: names a failure that travels on the wire.

macro_rules! codes {
    ($($name:ident = $value:literal, $constant:literal, $text:literal;)*) => {
        $(
            #[allow(dead_code, reason = "the interface has codes that nothing here gives")]
            pub(crate) const $name: i64 = $value;
        )*

        /// Returns the constant and the sentence of a code.
        pub(crate) const fn text(code: i64) -> (&'static core::ffi::CStr, &'static core::ffi::CStr) {
            match code {
                $($value => ($constant, $text),)*
                _ => (c"ACSERR_UNKNOWN", c"The code is not one of the interface"),
            }
        }
    };
}

codes! {
    POSITIVE_ACK = 0, c"ACSPOSITIVE_ACK", c"Done, or sent";
    API_VERSION_DENIED = -1, c"ACSERR_APIVERDENIED", c"No version of the interface in the list is spoken here";
    BAD_PARAMETER = -2, c"ACSERR_BADPARAMETER", c"A pointer is NULL, or a text is too long or not ASCII";
    DUPLICATE_STREAM = -3, c"ACSERR_DUPSTREAM", c"There is such a stream already";
    NO_DRIVER = -4, c"ACSERR_NODRIVER", c"The server has no driver";
    NO_SERVER = -5, c"ACSERR_NOSERVER", c"No server that can be reached has this Tlink";
    NO_RESOURCE = -6, c"ACSERR_NORESOURCE", c"There is no thread, descriptor or memory left";
    BUFFER_SMALL = -7, c"ACSERR_UBUFSMALL", c"The buffer is too small; the event waits";
    NO_MESSAGE = -8, c"ACSERR_NOMESSAGE", c"No event waits";
    UNKNOWN = -9, c"ACSERR_UNKNOWN", c"A failure without a name";
    BAD_HANDLE = -10, c"ACSERR_BADHDL", c"There is no such stream";
    STREAM_FAILED = -11, c"ACSERR_STREAM_FAILED", c"The connection is lost; abort the stream";
    NO_BUFFERS = -12, c"ACSERR_NOBUFFERS", c"There is no buffer; nothing was sent";
    QUEUE_FULL = -13, c"ACSERR_QUEUE_FULL", c"The queue is full; nothing was sent";
    SSL_INIT_FAILED = -14, c"ACSERR_SSL_INIT_FAILED", c"No trusted certificate is configured, or it cannot be read";
    SSL_CONNECT_FAILED = -15, c"ACSERR_SSL_CONNECT_FAILED", c"TLS with the server failed";
    SSL_NAME_MISMATCH = -16, c"ACSERR_SSL_FQDN_MISMATCH", c"The server's certificate is of another name";
}
