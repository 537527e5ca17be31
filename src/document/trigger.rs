//! The flows of Auth0 that run the Action, and what each of them can do.
//!
//! What an event has and what a flow takes is in one table, [`FLOWS`]. The reader asks it what a config may say, a login
//! what it may ask for, the door what it does when it is out of order. Only where the words differ does the code name a flow:
//! the fields of `flows` and of a rule of `deny`, and how Auth0 is told of a denial.

use crate::host::text::parts;

/// Which flow runs the Action. The shim knows them by their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trigger {
    /// A login, a refresh-token exchange, a silent authentication. It waits for us.
    #[default]
    PostLogin,
    /// A registration that has already happened. Nothing we do changes it; there are no claims.
    PostUserRegistration,
    /// A registration that has not happened yet. It waits for us, and there is no user id.
    PreUserRegistration,
    /// A machine that asks for an access token. It waits for us, and there is no user.
    CredentialsExchange,
    /// A password that has been changed.
    PostChangePassword,
    /// An event of an event stream. It comes at least once, in no order, and again if we throw.
    EventStream,
}

/// What a flow can do, and whom it is about.
struct Flow {
    name: &'static str,
    /// The bits of what it takes: of [`OUTPUTS`](super::outputs::OUTPUTS) by their order, and those below.
    takes: u8,
    /// The path to the id of the user or the client that its event is about.
    who: &'static [&'static str],
}

/// The bits of the claims of either token, of the two metadata, and of SAML attributes.
pub(crate) const ID_TOKEN: u8 = 1;
pub(crate) const ACCESS_TOKEN: u8 = 1 << 1;
pub(crate) const METADATA: u8 = 0b1100;
pub(crate) const SAML: u8 = 1 << 4;
/// It can be denied.
pub(crate) const DENY: u8 = 1 << 5;
/// It can ask for a second factor, and change the scopes of a token.
pub(crate) const ASK: u8 = 1 << 6;
/// It comes again if the Action throws.
pub(crate) const AGAIN: u8 = 1 << 7;

/// The bits of the flows whose event has a user.
pub(crate) const WITH_USER: u8 = 0b1_0111;
/// The bits of the flows that can be denied, which are those that get anything.
pub(crate) const DENIABLE: u8 = 0b1101;
/// With those that come again.
pub(crate) const GUARDED: u8 = DENIABLE | 0b10_0000;

const USER: [&str; 2] = ["user", "user_id"];

/// The table, in the order of [`Trigger`].
const FLOWS: [Flow; 6] = [
    Flow { name: "post-login", takes: 0b11111 | DENY | ASK, who: &USER },
    Flow { name: "post-user-registration", takes: 0, who: &USER },
    Flow { name: "pre-user-registration", takes: METADATA | DENY, who: &USER },
    Flow { name: "credentials-exchange", takes: ACCESS_TOKEN | DENY, who: &["client", "client_id"] },
    Flow { name: "post-change-password", takes: 0, who: &USER },
    Flow { name: "event-stream", takes: AGAIN, who: &["message", "data", "object", "user_id"] },
];

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::PostLogin,
        Self::PostUserRegistration,
        Self::PreUserRegistration,
        Self::CredentialsExchange,
        Self::PostChangePassword,
        Self::EventStream,
    ];

    fn flow(self) -> &'static Flow {
        FLOWS.get(self as usize).unwrap_or(&FLOWS[0])
    }

    /// Its name in Auth0, in the config and in the log.
    pub fn name(self) -> &'static str {
        self.flow().name
    }

    /// Its bit among those of all.
    pub(crate) fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Whether it takes what has this bit.
    pub(crate) fn takes(self, what: u8) -> bool {
        self.flow().takes & what != 0
    }

    /// How long it may take at most, in milliseconds. Auth0 gives an event ten seconds.
    pub(crate) fn most_ms(self) -> u32 {
        if self.takes(AGAIN) { 9_000 } else { u32::MAX }
    }

    /// What someone is told where no one has said it better. Stable, short, and nothing from outside.
    #[cold]
    #[inline(never)]
    pub fn apology(self, why: &str) -> String {
        // A login, a registration, an exchange.
        let what = parts(self.name(), "-").pop().unwrap_or_default();
        ["We could not complete your ", what, why, "."].concat()
    }

    /// The path to the id of the user or the client that its event is about.
    pub(crate) fn who(self) -> &'static [&'static str] {
        self.flow().who
    }
}

/// What any of the flows with these bits takes.
pub(crate) fn taken_by(bits: u8) -> u8 {
    let mut takes = 0;
    for (at, flow) in FLOWS.iter().enumerate() {
        if bits >> at & 1 == 1 {
            takes |= flow.takes;
        }
    }
    takes
}

/// The names of all.
pub(crate) const NAMES: [&str; 6] =
    [FLOWS[0].name, FLOWS[1].name, FLOWS[2].name, FLOWS[3].name, FLOWS[4].name, FLOWS[5].name];
