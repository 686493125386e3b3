//! Everything that can be done to an application, as a table: to the model, and to the portal.

use super::chance::Chance;
use super::model::{Attempt, Guardian, Model, Who, held_until};
use super::world::{CANARY, CAST, Subject, World, guardian};
use std::pin::Pin;
use std::sync::Arc;
use time::Duration;
use todoke::domain::correction::{AskedItem, CorrectionReason, Field};
use todoke::domain::review::ReopenEffect;
use todoke::domain::version::{Digest, Version};
use todoke::service::apply::Answer;
use todoke::service::correction::CorrectionRequest;
use todoke::service::session::SessionToken;
use todoke::service::sign::{Callback, ConfirmedGuardian, SigningOutcome, UploadOutcome};
use todoke::service::{Error, Once};
use todoke::store::cosign_invitations;

/// What is done on a way, and by whom.
pub(super) type Step = (&'static str, Who);

pub(super) const FROZEN: Step = ("freeze", Who::Applicant);
pub(super) const SIGNED: Step = ("sign", Who::Applicant);
/// Claimed by whoever may decide alone.
pub(super) const CLAIMED: Step = ("claim", Who::Staff(0));

/// One row of the table. A new transition is one line in [`ACTIONS`], one function here and one in the model.
pub(super) struct Action {
    pub(super) name: &'static str,
    /// How often it is drawn, beside the others.
    weight: u64,
    by: By,
    /// True if only the young come to where it can be done.
    pub(super) is_of_the_young: bool,
    /// True if the form carries a one-time key.
    pub(super) is_once: bool,
    /// A way to where somebody may do it.
    pub(super) way: &'static [Step],
    /// Whether the model lets it happen, and what becomes of it.
    pub(super) expected: fn(&mut Model, &Attempt) -> bool,
    carry_out: fn(Arc<World>, Subject, Planned) -> Doing,
}

type Doing = Pin<Box<dyn Future<Output = Told> + Send>>;

/// Who may be drawn for it.
enum By {
    Applicant,
    Guardian,
    AnyStaff,
    Timer,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Done,
    /// The same form had its effect before.
    Repeated,
    /// It did not happen, and somebody was told why.
    Refused(String),
    /// What nobody should ever be told.
    Broken(String),
}

/// An action with everything that was decided before it began.
#[derive(Clone)]
pub(super) struct Planned {
    pub(super) action: &'static Action,
    pub(super) who: Who,
    pub(super) seen: Option<Version>,
    pub(super) once: Once,
}

macro_rules! carried_out {
    ($name:ident) => {
        |world, subject, planned| Box::pin(async move { $name(&world, &subject, &planned).await })
    };
}

pub(super) const RETURNED: Step = ("return", Who::Staff(0));
pub(super) const ANSWERED: Step = ("answer", Who::Applicant);
pub(super) const DECLINED: Step = ("decline", Who::Staff(0));
/// Time goes by, until what is asked for is overdue.
pub(super) const LATER: Step = ("later", Who::Timer);
pub(super) const SWEPT: Step = ("sweep", Who::Timer);
/// So much time.
pub(super) const MUCH_LATER: Duration = Duration::days(16);
pub(super) const COSIGNED: Step = ("cosign", Who::Guardian);
/// The applicant has signed, the guardian has not.
const AWAITED: &[Step] = &[FROZEN, SIGNED];
const COSIGNED_ONCE: &[Step] = &[FROZEN, SIGNED, COSIGNED];
const AWAITED_LONG: &[Step] = &[FROZEN, SIGNED, LATER, SWEPT, LATER];
const CLAIMED_ONCE: &[Step] = &[FROZEN, SIGNED, CLAIMED];
const SENT_BACK: &[Step] = &[FROZEN, SIGNED, CLAIMED, RETURNED];
const REFUSED: &[Step] = &[FROZEN, SIGNED, CLAIMED, DECLINED];
/// Reminded of once, then over.
pub(super) const UNANSWERED: &[Step] = &[FROZEN, SIGNED, CLAIMED, RETURNED, LATER, SWEPT, LATER, SWEPT];

pub(super) static ACTIONS: &[Action] = &[
    action("save", 2, By::Applicant, false, &[], Model::save, carried_out!(save)),
    action("freeze", 4, By::Applicant, true, &[], Model::freeze, carried_out!(freeze)),
    action("sign", 5, By::Applicant, false, &[FROZEN], Model::sign, carried_out!(sign)),
    action("withdraw", 1, By::Applicant, true, &[FROZEN, SIGNED], Model::withdraw, carried_out!(withdraw)),
    young("cosign", 6, By::Guardian, false, AWAITED, Model::cosign, carried_out!(cosign)),
    young("refuse to cosign", 2, By::Guardian, false, AWAITED, Model::refuse_to_cosign, carried_out!(refuse_to_cosign)),
    young("wrong guardian", 1, By::Guardian, false, AWAITED, Model::wrong_guardian, carried_out!(wrong_guardian)),
    young("name guardian", 2, By::Applicant, true, AWAITED, Model::name_guardian, carried_out!(name_guardian)),
    young("withdraw young", 1, By::Applicant, true, AWAITED, Model::withdraw, carried_out!(withdraw)),
    young("review young", 2, By::AnyStaff, true, COSIGNED_ONCE, Model::claim, carried_out!(claim)),
    young("lapse young", 1, By::Timer, false, AWAITED_LONG, Model::sweep, carried_out!(sweep)),
    action("claim", 6, By::AnyStaff, true, &[FROZEN, SIGNED], Model::claim, carried_out!(claim)),
    action("take over", 2, By::AnyStaff, true, CLAIMED_ONCE, Model::take_over, carried_out!(take_over)),
    action("release", 2, By::AnyStaff, true, CLAIMED_ONCE, Model::release, carried_out!(release)),
    action("look", 2, By::AnyStaff, false, &[FROZEN, SIGNED], Model::look, carried_out!(look)),
    action("approve", 5, By::AnyStaff, true, CLAIMED_ONCE, Model::approve, carried_out!(approve)),
    action("decline", 3, By::AnyStaff, true, CLAIMED_ONCE, Model::decline, carried_out!(decline)),
    action("return", 4, By::AnyStaff, true, CLAIMED_ONCE, Model::send_back, carried_out!(send_back)),
    action("answer", 5, By::Applicant, true, SENT_BACK, Model::answer, carried_out!(answer)),
    action("hold", 2, By::AnyStaff, true, CLAIMED_ONCE, Model::hold, carried_out!(hold)),
    action("reopen", 3, By::AnyStaff, true, REFUSED, Model::reopen, carried_out!(reopen)),
    action("ask once more", 2, By::AnyStaff, true, UNANSWERED, Model::ask_once_more, carried_out!(ask_once_more)),
    action("sweep", 1, By::Timer, false, &[FROZEN, SIGNED], Model::sweep, carried_out!(sweep)),
];

const fn action(
    name: &'static str,
    weight: u64,
    by: By,
    is_once: bool,
    way: &'static [Step],
    expected: fn(&mut Model, &Attempt) -> bool,
    carry_out: fn(Arc<World>, Subject, Planned) -> Doing,
) -> Action {
    Action { name, weight, by, is_of_the_young: false, is_once, way, expected, carry_out }
}

/// The same of what only the young come to.
const fn young(
    name: &'static str,
    weight: u64,
    by: By,
    is_once: bool,
    way: &'static [Step],
    expected: fn(&mut Model, &Attempt) -> bool,
    carry_out: fn(Arc<World>, Subject, Planned) -> Doing,
) -> Action {
    Action { is_of_the_young: true, ..action(name, weight, by, is_once, way, expected, carry_out) }
}

impl Planned {
    /// Draws an action and whoever tries it, more often than not something that the model lets happen. What they
    /// have seen is the present version.
    pub(super) fn draw(chance: &mut Chance, world: &World, model: &Model, seen: Option<Version>) -> Self {
        let mut drawn = Self::draw_any(chance, world, model, seen);
        for _ in 0..chance.below(6) {
            if (drawn.action.expected)(&mut model.clone(), &drawn.attempt(world)) {
                break;
            }
            drawn = Self::draw_any(chance, world, model, seen);
        }
        drawn
    }

    fn draw_any(chance: &mut Chance, world: &World, model: &Model, seen: Option<Version>) -> Self {
        let mut actions =
            ACTIONS.iter().filter(|action| model.guardian != Guardian::Unneeded || !action.is_of_the_young);
        let mut drawn = chance.below(actions.clone().map(|action| action.weight).sum());
        let action = loop {
            let action = actions.next().expect("the weights sum up");
            match drawn.checked_sub(action.weight) {
                Some(rest) => drawn = rest,
                None => break action,
            }
        };
        Self::by_anybody(action, chance, world, seen)
    }

    fn by_anybody(action: &'static Action, chance: &mut Chance, world: &World, seen: Option<Version>) -> Self {
        let who = match action.by {
            By::Applicant => Who::Applicant,
            By::Guardian => Who::Guardian,
            By::AnyStaff => Who::Staff(chance.place(CAST.len())),
            By::Timer => Who::Timer,
        };
        Self { action, who, seen, once: world.once() }
    }

    /// This action by somebody whom the model lets do it.
    pub(super) fn wanted(
        action: &'static Action,
        chance: &mut Chance,
        world: &World,
        model: &Model,
        seen: Option<Version>,
    ) -> Self {
        let mut tries = (0..1000).map(|_| Self::by_anybody(action, chance, world, seen));
        let may = |drawn: &Self| (action.expected)(&mut model.clone(), &drawn.attempt(world));
        tries.find(may).unwrap_or_else(|| panic!("the way leads nobody to {}: {model:#?}", action.name))
    }

    /// The action of this name.
    pub(super) fn named(name: &str, who: Who, world: &World, seen: Option<Version>) -> Self {
        let action = ACTIONS.iter().find(|action| action.name == name).expect("an action of the table");
        Self { action, who, seen, once: world.once() }
    }

    pub(super) fn attempt(&self, world: &World) -> Attempt {
        Attempt { who: self.who, seen: self.seen.map(|version| version.number), now: world.now() }
    }

    pub(super) async fn carry_out(self, world: &Arc<World>, subject: &Subject) -> Told {
        (self.action.carry_out)(Arc::clone(world), subject.clone(), self).await
    }

    /// What a page would name that has seen nothing.
    fn seen(&self) -> Version {
        self.seen.unwrap_or(Version { number: 1, digest: Digest::from_bytes([0; 32]) })
    }
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {:?} on {:?}", self.action.name, self.who, self.seen.map(|version| version.number))
    }
}

