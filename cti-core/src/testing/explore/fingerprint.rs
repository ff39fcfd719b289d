//! The mark that tells one state of the site from another: a hash of the checkpoint in one form.
//!
//! Every field of the core is in it but those of [`is_left_out`]: counts that only go on, records of the past, the
//! configuration. Call identifiers and the other numbers that count up are numbered anew by the order in which they
//! come, ticks are past or to come. A field that is new is in it: should it only count, the test of a site that is
//! empty again says so.
//!
//! Never: takes two states for one that differ in what the core will do next, but for the length of waits.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::small_site::{FIRST_CALL, LINES, Site};

/// Fields that tell no state from another.
#[rustfmt::skip]
fn is_left_out(of: &str, field: &str) -> bool {
    matches!(
        (of, field),
        // Configuration.
        ("Core", "epoch_ms" | "times" | "node" | "record" | "record_rules" | "entries" | "flows" | "flow_names"
            | "calendars" | "business_days" | "numbers" | "dial_plan" | "key_codes" | "queues" | "ring_cadence"
            | "users" | "sessions" | "callers" | "in_service")
        | ("Devices", "trunks" | "queues" | "parks" | "numbers" | "names") | ("Queue", "rules") | ("Agent", "staff")
        | ("AgentEntry", "id" | "password" | "name" | "queues") | ("Roster", "by_id" | "rules")
        | ("Model", "bounds") | ("Station", "id" | "channel" | "kind")
        // Counts.
        | ("Core", "next_dip" | "next_composed" | "last_entry" | "next_token" | "next_playing" | "next_recording"
            | "next_store_id" | "kept" | "counters" | "clock_shift_ms")
        | ("Floor", "next_order" | "next_offer") | ("Place", "order") | ("LineView", "generation")
        | ("Model", "last" | "seq") | ("Routing", "last_register" | "last_dialogue") | ("TrunkGroups", "turns")
        | ("Requests", "last") | ("Queue", "lots" | "draws" | "pace" | "tally")
        | ("Agent", "calls" | "talk" | "last_offer" | "keys")
        // The past: records, and what is shown of a call.
        | ("Party", "leg" | "name" | "served") | ("Detail", "ucid" | "kin" | "calling" | "called" | "redirected"
            | "identity" | "data" | "original" | "clearing_info" | "kept" | "waited" | "contact" | "lookup")
        | ("Log", "queue" | "agent" | "station" | "cause" | "recording" | "end")
        | ("Feature", "last_number") | ("Group", "idle")
        // Judged by their own rules: who hears whom, who hears of it. Calls and timers come first, in one order.
        | ("Core", "sound" | "monitors" | "channels" | "timers")
        | ("Model", "slots" | "free" | "by_id")
    )
}

/// The state of a site.
pub(super) fn fingerprint(site: &Site) -> u64 {
    write(site, Form::default()).hash.finish()
}

/// The fingerprint as text, a line a value, to say in what two states differ.
pub(super) fn in_words(site: &Site) -> Vec<String> {
    write(site, Form { words: Some(Vec::new()), ..Form::default() }).words.unwrap_or_default()
}

fn write(site: &Site, mut form: Form) -> Form {
    let core = &site.rig.core;
    form.now = core.now().0;
    let written = (|| {
        // By age, so that identifiers are numbered in this order.
        for call in core.model.calls() {
            call.serialize(&mut form)?;
        }
        for timer in core.timers.iter() {
            timer.serialize(&mut form)?;
        }
        core.serialize(&mut form)?;
        Ok::<_, fmt::Error>(())
    })();
    written.expect("every value can be hashed");
    for at in LINES {
        form.put(site.line(at) as u8);
    }
    for at in &site.answers {
        form.put(*at as u8);
    }
    form
}

/// A state on its way into a hash.
#[derive(Default)]
struct Form {
    hash: DefaultHasher,
    /// The tick of the state.
    now: u64,
    /// The numbers so far, each with its kind.
    numbers: BTreeMap<(&'static str, u64), u64>,
    /// The kind of the next number.
    kind: &'static str,
    /// The struct whose fields are written, and the field.
    field: (&'static str, &'static str),
    words: Option<Vec<String>>,
}

impl Form {
    fn put(&mut self, value: impl Hash + fmt::Debug) {
        value.hash(&mut self.hash);
        if let Some(words) = &mut self.words {
            words.push(format!("{}.{}: {value:?}", self.field.0, self.field.1));
        }
    }

