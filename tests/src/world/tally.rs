//! What histories contained.

macro_rules! tally {
    ($($(#[$doc:meta])* $name:ident: $how:ident,)*) => {
        /// What histories contained: it must have been worth it.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Tally { $($(#[$doc])* pub $name: u64,)* }

        impl Tally {
            /// Takes in another one.
            pub(super) fn add(&mut self, other: &Self) {
                $(self.$name = self.$name.$how(other.$name);)*
            }
        }
    };
}

tally! {
    /// Simulated hours.
    hours: saturating_add,
    /// Steps of the world.
    steps: saturating_add,
    /// Commands of the agent.
    commands: saturating_add,
    /// Requests to the cloud.
    requests: saturating_add,
    /// Check-ins that were answered.
    answers: saturating_add,
    /// Bytes of reports before compression.
    bytes: saturating_add,
    /// Transitions that the cloud applied.
    transitions: saturating_add,
    /// Starts of the process.
    starts: saturating_add,
    /// Exchanges that a change of the network cut off.
    handovers: saturating_add,
    /// Deaths of the process.
    kills: saturating_add,
    /// Power cuts in the middle of a write.
    cuts: saturating_add,
    /// Compactions of the journal.
    compactions: saturating_add,
    /// Lists of apps that showed a handful.
    handfuls: saturating_add,
    /// Batches of installation files that were hashed.
    hashed: saturating_add,
    /// Pages that the host asked about.
    visits: saturating_add,
    /// Threats that the owner ignored.
    ignored: saturating_add,
    /// Vaults that no key opened any more.
    lost_vaults: saturating_add,
    /// Floods of transitions.
    floods: saturating_add,
    /// Writes that failed.
    failed_writes: saturating_add,
    /// Looks at the disk as a power cut would leave it.
    looks: saturating_add,
    /// Calms after which cloud and device agreed.
    calms: saturating_add,
    /// Wakes that the agent asked for.
    wakes: saturating_add,
    /// Answers that nobody waited for.
    late_answers: saturating_add,
    /// Days whose budget was used up.
    overspent: saturating_add,
    /// Most wakes of one day.
    most_wakes: max,
    /// Most requests of one wake.
    most_requests: max,
    /// Most bytes of one day.
    most_bytes: max,
}
