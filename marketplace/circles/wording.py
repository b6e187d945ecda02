"""The words of circles: what they are for, who sees them, who runs them, how far they have come."""

from models.circles import Admission, CircleKind, CircleRole, CircleVisibility, Phase
from models.words import N_
from services.circles import CircleOrder

KINDS = {
    CircleKind.BUYING: N_("Buying together"),
    CircleKind.NEIGHBOURHOOD: N_("Neighbourhood"),
    CircleKind.CUSTOMERS: N_("Customers of a company"),
    CircleKind.TEAM: N_("A team for one thing"),
}
VISIBILITIES = {
    CircleVisibility.PUBLIC: (
        N_("Everyone can read it"),
        N_("The thread, the members and what you do together are open to all."),
    ),
    CircleVisibility.LISTED: (
        N_("Everyone knows of it, members read it"),
        N_("Its name, purpose and rules are open to all; what is inside is not."),
    ),
    CircleVisibility.PRIVATE: (
        N_("Nobody else knows of it"),
        N_("Only members and those you invite learn that it is there."),
    ),
}
ADMISSIONS = {
    Admission.FREE: (N_("Everyone who wants to"), N_("Whoever presses the button is in.")),
    Admission.REQUEST: (
        N_("Whoever asks, and the stewards let in"),
        N_("They answer a question of yours first."),
    ),
    Admission.INVITATION: (
        N_("Only who is invited"),
        N_("By the link of a member, or by name."),
    ),
}
HOW_IN = {
    Admission.FREE: N_("Open to everyone"),
    Admission.REQUEST: N_("You ask to be let in"),
    Admission.INVITATION: N_("By invitation"),
}
SHORT_VISIBILITIES = {
    CircleVisibility.PUBLIC: N_("Public"),
    CircleVisibility.LISTED: N_("Closed to others"),
    CircleVisibility.PRIVATE: N_("Hidden from others"),
}
ROLES = {
    CircleRole.STEWARD: N_("Steward"),
    CircleRole.TREASURER: N_("Treasurer"),
    CircleRole.MEMBER: N_("Member"),
}
RANKING = {
    CircleOrder.BEST: N_("What fits your words best comes first."),
    CircleOrder.DISTANCE: N_("The nearest come first."),
    CircleOrder.NEWEST: N_("The newest come first."),
}
# Each phase: its name, what it takes to reach it, and what stewards can do for the next to follow.
PHASES = {
    Phase.INTEREST: (
        N_("Interest"),
        N_("They have joined."),
        N_("Share the link, hang up the poster, and ask members to bring one more."),
    ),
    Phase.DIALOGUE: (
        N_("Dialogue"),
        N_("They have said something."),
        N_("Ask a question in the thread that everyone can answer, and greet whoever is new."),
    ),
    Phase.BONDING: (
        N_("Bonding"),
        N_("They have joined something that others do too."),
        N_("Begin something small that many need, and ask those who have talked to join it."),
    ),
    Phase.ACHIEVEMENT: (
        N_("Achievement"),
        N_("They have brought something to a good end with others."),
        N_("See one thing through to its end, and tell the others how it went."),
    ),
    Phase.OPINION_LEADER: (
        N_("Opinion leaders"),
        N_("They have brought others in, or run something to its end."),
        N_("Thank those who bring others in, and ask them to run the next thing, or the circle."),
    ),
}
HISTORY = {
    "CircleFounded": N_("%(name)s founded the circle."),
    "CircleEdited": N_("%(name)s changed what the circle is, or who comes in."),
    "CircleArchived": N_("The circle ended."),
    "CircleReopened": N_("The circle goes on."),
    "HouseRulesChanged": N_("%(name)s wrote other house rules."),
    "CircleRoleGiven": N_("%(name)s has another role: %(role)s."),
    "CircleMemberRemoved": N_("%(name)s was taken out by the stewards."),
}
