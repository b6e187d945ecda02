"""How states, grounds, targets and measures of cases are called on pages."""

from models.disputes import CaseState, Ground, Measure, Target
from models.words import N_

GROUNDS = {
    Ground.FRAUD: N_("Fraud: someone wants to deceive others"),
    Ground.ILLEGAL: N_("Unlawful goods or content"),
    Ground.OFFENSIVE: N_("Insult, hate or threat"),
    Ground.MISLEADING: N_("Misleading or wrong"),
    Ground.SPAM: N_("Advertising that does not belong here"),
    Ground.OTHER: N_("Something else"),
}
STATES = {
    CaseState.REPORTED: N_("reported"),
    CaseState.TAKEN_UP: N_("taken up"),
    CaseState.DECIDED: N_("decided"),
}
TARGETS = {
    Target.COLLABORATION: N_("Group buy"),
    Target.MESSAGE: N_("Message"),
    Target.PARTICIPANT: N_("Profile"),
    Target.CIRCLE: N_("Circle"),
}
MEASURES = {
    Measure.NOTHING: N_("It stays as it is"),
    Measure.HIDDEN: N_("Hide the message"),
    Measure.PAUSED: N_("Pause the group buy"),
    Measure.CANCELLED: N_("Cancel the group buy"),
    Measure.ARCHIVED: N_("End the circle"),
}
DECIDED = {
    Measure.NOTHING: N_("It stays as it is"),
    Measure.HIDDEN: N_("The message was hidden"),
    Measure.PAUSED: N_("The group buy was paused"),
    Measure.CANCELLED: N_("The group buy was cancelled"),
    Measure.ARCHIVED: N_("The circle was ended"),
}
