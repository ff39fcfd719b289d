//! Bring-up of an FXS module as data: its steps, and the lists of them for each occasion, composed of shared parts.
//!
//! The order is that which DAHDI's `wctdm` keeps on live modules. Never: talks to a module.

/// One step. Those that take several services count them in their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Is this a ProSLIC, just reset?
    Identify,
    /// Is this a ProSLIC, whatever its state?
    Recognise,
    /// Converter off and line open, whatever they were: before doing it all again.
    Hold,
    /// The indirect registers from the table, and 97 to 0.
    LoadTable,
    /// Automatic functions of the chip, loopback off.
    Defaults,
    /// Keeps the filter registers.
    KeepFilters,
    /// Flushes them, so that they settle at once.
    FlushFilters,
    /// Converter on; until the battery stands at 72 V.
    RaiseSupply,
    /// Loop current limit and converter switching.
    SetSupply,
    /// Converter off; a sound module holds its voltage for half a second.
    LeakTest,
    /// The chip's own calibration of its analogue parts.
    Calibrate,
    /// Calibration of modules that fail it: the chip calibrates what it can, without the balance.
    CalibrateByHand,
    /// First value of the manual balance.
    PrepareBalance,
    /// The balance of the line's ring side, by hand.
    BalanceRing,
    /// The balance of the line's tip side, by hand.
    BalanceTip,
    /// The rest of calibration by hand: common mode with the line fed for a moment.
    FinishByHand,
    /// Calibration of the converter.
    CalibrateConverter,
    /// Keeps what calibration found.
    KeepCalibration,
    /// Puts it back.
    RestoreCalibration,
    /// Puts the filter registers back.
    RestoreFilters,
    /// Reads all indirect registers back.
    VerifyTable,
    /// Law, slots, impedance, events cleared, common mode.
    Sound,
    /// The ringing generator and the thresholds of the loop.
    Ringing,
}

/// Tables and filters loaded, supply raised.
const POWER_UP: &[Step] =
    &[Step::LoadTable, Step::Defaults, Step::KeepFilters, Step::FlushFilters, Step::RaiseSupply, Step::SetSupply];
/// The supply proved by its fall, and raised again.
const PROVE_SUPPLY: &[Step] = &[Step::LeakTest, Step::RaiseSupply, Step::SetSupply];
/// The balance that the chip cannot find, by hand.
const BALANCE: &[Step] =
    &[Step::CalibrateByHand, Step::PrepareBalance, Step::BalanceRing, Step::BalanceTip, Step::FinishByHand];
/// The converter calibrated, and all results kept.
const CONVERTER: &[Step] = &[Step::CalibrateConverter, Step::KeepCalibration];
/// Filters back, table verified, sound and ringing set.
const INTO_SERVICE: &[Step] = &[Step::RestoreFilters, Step::VerifyTable, Step::Sound, Step::Ringing];

const FULL_PARTS: &[&[Step]] =
    &[&[Step::Identify], POWER_UP, PROVE_SUPPLY, &[Step::Calibrate], CONVERTER, INTO_SERVICE];
const RETURNED_PARTS: &[&[Step]] =
    &[&[Step::Recognise, Step::Hold], POWER_UP, PROVE_SUPPLY, &[Step::Calibrate], CONVERTER, INTO_SERVICE];
const BY_HAND_PARTS: &[&[Step]] = &[&[Step::Hold], POWER_UP, PROVE_SUPPLY, BALANCE, CONVERTER, INTO_SERVICE];
const AGAIN_PARTS: &[&[Step]] = &[&[Step::Hold], POWER_UP, &[Step::RestoreCalibration], INTO_SERVICE];

/// From reset to working, calibrated by the chip.
pub(super) const FULL: &[Step] = &composed::<{ length(FULL_PARTS) }>(FULL_PARTS);
/// From any state to working: a module that fell silent in service and is looked for again.
pub(super) const RETURNED: &[Step] = &composed::<{ length(RETURNED_PARTS) }>(RETURNED_PARTS);
/// The second attempt, when the first failed: calibrated by hand.
pub(super) const BY_HAND: &[Step] = &composed::<{ length(BY_HAND_PARTS) }>(BY_HAND_PARTS);
/// After a reset of the chip in service: the calibration is known, so nothing needs testing.
pub(super) const AGAIN: &[Step] = &composed::<{ length(AGAIN_PARTS) }>(AGAIN_PARTS);

const fn length(parts: &[&[Step]]) -> usize {
    let (mut total, mut part) = (0, 0);
    while part < parts.len() {
        total += parts[part].len();
        part += 1;
    }
    total
}

const fn composed<const LENGTH: usize>(parts: &[&[Step]]) -> [Step; LENGTH] {
    let mut steps = [Step::Identify; LENGTH];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            steps[at] = parts[part][index];
            at += 1;
            index += 1;
        }
        part += 1;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_loads_the_table_before_the_supply_and_verifies_it_before_sound() {
        for steps in [FULL, RETURNED, BY_HAND, AGAIN] {
            let place = |step: Step| steps.iter().position(|other| *other == step).expect("every list has it");
            let order = [Step::LoadTable, Step::RaiseSupply, Step::RestoreFilters, Step::VerifyTable, Step::Sound];
            assert!(order.map(place).is_sorted(), "{steps:?}");
            assert_eq!(steps.last(), Some(&Step::Ringing));
        }
    }

    #[test]
    fn a_module_whose_calibration_is_not_known_proves_its_supply_and_is_calibrated() {
        for steps in [FULL, RETURNED, BY_HAND] {
            assert!(steps.contains(&Step::LeakTest) && steps.contains(&Step::KeepCalibration), "{steps:?}");
            assert_eq!(steps.contains(&Step::CalibrateByHand), steps == BY_HAND);
        }
        assert!(!AGAIN.contains(&Step::LeakTest) && AGAIN.contains(&Step::RestoreCalibration));
    }
}
