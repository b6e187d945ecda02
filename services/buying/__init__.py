"""What can be done with a group buy, from the first wish to the settled account.

Its modules, in the order of its life:

- before it opens: `describing`, `drafting`, `revising`, `copying`, `inviting`, `consenting`,
  `opening`;
- what is looked at: `reading`, `outlining`, `listing`, `ladders`, `standing`, `own_part`,
  `agreeing`;
- ordering: `orders`, `baskets`, `usual`, `previewing`, `stock`, `ordering`, `changing`, `waiting`,
  `guests`, `expiring`, `self_dealing`;
- changes on the way: `amending`, `differences`, `rescheduling`, `steering`, `stopping`;
- the decision: `closing`, `outcomes`, `collecting`, `clearing_again`, `shortfalls`;
- the goods: `order_sheets`, `delivering`, `weighing`, `weights_table`, `handing_over`, `held_back`;
- the end: `settling`, `books`, `cash_back`, `vat`;
- for those who organise: `desk`, `roll`, `organised_by`, `sheets`;
- for all of them: `finding` the group buy with its lock, and `happened`, the events.

What this package itself offers are the acts and readings that other features and several doors
need; a door that needs one step alone imports its module.
"""

from services.buying.baskets import (
    MOST_LINES,
    TooManyArticles,
    empty,
    forget_basket,
    gather,
    gathered,
    goods_at_most,
)
from services.buying.books import Accounts, accounts
from services.buying.changing import change, withdraw
from services.buying.closing import close, due_to_close
from services.buying.consenting import publish
from services.buying.copying import copy
from services.buying.delivering import deliver, mark_ordered, ordered_articles
from services.buying.describing import Description, Draft, NewArticle, NewPickupPoint
from services.buying.drafting import (
    add_articles,
    add_pickup_point,
    change_article,
    describe,
    draft,
    remove_articles,
    remove_pickup_point,
)
from services.buying.finding import (
    articles,
    commitment,
    commitment_in,
    commitments,
    find,
    locked,
    organised,
    pickup_points,
)
from services.buying.handing_over import (
    begin_hand_over,
    complete,
    hand_over,
    mark_packed,
    undo_hand_over,
)
from services.buying.ladders import Ladder, Place, base_price, ladder, rungs, rungs_of
from services.buying.listing import articles_page, categories, place_in_list
from services.buying.opening import begin, due_to_begin
from services.buying.ordering import join, to_join
from services.buying.orders import Order, PickupNeeded, Wanted, guard_buyer
from services.buying.outlining import Outline, fill_in, outline_of
from services.buying.own_part import Mine, mine, mine_of, own
from services.buying.previewing import (
    Preview,
    TermsMoved,
    guard_terms,
    guard_the_buyer,
    guard_the_order,
    preview,
)
from services.buying.reading import (
    clearing,
    clearings,
    guard_accounts,
    history,
    is_theirs,
    page_of,
    shown_article,
    shown_articles,
    why_cancelled,
    why_paused,
)
from services.buying.settling import settle
from services.buying.standing import standing_of
from services.buying.steering import cancel, pause, resume
from services.buying.stock import Dealt, Stock
from services.buying.stopping import end_pause, paused_too_long
from services.buying.usual import (
    Filled,
    Usual,
    fill,
    forget_usual,
    has_usual,
    keep_as_usual,
    usual,
)
from services.buying.weighing import make_final, weigh

__all__ = [
    "MOST_LINES",
    "Accounts",
    "Dealt",
    "Description",
    "Draft",
    "Filled",
    "Ladder",
    "Mine",
    "NewArticle",
    "NewPickupPoint",
    "Order",
    "Outline",
    "PickupNeeded",
    "Place",
    "Preview",
    "Stock",
    "TermsMoved",
    "TooManyArticles",
    "Usual",
    "Wanted",
    "accounts",
    "add_articles",
    "add_pickup_point",
    "articles",
    "articles_page",
    "base_price",
    "begin",
    "begin_hand_over",
    "cancel",
    "categories",
    "change",
    "change_article",
    "clearing",
    "clearings",
    "close",
    "commitment",
    "commitment_in",
    "commitments",
    "complete",
    "copy",
    "deliver",
    "describe",
    "draft",
    "due_to_begin",
    "due_to_close",
    "empty",
    "end_pause",
    "fill",
    "fill_in",
    "find",
    "forget_basket",
    "forget_usual",
    "gather",
    "gathered",
    "goods_at_most",
    "guard_accounts",
    "guard_buyer",
    "guard_terms",
    "guard_the_buyer",
    "guard_the_order",
    "hand_over",
    "has_usual",
    "history",
    "is_theirs",
    "join",
    "keep_as_usual",
    "ladder",
    "locked",
    "make_final",
    "mark_ordered",
    "mark_packed",
    "mine",
    "mine_of",
    "ordered_articles",
    "organised",
    "outline_of",
    "own",
    "page_of",
    "pause",
    "paused_too_long",
    "pickup_points",
    "place_in_list",
    "preview",
    "publish",
    "remove_articles",
    "remove_pickup_point",
    "resume",
    "rungs",
    "rungs_of",
    "settle",
    "shown_article",
    "shown_articles",
    "standing_of",
    "to_join",
    "undo_hand_over",
    "usual",
    "weigh",
    "why_cancelled",
    "why_paused",
    "withdraw",
]
