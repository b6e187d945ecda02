"""Group buying: many members commit to one offer; it happens for all or for none."""

from models.buying.articles import Article, PriceTier
from models.buying.clearings import Clearing
from models.buying.group_buy import GroupBuy
from models.buying.orders import Basket, GroupBuyCommitment, Line
from models.buying.pickup import PickupPoint
from models.buying.states import (
    NobodyTakesOver,
    NotEnoughUnits,
    NothingOrdered,
    Payee,
    PaymentMethod,
    PriceTooLow,
    ShortfallRule,
    Stage,
    WithdrawalNotPossible,
    WithdrawalPolicy,
)

__all__ = [
    "Article",
    "Basket",
    "Clearing",
    "GroupBuy",
    "GroupBuyCommitment",
    "Line",
    "NobodyTakesOver",
    "NotEnoughUnits",
    "NothingOrdered",
    "Payee",
    "PaymentMethod",
    "PickupPoint",
    "PriceTier",
    "PriceTooLow",
    "ShortfallRule",
    "Stage",
    "WithdrawalNotPossible",
    "WithdrawalPolicy",
]
