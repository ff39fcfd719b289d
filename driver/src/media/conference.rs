//! Conferences: each member hears all others.
//!
//! One sum for the whole conference, and from it each member's own voice taken away again: as many additions as there
//! are members, not as there are pairs. Sums are wide, and cut to what a sample can hold only at each member's ear, so
//! one's own voice leaves no trace.
//!
//! Never: allocates after it was made, or knows why parties confer.

use arrayvec::ArrayVec;

use super::Role;
use super::mix::Mix;
use crate::dsp::Samples;
use crate::ids::{ChannelId, ConferenceId};
use crate::refusal::Refusal;
use crate::time::SAMPLES_PER_TICK;

/// The most members of one conference. Further ones are refused.
pub(crate) const MEMBERS_MAX: usize = 64;

/// All conferences of an engine.
#[derive(Debug)]
pub(crate) struct Conferences {
    /// Conferences that have members.
    conferences: Vec<Conference>,
    most: usize,
}

#[derive(Debug)]
struct Conference {
    id: ConferenceId,
    members: ArrayVec<(ChannelId, Role), MEMBERS_MAX>,
}

impl Conferences {
    /// Room for this many conferences.
    pub(crate) fn new(most: usize) -> Conferences {
        Conferences { conferences: Vec::with_capacity(most), most }
    }

    /// Lets a channel in, or changes its role.
    pub(crate) fn join(&mut self, id: ConferenceId, channel: ChannelId, role: Role) -> Result<(), Refusal> {
        let conference = match self.conferences.iter().position(|conference| conference.id == id) {
            Some(index) => &mut self.conferences[index],
            None if self.conferences.len() < self.most => {
                self.conferences.push(Conference { id, members: ArrayVec::new() });
                self.conferences.last_mut().ok_or(Refusal::ConferenceFull)?
            }
            None => return Err(Refusal::ConferenceFull),
        };
        match conference.members.iter_mut().find(|(member, _)| *member == channel) {
            Some((_, already)) => *already = role,
            None => conference.members.try_push((channel, role)).map_err(|_| Refusal::ConferenceFull)?,
        }
        Ok(())
    }

    /// Takes a channel out, if it was in.
    pub(crate) fn leave(&mut self, id: ConferenceId, channel: ChannelId) -> Result<(), Refusal> {
        let index = self.conferences.iter().position(|conference| conference.id == id).ok_or(Refusal::NotAMember)?;
        let members = &mut self.conferences[index].members;
        let before = members.len();
        members.retain(|(member, _)| *member != channel);
        let was_in = members.len() < before;
        if members.is_empty() {
            self.conferences.swap_remove(index);
        }
        if was_in { Ok(()) } else { Err(Refusal::NotAMember) }
    }

    /// Ends all conferences.
    pub(crate) fn clear(&mut self) {
        self.conferences.clear();
    }

    /// Adds to every member's sum what the others said; `said` is what each party said in this tick, by channel.
    pub(crate) fn step(&self, said: &[Samples], mix: &mut Mix) {
        for conference in &self.conferences {
            let mut all = [0; SAMPLES_PER_TICK];
            for (channel, _) in conference.members.iter().filter(|(_, role)| role.talks()) {
                for (all, sample) in all.iter_mut().zip(&said[channel.index()]) {
                    *all += i32::from(*sample);
                }
            }
            for (channel, role) in conference.members.iter().filter(|(_, role)| role.hears()) {
                let mut others = all;
                if role.talks() {
                    for (others, own) in others.iter_mut().zip(&said[channel.index()]) {
                        *others -= i32::from(*own);
                    }
                }
                mix.add_sum(*channel, &others);
            }
        }
    }
}

impl Role {
    const fn talks(self) -> bool {
        match self {
            Role::Party | Role::Talker => true,
            Role::Listener => false,
        }
    }

    const fn hears(self) -> bool {
        match self {
            Role::Party | Role::Listener => true,
            Role::Talker => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: ConferenceId = ConferenceId(7);

    fn heard(conferences: &Conferences, said: &[Samples]) -> Vec<Option<i16>> {
        let mut mix = Mix::new(said.len());
        conferences.step(said, &mut mix);
        (0..said.len()).map(|channel| mix.take(ChannelId(channel as u16)).map(|samples| samples[0])).collect()
    }

    fn parties(roles: &[Role]) -> Conferences {
        let mut conferences = Conferences::new(2);
        for (channel, role) in roles.iter().enumerate() {
            conferences.join(ID, ChannelId(channel as u16), *role).unwrap();
        }
        conferences
    }

    #[test]
    fn everybody_hears_everybody_but_oneself() {
        let conferences = parties(&[Role::Party, Role::Party, Role::Party]);
        assert_eq!(heard(&conferences, &[[1; 8], [10; 8], [100; 8]]), [Some(110), Some(101), Some(11)]);
    }

    #[test]
    fn a_listener_is_not_heard_and_a_talker_hears_nobody() {
        let conferences = parties(&[Role::Party, Role::Listener, Role::Talker]);
        assert_eq!(heard(&conferences, &[[1; 8], [10; 8], [100; 8]]), [Some(100), Some(101), None]);
    }

    #[test]
    fn ones_own_voice_leaves_no_trace_even_where_the_sum_is_too_loud() {
        let conferences = parties(&[Role::Party, Role::Party, Role::Party]);
        let said = [[30_000; 8], [30_000; 8], [-20_000; 8]];
        assert_eq!(heard(&conferences, &said), [Some(10_000), Some(10_000), Some(i16::MAX)]);
    }

    #[test]
    fn two_parties_hear_each_other_exactly() {
        let conferences = parties(&[Role::Party, Role::Party]);
        assert_eq!(heard(&conferences, &[[i16::MIN; 8], [i16::MAX; 8]]), [Some(i16::MAX), Some(i16::MIN)]);
    }

    #[test]
    fn a_conference_ends_with_its_last_member_and_makes_room() {
        let mut conferences = parties(&[Role::Party]);
        conferences.join(ConferenceId(8), ChannelId(1), Role::Party).unwrap();
        assert_eq!(conferences.join(ConferenceId(9), ChannelId(2), Role::Party), Err(Refusal::ConferenceFull));
        assert_eq!(conferences.leave(ID, ChannelId(5)), Err(Refusal::NotAMember));
        assert_eq!(conferences.leave(ID, ChannelId(0)), Ok(()));
        assert_eq!(conferences.leave(ID, ChannelId(0)), Err(Refusal::NotAMember));
        conferences.join(ConferenceId(9), ChannelId(2), Role::Party).unwrap();
    }

    #[test]
    fn a_conference_has_a_bound() {
        let mut conferences = parties(&[Role::Party; MEMBERS_MAX]);
        assert_eq!(conferences.join(ID, ChannelId(MEMBERS_MAX as u16), Role::Party), Err(Refusal::ConferenceFull));
        conferences.join(ID, ChannelId(0), Role::Listener).unwrap();
    }
}