impl<T> From<Result<T, Error>> for Told {
    fn from(outcome: Result<T, Error>) -> Self {
        match outcome {
            Ok(_) => Self::Done,
            Err(Error::Repeated { .. }) => Self::Repeated,
            // A decision that was overtaken says so; these are faults of ours.
            Err(error @ (Error::Store(_) | Error::Internal(_) | Error::Document(_) | Error::KeyReused)) => {
                Self::Broken(format!("{error:?}"))
            }
            Err(error) => Self::Refused(format!("{error:?}")),
        }
    }
}

async fn save(world: &World, subject: &Subject, _: &Planned) -> Told {
    let answer =
        if subject.is_young { Answer::Cosigner(guardian()) } else { Answer::Contact(None, "jonai".parse().unwrap()) };
    world.portal.answer(&world.library, subject.id, answer).await.into()
}

async fn freeze(world: &World, subject: &Subject, planned: &Planned) -> Told {
    world.portal.freeze(&world.library, subject.id, world.consent(), &planned.once).await.into()
}

async fn sign(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let document = match world.portal.frozen_document(&world.library, subject.id).await {
        Ok(document) => document,
        Err(error) => return Err::<(), _>(error).into(),
    };
    let cms = world.sign(subject, &document);
    let seen = planned.seen().number;
    match world.portal.submit_upload(&world.library, &subject.token, subject.id, seen, cms).await {
        Ok(UploadOutcome::Submitted) => {
            // The code on the receipt, which a withdrawal asks for.
            if let Ok(receipt) = world.portal.receipt(&world.library, &subject.token, subject.id).await {
                let _ = subject.code.set(receipt.collection_code);
            }
            Told::Done
        }
        Ok(other) => Told::Refused(format!("{other:?}")),
        Err(error) => Err::<(), _>(error).into(),
    }
}

