"""The columns in which a deal, or the schedule of later deals, declares what the instance keeps."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.rules import PayoutTerms


class DeclaresPayoutTerms:
    """Says what the instance keeps of card payments; nothing while nobody said otherwise."""

    fee_basis_points: Mapped[int] = mapped_column(default=0, server_default="0")
    reserve_basis_points: Mapped[int] = mapped_column(default=0, server_default="0")
    reserve_days: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def payout_terms(self) -> PayoutTerms:
        return PayoutTerms(self.fee_basis_points, self.reserve_basis_points, self.reserve_days)

    @payout_terms.setter
    def payout_terms(self, terms: PayoutTerms) -> None:
        self.fee_basis_points = terms.fee_basis_points
        self.reserve_basis_points = terms.reserve_basis_points
        self.reserve_days = terms.reserve_days


def bounded_payout_terms() -> CheckConstraint:
    """The promise of every table that declares them."""
    return CheckConstraint(
        "fee_basis_points BETWEEN 0 AND 5000 AND reserve_basis_points BETWEEN 0 AND 10000 "
        "AND reserve_days BETWEEN 0 AND 180",
        name="payout_terms_are_bounded",
    )