    /// A number, by its kind.
    fn number(&mut self, number: u64) {
        match std::mem::take(&mut self.kind) {
            "Tick" => self.put(number > self.now),
            "Ticks" => self.put(number > 0),
            kind @ ("CallId" | "OfferId" | "TaskId" | "RecordingId" | "RouteRegisterId") => {
                let next = self.numbers.len() as u64;
                let name = *self.numbers.entry((kind, number)).or_insert(next);
                self.put(name);
            }
            _ => self.put(number),
        }
    }
}

/// A value of a number's type.
macro_rules! numbers {
    ($($name:ident($type:ty);)*) => {$(
        fn $name(self, v: $type) -> Result<(), fmt::Error> {
            self.number(v as u64);
            Ok(())
        }
    )*};
}

impl<'a> Serializer for &'a mut Form {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    numbers! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
    }

    fn serialize_i32(self, v: i32) -> Result<(), fmt::Error> {
        // Identifiers of calls, registrations and dialogues are plain numbers; each kind has its range here.
        self.kind = if v > FIRST_CALL { "CallId" } else { self.kind };
        self.number(v as u64);
        Ok(())
    }

    fn serialize_bool(self, v: bool) -> Result<(), fmt::Error> {
        self.put(v);
        Ok(())
    }

    fn serialize_f32(self, v: f32) -> Result<(), fmt::Error> {
        self.put(v.to_bits());
        Ok(())
    }

    fn serialize_f64(self, v: f64) -> Result<(), fmt::Error> {
        self.put(v.to_bits());
        Ok(())
    }

    fn serialize_char(self, v: char) -> Result<(), fmt::Error> {
        self.put(v);
        Ok(())
    }

    fn serialize_str(self, v: &str) -> Result<(), fmt::Error> {
        self.put(v);
        Ok(())
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<(), fmt::Error> {
        self.put(v);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), fmt::Error> {
        self.put(false);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), fmt::Error> {
        self.put(true);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, ix: u32, _: &'static str) -> Result<(), fmt::Error> {
        self.put(ix);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), fmt::Error> {
        self.kind = name;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        ix: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.put(ix);
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, ""))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, ""))
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, name))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        ix: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, fmt::Error> {
        self.put(ix);
        Ok(Parts::of(self, name))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, ""))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, name))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        ix: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, fmt::Error> {
        self.put(ix);
        Ok(Parts::of(self, name))
    }
}

/// The parts of a compound: their number ends it.
struct Parts<'a> {
    form: &'a mut Form,
    of: &'static str,
    count: u32,
}

impl<'a> Parts<'a> {
    fn of(form: &'a mut Form, of: &'static str) -> Parts<'a> {
        Parts { form, of, count: 0 }
    }

    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.count += 1;
        value.serialize(&mut *self.form)
    }

    fn named<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), fmt::Error> {
        if is_left_out(self.of, field) {
            return Ok(());
        }
        self.form.field = (self.of, field);
        value.serialize(&mut *self.form)
    }

    fn close(self) -> Result<(), fmt::Error> {
        self.form.put(self.count);
        Ok(())
    }
}

/// A compound of parts without names.
macro_rules! of_parts {
    ($($kind:ident $part:ident;)*) => {$(
        impl $kind for Parts<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn $part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
                self.part(value)
            }

            fn end(self) -> Result<(), fmt::Error> {
                self.close()
            }
        }
    )*};
}

of_parts! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), fmt::Error> {
        self.part(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.part(value)
    }

    fn end(self) -> Result<(), fmt::Error> {
        self.close()
    }
}

impl SerializeStruct for Parts<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), fmt::Error> {
        self.named(key, value)
    }

    fn end(self) -> Result<(), fmt::Error> {
        self.close()
    }
}

impl SerializeStructVariant for Parts<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), fmt::Error> {
        self.named(key, value)
    }

    fn end(self) -> Result<(), fmt::Error> {
        self.close()
    }
}