async fn withdraw(world: &World, subject: &Subject, planned: &Planned) -> Told {
    world.portal.withdraw(&world.library, subject.id, subject.code.get(), &planned.once).await.into()
}

/// The browser in which a guardian has typed the code that stands on the applicant's screen.
async fn confirmed(world: &World, subject: &Subject) -> Result<ConfirmedGuardian, Error> {
    let mut tx = world.portal.db.read().await?;
    let invitation = cosign_invitations::find_newest(&mut tx, subject.id).await?.ok_or(Error::InvitationVoid)?;
    let secrets = cosign_invitations::open_secrets(&mut tx, &invitation).await?;
    drop(tx);
    world.portal.confirm_guardian(&SessionToken::random(), &secrets.token, &secrets.code).await
}

async fn cosigned(world: &World, subject: &Subject) -> Result<SigningOutcome, Error> {
    let guardian = confirmed(world, subject).await?;
    let address = world.portal.begin_cosigning(&guardian.token, guardian.id).await?;
    let (state, code) = world.sign_as_guardian(&address).await;
    world.portal.complete_cosigning(&world.library, &guardian.token, &state, Callback::Code(code)).await
}

async fn cosign(world: &World, subject: &Subject, _: &Planned) -> Told {
    match cosigned(world, subject).await {
        Ok(SigningOutcome::Submitted) => Told::Done,
        Ok(problem) => Told::Refused(format!("{problem:?}")),
        Err(error) => Err::<(), _>(error).into(),
    }
}

