"""What it takes to lock a group buy, whose row lies in two tables."""

from models.buying import GroupBuy

# A row that was waited for is read anew in the tables that are named, and in no other: with one
# of the two alone, what the act before changed in the other would be decided on as it was.
WHOLE_ROW = (GroupBuy.__mapper__.base_mapper.local_table, GroupBuy.__table__)
