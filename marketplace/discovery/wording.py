"""The words of discovery: categories, states and orders as people call them."""

from models.collaborations import Category, Kind
from models.words import N_
from services.discovery import Sort, Status

KINDS = {Kind.GROUP_BUY: N_("Group buy")}
CATEGORIES = {
    Category.FOOD: N_("Food and drink"),
    Category.HOUSEHOLD: N_("Household"),
    Category.GARDEN: N_("Garden and balcony"),
    Category.ENERGY: N_("Energy"),
    Category.TOOLS: N_("Tools"),
    Category.CLOTHING: N_("Clothing"),
    Category.CHILDREN: N_("Children"),
    Category.BOOKS: N_("Books and learning"),
    Category.SERVICES: N_("Services"),
    Category.OTHER: N_("Other things"),
}
STATUSES = {
    Status.OPEN: N_("Open: you can join"),
    Status.DECIDED: N_("Decided: on its way"),
    Status.COMPLETED: N_("Over"),
}
# The main parameters of the order, for whoever reads a list (Directive 2019/2161 Art. 3(4)(b)).
RANKING = {
    Sort.BEST: N_("First stands what has your words, in the title before other places."),
    Sort.DISTANCE: N_("First stands what is nearest to the place you named."),
    Sort.CLOSING: N_("First stands what closes soonest."),
    Sort.NEARLY: N_("First stands what lacks least; what has enough already is left out."),
    Sort.NEWEST: N_("First stands what opened last."),
}
SORTS = {
    Sort.BEST: N_("What fits best"),
    Sort.DISTANCE: N_("What is nearest"),
    Sort.CLOSING: N_("What closes soon"),
    Sort.NEARLY: N_("What is nearly there"),
    Sort.NEWEST: N_("What is new"),
}