async fn refuse_to_cosign(world: &World, subject: &Subject, _: &Planned) -> Told {
    match confirmed(world, subject).await {
        Ok(guardian) => world.portal.decline_cosigning(&guardian.token, guardian.id).await.into(),
        Err(error) => Err::<(), _>(error).into(),
    }
}

async fn wrong_guardian(world: &World, subject: &Subject, _: &Planned) -> Told {
    let found = async {
        let mut tx = world.portal.db.read().await?;
        let invitation = cosign_invitations::find_newest(&mut tx, subject.id).await?.ok_or(Error::InvitationVoid)?;
        Ok::<_, Error>(cosign_invitations::open_secrets(&mut tx, &invitation).await?.token)
    };
    match found.await {
        Ok(token) => world.portal.refuse_invitation(&token).await.into(),
        Err(error) => Err::<(), _>(error).into(),
    }
}

async fn name_guardian(world: &World, subject: &Subject, planned: &Planned) -> Told {
    world.portal.name_guardian(&world.library, subject.id, guardian(), &planned.once).await.into()
}

fn member<'a>(world: &'a World, planned: &Planned) -> &'a todoke::domain::staff::StaffMember {
    let Who::Staff(place) = planned.who else { panic!("nobody of the staff") };
    &world.staff[place]
}

async fn claim(world: &World, subject: &Subject, planned: &Planned) -> Told {
    world.portal.claim(member(world, planned), &subject.reference, &planned.once).await.into()
}

async fn take_over(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let reason = format!("{CANARY}の理由").parse().unwrap();
    world.portal.take_over(member(world, planned), &subject.reference, reason, &planned.once).await.into()
}

async fn release(world: &World, subject: &Subject, planned: &Planned) -> Told {
    world.portal.release(member(world, planned), &subject.reference, &planned.once).await.into()
}

async fn look(world: &World, subject: &Subject, planned: &Planned) -> Told {
    world.portal.open_file(member(world, planned), &subject.reference).await.into()
}

async fn send_back(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let by = member(world, planned);
    let text = format!("{CANARY}の番号が足りません").parse().unwrap();
    let items = vec![AskedItem { field: Field::Contact, reason: CorrectionReason::Incomplete, text }];
    let request = CorrectionRequest { text: None, items };
    let (seen, reference) = (planned.seen(), &subject.reference);
    world.portal.return_for_correction(&world.library, by, reference, seen, request, &planned.once).await.into()
}

async fn answer(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let answer = Some(format!("{CANARY}の番号はありません").parse().unwrap());
    let (portal, library) = (&world.portal, &world.library);
    portal.answer_correction(library, subject.id, Field::Contact, answer, &planned.once).await.into()
}

async fn hold(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let by = member(world, planned);
    let until = (held_until(world.now()), format!("{CANARY}の理由").parse().unwrap());
    world.portal.hold(&world.library, by, &subject.reference, until, &planned.once).await.into()
}

async fn reopen(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let by = member(world, planned);
    let effect = (ReopenEffect::WithdrawPassword, format!("{CANARY}の理由").parse().unwrap());
    world.portal.reopen(&world.library, by, &subject.reference, effect, &planned.once).await.into()
}

async fn ask_once_more(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let by = member(world, planned);
    let reason = format!("{CANARY}の理由").parse().unwrap();
    world.portal.ask_once_more(&world.library, by, &subject.reference, reason, &planned.once).await.into()
}

async fn approve(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let by = member(world, planned);
    world.portal.approve(&world.library, by, &subject.reference, planned.seen(), &planned.once).await.into()
}

async fn decline(world: &World, subject: &Subject, planned: &Planned) -> Told {
    let by = member(world, planned);
    let reason = format!("{CANARY}の理由").parse().unwrap();
    world.portal.decline(&world.library, by, &subject.reference, planned.seen(), reason, &planned.once).await.into()
}

async fn sweep(world: &World, _: &Subject, _: &Planned) -> Told {
    // The courier comes right after the timer, as it does every few seconds.
    match world.portal.sweep().await {
        Ok(()) => world.portal.deliver_mail().await.into(),
        Err(error) => Err::<(), _>(error).into(),
    }
}
