"""The texts of notices on what is said, on circles, and on what moderators decide."""

from models.words import N_

COMMUNITY: dict[str, str] = {
    # Dialogue.
    "asked": N_("%(name)s asks about %(title)s:"),
    "answered": N_("%(name)s answered you in %(title)s:"),
    "mentioned": N_("%(name)s mentions you in %(title)s:"),
    "commented": N_("%(name)s writes in %(title)s:"),
    "announced": N_("%(name)s writes to all who joined %(title)s:"),
    "announced-in-circle": N_("%(name)s writes to all members of %(title)s:"),
    "message-hidden": N_("The stewards of %(title)s have hidden what you wrote, because:"),
    # Circles, to those who come or came.
    "circle-invited": N_("%(name)s invites you to the circle %(title)s."),
    "circle-admitted": N_("You belong to the circle %(title)s now."),
    "circle-declined": N_("The stewards of %(title)s did not let you in."),
    "circle-declined-because": N_("The stewards of %(title)s did not let you in, because:"),
    "circle-removed": N_("The stewards of %(title)s have taken you out of it, because:"),
    "circle-role": N_("You are %(role)s of the circle %(title)s now."),
    "circle-rules": N_("The house rules of %(title)s have changed. Please read and agree."),
    "circle-archived": N_("The circle %(title)s has ended. It can still be read."),
    "circle-archived-because": N_("A moderator has ended the circle %(title)s, because:"),
    "circle-reopened": N_("The circle %(title)s goes on."),
    "circle-deal": N_("In the circle %(circle)s a group buy is open: %(title)s."),
    # Circles, to their stewards.
    "circle-asked": N_("%(name)s asks to be let into %(title)s."),
    "circle-joined": N_("%(name)s has joined %(title)s."),
    "circle-left": N_("%(name)s has left %(title)s."),
    # Cases.
    "case-reported": N_("Something was reported: %(title)s. Please look at it."),
    "report-received": N_(
        "Thank you. Your report on %(title)s was received; a moderator will look."
    ),
    "report-decided-nothing": N_("Your report on %(title)s was decided: it stays as it is."),
    "report-decided-hidden": N_("Your report on %(title)s was decided: the message was hidden."),
    "report-decided-paused": N_("Your report on %(title)s was decided: it was paused."),
    "report-lifted": N_("%(title)s, which you reported, was paused and goes on now."),
    "report-decided-cancelled": N_("Your report on %(title)s was decided: it was cancelled."),
    "report-decided-archived": N_("Your report on %(title)s was decided: the circle was ended."),
    "measure-hidden": N_("A moderator has hidden your message beside %(title)s."),
    "measure-paused": N_("A moderator has paused %(title)s."),
    "measure-cancelled": N_("A moderator has cancelled %(title)s."),
    "measure-archived": N_("A moderator has ended %(title)s."),
}
