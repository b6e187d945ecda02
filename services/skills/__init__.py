"""Skills: the words people have for what they can do, found in a sentence of any language."""

from services.skills.adding import add
from services.skills.detecting import detect
from services.skills.finding import named, related, suggest
from services.skills.loading import SkillRow, are_loaded, load, read_seed

__all__ = [
    "SkillRow",
    "add",
    "are_loaded",
    "detect",
    "load",
    "named",
    "read_seed",
    "related",
    "suggest",
]
