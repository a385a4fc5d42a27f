//! Which sentences did people sign for publication, and what was answered to them? Plain data that
//! dossiers and letters print; who signed stays in the case.

/// A day and the words that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub on: String,
    pub text: String,
}

/// What became of a finding since its claim was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It says what it said, and is accepted.
    Stands,
    /// It changed, vanished, or is no longer accepted.
    LookAgain,
    /// It was public and was taken back, for this reason.
    Withdrawn(Said),
}

/// A finding that a claim rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Its id today; the one it was signed with where it vanished.
    pub finding: String,
    pub standing: Standing,
}

/// How those concerned answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Replied,
    NoReply,
    Corrected,
    Disputed,
}

impl Answer {
    pub const ALL: [Answer; 4] = [Answer::Replied, Answer::NoReply, Answer::Corrected, Answer::Disputed];

    /// As the case stores it.
    pub fn id(self) -> &'static str {
        match self {
            Answer::Replied => "replied",
            Answer::NoReply => "no_reply",
            Answer::Corrected => "corrected",
            Answer::Disputed => "disputed",
        }
    }

    /// As people say it.
    pub fn words(self) -> &'static str {
        match self {
            Answer::Replied => "replied",
            Answer::NoReply => "did not reply",
            Answer::Corrected => "corrected it",
            Answer::Disputed => "disputes it",
        }
    }
}

/// One answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub on: String,
    pub answer: Answer,
    /// Who answered, or was asked.
    pub party: Option<String>,
    pub text: Option<String>,
}

/// One publishable sentence over the findings it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub id: i64,
    pub sentence: String,
    /// The day it was signed off.
    pub signed: String,
    pub findings: Vec<Cited>,
    pub published: Option<Said>,
    pub withdrawn: Option<Said>,
    pub replies: Vec<Reply>,
}

impl Claim {
    /// Whether every finding under it is what it was when it was signed.
    pub fn stands(&self) -> bool {
        self.withdrawn.is_none() && self.findings.iter().all(|cited| cited.standing == Standing::Stands)
    }
}
